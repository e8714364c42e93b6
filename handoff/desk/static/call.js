/* A call with a customer: the dialog that writes it down, and its card in the conversation. */
import { effect, html, useEffect, useRef } from "./lib.js";
import { Icon } from "./icons.js";
import { linked } from "./parts.js";
import * as call from "./call-state.js";
import { known, exactly, nameOf, t } from "./words.js";

const DIRECTIONS = ["in", "out", "missed"];
const TYPES = ["inquiry", "complaint", "suggestion", "business", "praise"];
const TIERS = ["minor", "moderate", "serious", "critical"];
const RESULTS = ["solved", "open", "callback", "passed"];

/** Opens the dialog. `row`: on whose page it stands. */
export const CallButton = ({ row, small, again }) => html`<button class=${small ? "icon-button" : "button"} aria-haspopup="dialog" title=${small ? t("call.log") : undefined}
  aria-label=${small ? t("call.log") : undefined} onClick=${() => callFrom(row)}><${Icon} name="phone" size=${small ? 18 : 16} />${small ? null : t(again ? "call.again" : "call.log")}</button>`;

export function callFrom(row) {
  const about = row ? { id: row.contact.id, name: row.contact.name } : null;
  call.begin(about, row?.phone?.shown ?? "");
}

export function CallDialog() {
  const dialog = useRef(null);
  const form = useRef(null);
  useEffect(() => effect(() => {
    const it = call.writing.value;
    if (it && !dialog.current.open) {
      dialog.current.showModal();
      requestAnimationFrame(() => form.current?.querySelector(call.writing.peek()?.fields.number ? "#call-summary" : "#call-number")?.focus());
    } else if (!it && dialog.current?.open) dialog.current.close();
  }), []);
  const it = call.writing.value;
  useEffect(() => { // what is wrong gets the keyboard
    if (it && Object.keys(it.errors).length) form.current?.querySelector("[aria-invalid=true]")?.focus();
  }, [it?.errors]);
  const submit = (event) => {
    event.preventDefault();
    call.save();
  };
  const keyDown = (event) => {
    event.stopPropagation();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) submit(event);
  };
  return html`<dialog class="dialog call-dialog" ref=${dialog} aria-labelledby="call-title" onClose=${call.leave}>
    ${it ? html`<form class="dialog-body" ref=${form} novalidate onSubmit=${submit} onKeyDown=${keyDown}>
      <header class="call-head"><h2 id="call-title">${t("call.title")}</h2>
        <button type="button" class="icon-button" aria-label=${t("action.close")} onClick=${() => dialog.current.close()}><${Icon} name="close" size=${18} /></button></header>
      ${it.restored ? html`<p class="call-kept" role="status">${t("call.restored")} <button type="button" class="link" onClick=${call.clear}>${t("call.clear")}</button></p>` : null}
      <${Fields} it=${it} />
      ${it.errors.all ? html`<p class="call-error" role="alert"><${Icon} name="alert" />${it.errors.all}</p>` : null}
      <div class="dialog-foot">
        <button type="button" class="button" onClick=${() => dialog.current.close()}>${t("call.later")}</button>
        <button class="button primary" disabled=${it.state === "saving"}>${t(it.state === "saving" ? "call.saving" : "call.save")}</button>
      </div>
    </form>` : null}
  </dialog>`;
}

function Fields({ it }) {
  const { fields, errors } = it;
  const field = (name, kind, more = {}) => html`<${Field} name=${name} kind=${kind} value=${fields[name]} error=${errors[name]} ...${more} />`;
  return html`<div class="call-fields">
    <${Choice} name="direction" values=${DIRECTIONS} value=${fields.direction} />
    ${field("number", "tel", { hint: html`<${Caller} about=${it.about} />`, max: 64, off: true })}
    ${field("name", "text", { max: 100, off: true })}
    ${field("summary", "textarea", { wide: true, needed: true, max: 20000 })}
    ${field("at", "datetime-local")}
    ${fields.direction === "missed" ? html`<span></span>` : field("minutes", "number")}
    <${Select} name="type" values=${TYPES} value=${fields.type} word=${(one) => t(`category.${one}`)} />
    ${fields.type === "complaint" ? html`<${Select} name="tier" values=${TIERS} value=${fields.tier} word=${(one) => t(`tier.${one}`)} />` : html`<span></span>`}
    ${fields.type === "complaint" ? html`<label class="call-field wide call-tick"><input type="checkbox" checked=${fields.case} onChange=${(event) => call.set({ case: event.currentTarget.checked })} />${t("call.case")}</label>` : null}
    <${Choice} name="result" values=${RESULTS} value=${fields.result} onPick=${(one) => one === "callback" && !fields.follow_up && call.set({ follow_up: call.tomorrow() })} />
    ${fields.result === "callback" || fields.follow_up ? html`
      ${field("follow_up", "datetime-local", { needed: fields.result === "callback" })}
      ${field("follow_up_note", "text", { max: 500 })}` : null}
    ${field("recording", "url", { wide: true, max: 2000 })}
  </div>`;
}

