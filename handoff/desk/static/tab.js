/* The browser's tab: its title and its mark tell, also while another one is before the agent, that somebody calls, and
   that somebody is in danger whom nobody has taken. Drawn here: nothing is fetched. */
import { effect } from "./lib.js";
import { alerts } from "./alerts.js";
import { calling } from "./list-state.js";
import { t } from "./words.js";

const DANGER = '<rect width="32" height="32" rx="9" fill="#c81e2b"/><path d="M13.6 6h4.8l-.8 12.5h-3.2Z" fill="#fff"/><circle cx="16" cy="23.6" r="2.7" fill="#fff"/>';
const BUBBLE = '<rect width="32" height="32" rx="9" fill="#2456d3"/><path d="M9 9.5h14a2.5 2.5 0 0 1 2.5 2.5v7a2.5 2.5 0 0 1-2.5 2.5h-6.2L12 25.4v-3.9H9A2.5 2.5 0 0 1 6.5 19v-7A2.5 2.5 0 0 1 9 9.5Z" fill="#fff"/>';

/** In 16 pixels no more than one figure can be read. */
const badge = (n) => `<circle cx="22" cy="22" r="10" fill="#d4530c" stroke="#fff" stroke-width="1.5"/><text x="22" y="27.2" text-anchor="middle" font-family="Arial,sans-serif" font-weight="700" font-size="${n > 9 ? 11 : 15}" fill="#fff">${n > 9 ? "9+" : n}</text>`;

const drawn = (inside) => `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${inside}</svg>`)}`;

/** Follows what is open for as long as the page lives. */
export function follow() {
  const icon = document.querySelector('link[rel="icon"]');
  const calm = icon.href;
  effect(() => {
    const n = calling.value;
    const grave = alerts.value.length;
    document.title = `${grave ? `❗${grave} ` : ""}${n ? `(${n}) ` : ""}${t("desk.title")}`;
    const href = grave ? drawn(DANGER) : n ? drawn(BUBBLE + badge(n)) : calm;
    if (icon.href !== href) icon.href = href;
  });
}
