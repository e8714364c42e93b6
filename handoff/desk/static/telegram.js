/* The agent's own Telegram: a one-time code that he sends to the desk's bot. */
import { html, useState } from "./lib.js";
import { ApiError, get, post } from "./api.js";
import { t } from "./words.js";

export function Telegram() {
  const [{ linked, code, told }, change] = useState({ linked: null, code: null, told: "" });
  const ask = (question, keep) => async () => {
    try {
      change({ linked, code: null, told: "", ...keep(await question()) });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      change({ linked, code, told: "failed" });
    }
  };
  const look = ask(() => get("/me/telegram"), (found) => ({ linked: found.linked }));
  const offer = ask(() => post("/me/telegram", {}), (found) => ({ code: found }));
  const end = ask(() => post("/me/telegram/end", {}), () => ({ linked: false }));
  if (linked === null && !told) look();
  return html`<div class="choice"><span>${t("telegram.label")}</span>
      ${linked ? html`<button class="button small" onClick=${end}>${t("telegram.end")}</button>`
        : html`<button class="button small" onClick=${offer}>${t("telegram.connect")}</button>`}</div>
    <p class="mail-told" role="status">
      ${told ? t("telegram.failed") : code ? html`${t("telegram.send", { minutes: code.minutes, bot: code.bot || "…" })}
        ${" "}<code>${code.code}</code>${" "}
        ${code.link ? html`<a href=${code.link} target="_blank" rel="noopener noreferrer">${t("telegram.open")}</a>` : null}`
        : t(linked ? "telegram.linked" : "telegram.hint")}</p>`;
}