function Field({ name, kind, value, error, hint, wide, needed, max, off }) {
  const id = `call-${name}`;
  const rest = {
    id, value, maxlength: max, "aria-invalid": error ? "true" : undefined, "aria-required": needed ? "true" : undefined,
    "aria-describedby": `${id}-told`, onInput: (event) => call.set({ [name]: event.currentTarget.value }),
  };
  if (kind === "number") Object.assign(rest, { min: 0, max: 1440, step: 1, inputmode: "numeric" });
  return html`<div class=${`call-field ${wide ? "wide" : ""}`}>
    <label for=${id}>${t(`call.${name}`)}${needed ? html`<span class="call-needed" aria-hidden="true">*</span>` : null}</label>
    ${kind === "textarea" ? html`<textarea rows="4" placeholder=${t("call.summary_hint")} ...${rest}></textarea>`
      : html`<input type=${kind} autocomplete=${off ? "off" : undefined} placeholder=${name === "recording" ? t("call.recording_hint") : undefined} ...${rest} />`}
    <p class="call-told" id=${`${id}-told`}>${error ? html`<span class="call-wrong"><${Icon} name="alert" size=${13} />${error}</span>` : hint}</p>
  </div>`;
}

/** One of a few, as buttons: arrows move, the form is sent with Enter. */
function Choice({ name, values, value, onPick }) {
  return html`<fieldset class="call-field wide call-choice"><legend>${t(`call.${name}`)}</legend>
    <div>${values.map((one) => html`<label key=${one}><input type="radio" name=${`call-${name}`} value=${one} checked=${one === value}
      onChange=${() => { call.set({ [name]: one }); onPick?.(one); }} /><span>${t(`call.${name}.${one}`)}</span></label>`)}</div>
  </fieldset>`;
}

const Select = ({ name, values, value, word }) => html`<div class="call-field">
  <label for=${`call-${name}`}>${t(`call.${name}`)}</label>
  <select id=${`call-${name}`} value=${value} onChange=${(event) => call.set({ [name]: event.currentTarget.value })}>
    <option value="" selected=${value === ""}>${t("call.judged")}</option>
    ${values.map((one) => html`<option key=${one} value=${one} selected=${one === value}>${word(one)}</option>`)}
  </select>
</div>`;

/** Whose number it is, as far as we know. */
function Caller({ about }) {
  const found = call.caller.value;
  const text = () => {
    if (!found) return about ? t("call.joins", { name: about.name || t("contact.number", { n: about.id }) }) : t("call.number_hint");
    if (found.contact) {
      const name = found.contact.name || t("contact.number", { n: found.contact.id });
      const key = about && about.id !== found.contact.id ? "call.others_number" : "call.known";
      return t(key, { name, n: found.contact.conversations });
    }
    if (!found.number) return t("call.number_hint");
    return about ? t("call.joins", { name: about.name || t("contact.number", { n: about.id }) }) : t("call.new", { number: found.number.shown });
  };
  return html`<span role="status">${text()}</span>`;
}

const Fact = ({ name, children }) => html`<div class="fact"><dt>${name}</dt><dd>${children}</dd></div>`;

/** The record in the conversation. */
export function CallCard({ d, language }) {
  const { call: it } = d;
  return html`<div class="call-card">
    <p class="call-card-head"><${Icon} name="phone" size=${15} /><strong>${t(`call.direction.${it.direction}`)}</strong>
      ${it.key ? html`<a href=${`tel:${it.key}`}>${it.number}</a>` : html`<span>${t("call.hidden")}</span>`}
      ${it.seconds ? html`<span>${lasted(it.seconds)}</span>` : null}</p>
    <p class="text" lang=${language || undefined}>${linked(d.text)}</p>
    <dl class="facts">
      <${Fact} name=${t("call.at")}><time datetime=${it.at}>${exactly(it.at)}</time><//>
      ${it.type ? html`<${Fact} name=${t("call.type")}>${known(`category.${it.type}`, it.type)}<//>` : null}
      <${Fact} name=${t("call.result")}>${known(`call.result.${it.result}`, it.result)}<//>
      ${it.follow_up ? html`<${Fact} name=${t("call.follow_up")}><time datetime=${it.follow_up}>${exactly(it.follow_up)}</time>${it.follow_up_note ? ` · ${it.follow_up_note}` : ""}<//>` : null}
      ${secure(it.recording) ? html`<${Fact} name=${t("call.recording")}><a href=${it.recording} target="_blank" rel="noopener noreferrer nofollow">${t("call.listen")}</a><//>` : null}
    </dl>
    <p class="call-by">${t("call.by", { name: it.agent })}</p>
  </div>`;
}

const secure = (url) => /^https:\/\//i.test(url ?? "");

const lasted = (seconds) => (seconds < 60 ? t("call.seconds", { n: seconds }) : t("time.minutes", { n: Math.round(seconds / 60) }));

/** Instead of the choice between answer and note: nothing can be sent to a telephone. */
export const CallBar = ({ row }) => html`<div class="call-bar"><p><${Icon} name="info" size=${14} />${t("call.only_notes")}</p>
  ${row.phone?.key ? html`<a class="button small" href=${`tel:${row.phone.key}`} aria-label=${t("call.ring", { name: nameOf(row.contact, row.channel), number: row.phone.shown })}><${Icon} name="phone" size=${14} />${row.phone.shown}</a>` : null}
  <${CallButton} row=${row} again=${true} /></div>`;
