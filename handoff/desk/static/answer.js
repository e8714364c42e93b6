/* Over and under the field where a letter is answered: whom it goes to, under which subject, and how it is signed. */
import { html } from "./lib.js";
import { People } from "./letter.js";
import { people } from "./letter-state.js";
import { me } from "./list-state.js";
import { thread } from "./thread-state.js";
import { t } from "./words.js";

export function AnswerHead() {
  const answer = thread.value?.detail?.answer;
  if (!answer) return null;
  return html`<dl class="answer-head" id="answer-head">
    <${People} name="to" list=${people(answer.to)} />
    <${People} name="cc" list=${people(answer.cc)} />
    ${answer.subject ? html`<div><dt>${t("letter.subject")}</dt><dd>${answer.subject}</dd></div>` : null}
  </dl>`;
}

/** The letter's end is written by the server; here it is only told. */
export function Signature() {
  const it = me.value;
  return it ? html`<p class="signature">${t(it.number ? "composer.signature" : "composer.signature_plain", { name: it.name, number: it.number })}</p>` : null;
}
