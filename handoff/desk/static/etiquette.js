/* While the agent writes: what could be said better, one line each. Advice only, sending never waits for it. */
import { html, useEffect, useState } from "./lib.js";
import { ApiError, post } from "./api.js";
import * as drafts from "./drafts.js";
import { known, t } from "./words.js";

const PAUSE = 400;
const MOST_SHOWN = 4;

/** Places are counted in characters, not in UTF-16 units. */
function replaced(text, { start, words, instead }) {
  const letters = Array.from(text);
  return [...letters.slice(0, start), instead, ...letters.slice(start + Array.from(words).length)].join("");
}

/** `onUse`: what takes a better wording; else it is the draft's. */
export function Etiquette({ conv, which, text, field, onUse }) {
  const [found, setFound] = useState({ text: "", findings: [] });
  useEffect(() => {
    if (!text.trim()) return undefined;
    let gone = false;
    const timer = setTimeout(async () => {
      try {
        // The server reads it without the spaces around it.
        const { findings } = await post(`/conversations/${conv}/check`, { text: text.trim(), private: which === "private" });
        if (!gone) setFound({ text, findings });
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
      }
    }, PAUSE);
    return () => { gone = true; clearTimeout(timer); };
  }, [conv, which, text]);

  const findings = found.text === text && text.trim() ? found.findings : [];
  const lead = Array.from(text).length - Array.from(text.trimStart()).length;
  const apply = (one) => {
    const better = replaced(text, { ...one, start: one.start + lead });
    if (onUse) onUse(better);
    else drafts.write(conv, which, better);
    field.current?.focus();
  };
  return html`<div role="status" aria-label=${t("etiquette.title")}><ul class="etiquette">
    ${findings.slice(0, MOST_SHOWN).map((one) => html`<li key=${`${one.start}${one.rule}`}>
      <q>${one.words}</q> <span>${known(`etiquette.${one.rule}`, one.why)}</span> <span class="mend">${one.mend}</span>
      ${one.instead ? html`<button class="button" onClick=${() => apply(one)}>${t("etiquette.use", { words: one.instead })}</button>` : null}
    </li>`)}
  </ul></div>`;
}
