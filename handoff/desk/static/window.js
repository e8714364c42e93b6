/* The reply window: how many messages may still go out and until when, as the network of the conversation has it. */
import { html } from "./lib.js";
import { Icon } from "./icons.js";
import { now, rows } from "./list-state.js";
import { row, thread } from "./thread-state.js";
import { remaining, t } from "./words.js";

const SOON = 2 * 60 * 60 * 1000;

/** none | gone | over | spent | soon | open, or null where there is no such limit. */
function standing(window, at) {
  if (!window || window.by === "open") return null;
  if (window.by === "none") return "none";
  if (window.by === "unfollow") return "gone";
  const left = new Date(window.until) - at;
  if (left <= 0) return "over";
  if (window.left === 0) return "spent";
  return left < SOON ? "soon" : "open";
}

const SHUT = new Set(["none", "gone", "over", "spent"]);

/** The private conversation beside this public one: its row tells at once what has been sent, the detail when it was loaded. */
function beside() {
  const about = thread.value?.detail?.aside;
  return rows.value.get(about?.conversation) ?? about;
}

/** Above the field: what may still be sent, or that what is written now waits. `aside`: in the private conversation
    beside this public one. */
export function WindowLine({ aside }) {
  const { window, parked = 0 } = (aside ? beside() : row.value) ?? {};
  const at = now();
  const how = standing(window, at);
  if (!how) return null;
  const shut = SHUT.has(how);
  const tight = how === "soon" || window.left === 1;
  return html`<p class=${`window ${shut ? "shut" : tight ? "tight" : ""}`} id="reply-window">
    <${Icon} name="clock" size=${14} /><span>${shut ? t(`window.${how}`) : words(window, remaining(window.until, at))}${aside && parked ? ` ${t("row.parked", { n: parked })}` : ""}</span>
  </p>`;
}

function words(window, time) {
  if (window.left === null) return t("window.time", { time });
  return window.left === 1 && window.granted > 1 ? t("window.last", { time }) : t("window.left", { n: window.left, time });
}

/** In the list: only where the window is about to close, or what was written waits behind it. */
export function WindowChip({ about }) {
  const at = now();
  const how = standing(about.window, at);
  if (about.parked) return html`<span class="chip soon"><${Icon} name="clock" size=${13} />${t("row.parked", { n: about.parked })}</span>`;
  if (about.status !== "open" || !how || how === "open") return null;
  return html`<span class=${`chip ${how === "soon" ? "soon" : ""}`}>
    <${Icon} name="clock" size=${13} />${t(`row.window_${how}`, { time: how === "soon" ? remaining(about.window.until, at) : "" })}</span>`;
}
