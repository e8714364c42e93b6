/* Why the bot said something: its rule, what it understood, and the words of the customer's that decided. */
import { effect, html, signal, useEffect, useRef } from "./lib.js";
import { ApiError, get } from "./api.js";
import { Icon } from "./icons.js";
import { Spinner } from "./parts.js";
import { exactly, language, t } from "./words.js";

/** {conv, seq, state: loading | ready | failed, told} or null where nobody asks. */
const asked = signal(null);

export const WhyButton = ({ conv, seq }) => html`<button class="why-ask" title=${t("why.ask_hint")} aria-haspopup="dialog"
  onClick=${() => ask(conv, seq)}><${Icon} name="question" size=${13} />${t("why.ask")}</button>`;

/** `seq` null: why the conversation is held to be what it is. */
export async function ask(conv, seq) {
  const mine = { conv, seq, state: "loading", told: null };
  asked.value = mine;
  const settle = (patch) => { if (asked.peek() === mine) asked.value = { ...mine, ...patch }; };
  try {
    settle({ state: "ready", told: await get(`/conversations/${conv}/${seq === null ? "judgement" : `why/${seq}`}?lang=${language.peek()}`) });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    settle({ state: "failed" });
  }
}

export function WhyDialog() {
  const dialog = useRef(null);
  useEffect(() => effect(() => { if (asked.value && !dialog.current?.open) dialog.current?.showModal(); }), []);
  const it = asked.value;
  return html`<dialog class="dialog why-dialog" ref=${dialog} aria-labelledby="why-title" onClose=${() => { asked.value = null; }}
    onClick=${(event) => event.target === dialog.current && dialog.current.close()}>
    <div class="dialog-body">
      <header class="why-head"><h2 id="why-title">${t(it?.seq === null ? "judgement.why" : "why.title")}</h2>
        <button class="icon-button" aria-label=${t("action.close")} onClick=${() => dialog.current.close()}><${Icon} name="close" size=${18} /></button></header>
      <div role="status">${it ? html`<${Answer} it=${it} />` : null}</div>
    </div>
  </dialog>`;
}

function Answer({ it }) {
  if (it.state === "loading") return html`<${Spinner} label=${t("why.loading")} />`;
  if (it.state === "failed") {
    return html`<p class="why-because">${t("why.failed")}</p>
      <button class="button" onClick=${() => ask(it.conv, it.seq)}><${Icon} name="retry" />${t("action.retry")}</button>`;
  }
  const { told } = it;
  return html`
    <p class="why-because">${told.because}</p>
    ${told.quote ? html`<figure class="why-quote"><figcaption>${t("why.asked")}</figcaption>
      <blockquote>${marked(told.quote, told.marks)}</blockquote></figure>` : null}
    <dl class="facts">
      ${told.lines.map(([label, value]) => html`<div class="fact"><dt>${label}</dt><dd>${value}</dd></div>`)}
      ${told.at ? html`<div class="fact"><dt>${t("why.when")}</dt><dd><time datetime=${told.at}>${exactly(told.at)}</time></dd></div>
      <div class="fact"><dt>${t("why.command")}</dt><dd><code>kefu why ${it.conv} ${it.seq ?? told.seq}</code></dd></div>` : null}
    </dl>`;
}

/** The text with what decided marked. `marks`: [start, end] in characters, as Python counts them, not in UTF-16. */
export function marked(text, marks) {
  const chars = [...text];
  const parts = [];
  let at = 0;
  for (const [start, end] of marks) {
    parts.push(chars.slice(at, start).join(""), html`<mark>${chars.slice(start, end).join("")}</mark>`);
    at = end;
  }
  parts.push(chars.slice(at).join(""));
  return parts;
}
