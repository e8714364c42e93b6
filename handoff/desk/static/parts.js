/* Small pieces that several panes show. */
import { html } from "./lib.js";
import { Icon } from "./icons.js";
import { known, lasting, t } from "./words.js";
import { now } from "./list-state.js";

/** The first letter of a name in a quiet colour that stays the same for the same customer. */
export function Avatar({ name, seed = 0, size = "" }) {
  const letter = [...(name || "").trim()][0]?.toUpperCase();
  return html`<span class=${`avatar tint-${Math.abs(seed) % 6} ${size}`} aria-hidden="true">
    ${letter ?? html`<${Icon} name="user" size=${size === "large" ? 24 : 18} />`}
  </span>`;
}

/** Ticks by itself. Amber from five minutes on, red from fifteen; the words say it too. */
export function Waiting({ since }) {
  const at = now();
  const minutes = (at - new Date(since)) / 60000;
  const mood = minutes >= 15 ? "late" : minutes >= 5 ? "soon" : "";
  return html`<span class=${`chip wait ${mood}`}>
    <${Icon} name="clock" size=${13} />${t("row.waiting", { time: lasting(since, at) })}
  </span>`;
}

/** The server names what has no words by its kind: [image]. */
const preview = (text) => text.replace(/^\[([a-z]+)\]$/, (whole, kind) => `[${known(`kind.${kind}`, kind)}]`) || t("kind.other");

const PREFIX = { agent: "prefix.agent", note: "prefix.note", bot: "prefix.bot" };

/** What was said last, and by whom of ours. */
export const Last = ({ row }) => html`${row.last.author in PREFIX ? html`<span class="prefix">${t(PREFIX[row.last.author])}</span>` : null}${preview(row.last.text)}`;

export const Spinner = ({ label }) => html`<p class="spinner" role="status"><span aria-hidden="true"></span>${label}</p>`;

/** What a pane says when it has nothing to show, and what can be done about it. */
export const Empty = ({ icon, title, text, children }) => html`<div class="empty">
  <span class="empty-mark" aria-hidden="true"><${Icon} name=${icon} size=${26} /></span>
  <p class="empty-title">${title}</p>
  ${text ? html`<p class="empty-text">${text}</p>` : null}
  ${children}
</div>`;

const LINK = /https?:\/\/[^\s<>"'，。！？、；：）】》]+/g;

/** Plain text with its addresses as links; never HTML. */
export function linked(text) {
  const parts = [];
  let at = 0;
  for (const found of text.matchAll(LINK)) {
    const url = found[0].replace(/[.,!?;:)\]]+$/, "");
    if (found.index > at) parts.push(text.slice(at, found.index));
    parts.push(html`<a href=${url} target="_blank" rel="noopener noreferrer nofollow">${url}</a>`);
    at = found.index + url.length;
  }
  parts.push(text.slice(at));
  return parts;
}
