/* Single keys for the hands that never leave the keyboard. Off while something takes text, and off by a setting. */
import { effect, html, signal, useEffect, useRef } from "./lib.js";
import { callFrom } from "./call.js";
import { begin } from "./case-state.js";
import { resolve } from "./closing.js";
import * as drafts from "./drafts.js";
import * as focus from "./focus.js";
import * as list from "./list-state.js";
import { step } from "./list.js";
import { go } from "./place.js";
import { shortcuts } from "./settings.js";
import { act, openId, row, standing } from "./thread-state.js";
import { t } from "./words.js";

export const helpShown = signal(false);

const compose = (which) => {
  const conv = openId.peek();
  if (conv === null) return;
  if (which === "note") drafts.choose(conv, "note");
  else if (drafts.way(conv) === "note") drafts.forget(conv);
  requestAnimationFrame(focus.composer);
};

const KEYS = {
  // First the step: taking the keyboard, the list would choose its first row by itself.
  j: () => { step(1); focus.list(); },
  k: () => { step(-1); focus.list(); },
  Enter: () => list.cursor.peek() !== null && go(list.cursor.peek()),
  r: () => compose("reply"),
  n: () => compose("note"),
  c: () => callFrom(openId.peek() === null ? null : row.peek()),
  t: () => openId.peek() !== null && row.peek() && begin(row.peek()),
  a: () => (standing.peek() === "free" || standing.peek() === "bot") && act("claim"),
  e: () => ["mine", "free", "bot"].includes(standing.peek()) && resolve(),
  Escape: () => focus.list() || go(null),
  "?": () => { helpShown.value = true; },
};

export function listen() {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && event.target.id === "compose") {
      event.target.blur();
      focus.list();
      return;
    }
    if (!shortcuts.peek() || event.ctrlKey || event.metaKey || event.altKey || focus.takesText(event.target)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    // Enter belongs to whatever button or link has the keyboard.
    if (key === "Enter" && event.target !== document.body) return;
    const run = KEYS[key];
    if (!run) return;
    event.preventDefault();
    run();
  });
}

const HELP = [["J", "K"], ["Enter"], ["R"], ["N"], ["C"], ["T"], ["A"], ["E"], ["Esc"], ["?"]];

export function Help() {
  const dialog = useRef(null);
  useEffect(() => effect(() => { if (helpShown.value) dialog.current?.showModal(); }), []);
  return html`<dialog class="dialog" ref=${dialog} aria-labelledby="help-title" onClose=${() => { helpShown.value = false; }}
    onClick=${(event) => event.target === dialog.current && dialog.current.close()}>
    <div class="dialog-body">
      <h2 id="help-title">${t("help.title")}</h2>
      <dl class="keys">${HELP.map((keys) => html`<div><dt>${keys.map((key) => html`<kbd>${key}</kbd>`)}</dt>
        <dd>${t(`help.${keys[0] === "?" ? "question" : keys[0].toLowerCase()}`)}</dd></div>`)}</dl>
      <p class="who-sub">${t("help.off")}</p>
      <div class="dialog-foot"><button class="button primary" onClick=${() => dialog.current.close()}>${t("action.close")}</button></div>
    </div>
  </dialog>`;
}
