/* Over and under the field where a letter is answered: whom it goes to, under which subject, and how it is signed. */
import { html } from "./lib.js";
import { Icon } from "./icons.js";
import { People } from "./letter.js";
import { people } from "./letter-state.js";
import { reason } from "./reasons.js";
import { thread } from "./thread-state.js";
import { t } from "./words.js";

const answer = () => thread.value?.detail?.answer ?? {};

export function AnswerHead() {
  const { to, cc, subject, problem } = answer();
  if (problem) return html`<p class="answer-problem" id="answer-head"><${Icon} name="alert" />${reason(problem)}</p>`;
  return to?.length ? html`<dl class="answer-head" id="answer-head">
    <${People} name="to" list=${people(to)} />
    <${People} name="cc" list=${people(cc)} />
    <div><dt>${t("letter.subject")}</dt><dd>${subject}</dd></div>
  </dl>` : null;
}

/** The letter's end is written by the server; here it is only told. */
export function Signature() {
  const { signature } = answer();
  return signature?.length ? html`<p class="signature">${t("composer.signature", { lines: signature.join(" · ") })}</p>` : null;
}
