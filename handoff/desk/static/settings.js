/* The agent's own corner: who he is, language, colours, keys, logging out. */
import { effect, html, signal, useRef, useState } from "./lib.js";
import { boot, memory } from "./boot.js";
import { ApiError, post } from "./api.js";
import { Sound } from "./alerts.js";
import { Avatar } from "./parts.js";
import { me } from "./list-state.js";
import { Telegram } from "./telegram.js";
import { language, remember, speak, t } from "./words.js";

/** ctrl: Ctrl+Enter sends. enter: Enter sends, Shift+Enter makes a line. */
export const sendKey = signal(memory.get("send_key", "ctrl"));
export const shortcuts = signal(memory.get("shortcuts", true));
export const theme = signal(memory.get("theme", "auto"));

effect(() => memory.set("send_key", sendKey.value));
effect(() => memory.set("shortcuts", shortcuts.value));
effect(() => {
  memory.set("theme", theme.value);
  if (theme.value === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
});

export function Account() {
  const dialog = useRef(null);
  const it = me.value;
  return html`
    <button class="account" aria-haspopup="dialog" title=${it?.name} aria-label=${t("account.open", { name: it?.name ?? "" })}
      onClick=${() => dialog.current.showModal()}><${Avatar} name=${it?.name} seed=${2} /></button>
    <dialog class="dialog account-dialog" ref=${dialog} aria-labelledby="account-title"
      onClick=${(event) => event.target === dialog.current && dialog.current.close()}>
      <div class="dialog-body">
        <div class="who"><${Avatar} name=${it?.name} seed=${2} size="large" />
          <div><h2 id="account-title" class="who-name">${it?.name}</h2>
          <p class="who-sub">${t("account.number", { number: it?.number ?? "" })} · ${it?.login}</p></div></div>
        <${Choices} />
        <${Sound} />
        ${it?.mail ? html`<${Mail} mail=${it.mail} />` : null}
        ${it?.telegram ? html`<${Telegram} />` : null}
        ${it?.role === "supervisor" || it?.role === "admin"
          ? html`<p class="choice"><a href="/desk/suggestions">${t("suggestions.title")}</a></p>` : null}
        <div class="dialog-foot">
          <form method="post" action="/desk/logout"><button class="button">${t("account.logout")}</button></form>
          <a class="button" href="/desk/password">${t("account.password")}</a>
          <button class="button primary" onClick=${() => dialog.current.close()}>${t("action.close")}</button>
        </div>
      </div>
    </dialog>`;
}

/** Where and when he is told by mail that a customer waits. */
function Mail({ mail }) {
  const [{ email, notify, told }, change] = useState({ ...mail, told: "" });
  const set = (more) => change((old) => ({ ...old, told: "", ...more }));
  const save = async (event) => {
    event.preventDefault();
    set({ told: "saving" });
    try {
      const kept = (await post("/me/mail", { email, notify: notify === "never" && email && !mail.email ? "away" : notify })).mail;
      me.value = { ...me.peek(), mail: kept };
      set({ ...kept, told: "saved" });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      set({ told: error.error === "bad_email" ? "bad_email" : "failed" });
    }
  };
  return html`<form class="mail-wish" onSubmit=${save}>
    <div class="choice"><label for="set-notify">${t("notify.label")}</label>
      <select id="set-notify" value=${notify} onChange=${(e) => set({ notify: e.currentTarget.value })}>
        ${["never", "away", "always"].map((name) => html`<option key=${name} value=${name} selected=${name === notify}>${t(`notify.${name}`)}</option>`)}
      </select></div>
    <div class="choice"><label for="set-email">${t("notify.email")}</label>
      <span class="mail-field"><input id="set-email" type="email" autocomplete="email" maxlength="320" value=${email}
        aria-describedby="set-email-told" onInput=${(e) => set({ email: e.currentTarget.value })} />
      <button class="button small" disabled=${told === "saving"}>${t("notify.save")}</button></span></div>
    <p id="set-email-told" class="mail-told" role="status">${t(told ? `notify.${told}` : "notify.hint")}</p>
  </form>`;
}

function Choices() {
  const pick = async (event) => {
    const tag = event.currentTarget.value;
    await speak(tag);
    remember(tag);
  };
  const select = (id, label, value, options, onChange) => html`<div class="choice">
    <label for=${id}>${label}</label>
    <select id=${id} value=${value} onChange=${onChange}>
      ${options.map(([key, name]) => html`<option key=${key} value=${key} selected=${key === value}>${name}</option>`)}
    </select></div>`;
  return html`
    ${select("set-language", t("language.label"), language.value, Object.entries(boot.languages), pick)}
    ${select("set-theme", t("theme.label"), theme.value,
      ["auto", "light", "dark"].map((name) => [name, t(`theme.${name}`)]), (e) => { theme.value = e.currentTarget.value; })}
    ${select("set-send", t("send_key.label"), sendKey.value,
      ["ctrl", "enter"].map((name) => [name, t(`send_key.${name}`)]), (e) => { sendKey.value = e.currentTarget.value; })}
    <div class="choice"><label for="set-keys">${t("shortcuts.label")}</label>
      <input id="set-keys" type="checkbox" checked=${shortcuts.value} onChange=${(e) => { shortcuts.value = e.currentTarget.checked; }} /></div>`;
}
