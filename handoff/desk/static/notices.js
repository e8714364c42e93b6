/* Short words to the agent: a toast he sees, a line his screen reader says, the number in the tab's title. */
import { signal } from "./lib.js";

/** {id, text, kind, undo, label} or null. `undo`: what its button does, `label` says instead of "undo". */
export const notice = signal(null);
/** What the polite live region says. */
export const spoken = signal("");

let noticeTimer = 0;
let spokenTimer = 0;
let count = 0;

export function toast(text, { kind = "done", undo = null, label = "" } = {}) {
  clearTimeout(noticeTimer);
  notice.value = { id: (count += 1), text, kind, undo, label };
  noticeTimer = setTimeout(dismiss, label ? 30000 : undo || kind === "error" ? 8000 : 4000); // an offer waits longer
}

export function dismiss() {
  notice.value = null;
}

/** Said once; gone after a while, so that nobody finds it when reading the page. */
export function announce(text) {
  clearTimeout(spokenTimer);
  spoken.value = text.slice(0, 300);
  spokenTimer = setTimeout(() => { spoken.value = ""; }, 5000);
}
