/* Complaint cases: the dialog that registers one, its card, and its place in the customer's pane. */
import { effect, html, useEffect, useRef } from "./lib.js";
import { Icon } from "./icons.js";
import * as cases from "./case-state.js";
import { now } from "./list-state.js";
import { linked } from "./parts.js";
import { go } from "./place.js";
import { openId, thread } from "./thread-state.js";
import { brief, clock, exactly, known, lasting, remaining, t } from "./words.js";

const ENDS = ["yes", "no", "silent"];
const WISHES = ["refund", "replacement", "repair", "compensation", "apology", "information"];

export const CaseButton = ({ row }) => html`<button class="button" aria-haspopup="dialog" title="T" onClick=${() => cases.begin(row)}>
  <${Icon} name="file" size=${16} />${t("case.register")}</button>`;

// ---- the dialog ---------------------------------------------------------------------------------------------------

export function CaseDialog() {
  const dialog = useRef(null);
  const form = useRef(null);
  useEffect(() => effect(() => {
    const it = cases.writing.value;
    if (it && !dialog.current.open) {
      dialog.current.showModal();
      requestAnimationFrame(() => form.current?.querySelector("#case-what")?.focus());
    } else if (!it && dialog.current?.open) dialog.current.close();
  }), []);
  const it = cases.writing.value;
  useEffect(() => { // what is wrong gets the keyboard
    if (it && Object.keys(it.errors).length) form.current?.querySelector("[aria-invalid=true]")?.focus();
  }, [it?.errors]);
  const submit = (event) => {
    event.preventDefault();
    cases.save();
  };
  const keyDown = (event) => {
    event.stopPropagation();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) submit(event);
  };
  return html`<dialog class="dialog case-dialog" ref=${dialog} aria-labelledby="case-title" onClose=${cases.leave}>
    ${it ? html`<form class="dialog-body" ref=${form} novalidate onSubmit=${submit} onKeyDown=${keyDown}>
      <header class="call-head"><h2 id="case-title">${t(it.case ? "case.edit_title" : "case.title", { name: it.about })}</h2>
        <button type="button" class="icon-button" aria-label=${t("action.close")} onClick=${() => dialog.current.close()}><${Icon} name="close" size=${18} /></button></header>
      ${it.restored ? html`<p class="call-kept" role="status">${t("call.restored")} <button type="button" class="link" onClick=${cases.clear}>${t("call.clear")}</button></p>` : null}
      <${Fields} it=${it} />
      ${it.errors.all ? html`<p class="call-error" role="alert"><${Icon} name="alert" />${it.errors.all}</p>` : null}
      <div class="dialog-foot">
        <button type="button" class="button" onClick=${() => dialog.current.close()}>${t("call.later")}</button>
        <button class="button primary" disabled=${it.state === "saving"}>${t(it.state === "saving" ? "call.saving" : it.case ? "call.save" : "case.register")}</button>
      </div>
    </form>` : null}
  </dialog>`;
}

function Fields({ it }) {
  const field = (name) => html`<${Field} key=${name} name=${name} value=${it.fields[name] ?? ""} error=${it.errors[name]} />`;
  const due = it.dues[it.tier];
  return html`<div class="call-fields">
    ${field("what")}
    <div class="call-field"><label for="case-tier">${t("case.tier")}</label>
      <select id="case-tier" value=${it.tier} onChange=${(event) => cases.set({ tier: event.currentTarget.value }, "tier")}>
        ${cases.TIERS.map((one) => html`<option key=${one} value=${one} selected=${one === it.tier}>${t(`tier.${one}`)}</option>`)}
      </select></div>
    <div class="call-field"><label for="case-due">${t("case.due")}</label>
      <input id="case-due" type="datetime-local" value=${it.due} aria-describedby="case-due-told" aria-invalid=${it.errors.due ? "true" : undefined}
        onInput=${(event) => cases.set({ due: event.currentTarget.value }, "due")} />
      <p class="call-told" id="case-due-told">${it.errors.due ? html`<${Wrong} words=${it.errors.due} />` : !it.due && due ? t("case.due_hint", { at: exactly(due) }) : null}</p></div>
    ${cases.FIELDS.slice(1).map(field)}
  </div>
  <details class="case-more" open=${cases.DETAILS.some((name) => it.fields[name])}><summary>${t("case.more")}</summary>
    <div class="call-fields">${cases.DETAILS.map(field)}</div></details>
  <datalist id="case-wishes">${WISHES.map((one) => html`<option key=${one} value=${t(`case.wish.${one}`)} />`)}</datalist>`;
}

const Wrong = ({ words }) => html`<span class="call-wrong"><${Icon} name="alert" size=${13} />${words}</span>`;
const WIDE = new Set(["what", "note"]);

function Field({ name, value, error }) {
  const id = `case-${name}`;
  const rest = {
    id, value, maxlength: cases.most(name), autocomplete: "off", "aria-invalid": error ? "true" : undefined,
    "aria-required": name === "what" ? "true" : undefined, "aria-describedby": `${id}-told`,
    onInput: (event) => cases.put(name, event.currentTarget.value),
  };
  return html`<div class=${`call-field ${WIDE.has(name) ? "wide" : ""}`}>
    <label for=${id}>${t(`case.${name}`)}${name === "what" ? html`<span class="call-needed" aria-hidden="true">*</span>` : null}</label>
    ${WIDE.has(name) ? html`<textarea rows=${name === "what" ? 4 : 2} ...${rest}></textarea>` : html`<input type="text" list=${name === "wish" ? "case-wishes" : undefined} ...${rest} />`}
    <p class="call-told" id=${`${id}-told`}>${error ? html`<${Wrong} words=${error} />` : null}</p>
  </div>`;
}

// ---- the card -----------------------------------------------------------------------------------------------------

const Fact = ({ name, children }) => html`<div class="fact"><dt>${name}</dt><dd>${children}</dd></div>`;
const LIVE = new Set(["registered", "working"]);

/** By when it is answered, or how long it has been late. */
export function Due({ one }) {
  if (!LIVE.has(one.status)) return null;
  const late = new Date(one.due) <= now();
  return html`<span class=${`chip ${late ? "late" : ""}`} title=${exactly(one.due)}><${Icon} name="clock" size=${13} />${
    t(late ? "case.late" : "case.left", { time: late ? lasting(one.due, now()) : remaining(one.due, now()) })}</span>`;
}

export const Status = ({ one }) => html`<span class="chip hand">${t(`case.status.${one.status}`)}${one.agreed ? ` · ${t(`case.agreed.${one.agreed}`)}` : ""}</span>`;

/** The case where it was registered. What else happened to it is a line of the log. */
export function CaseEvent({ item }) {
  const one = thread.value?.detail?.cases?.find((found) => found.id === item.d.id);
  const begun = item.d.changes.status?.[0] === "";
  if (!begun || !one) return html`<li class="event"><span>${told(item.d)}</span></li>`;
  return html`<li class="case-event"><${Card} one=${one} id=${`case-${one.id}`} /></li>`;
}

function Card({ one, id }) {
  const all = [...cases.FIELDS, ...cases.DETAILS].slice(1).filter((name) => one.fields[name]);
  return html`<section class="case-card" aria-labelledby=${id}>
    <p class="case-head"><${Icon} name="file" size=${16} /><strong id=${id}>${t("case.named", { number: one.number })}</strong>
      <span class=${`chip tier-${one.tier}`}>${known(`tier.${one.tier}`, one.tier)}</span><${Status} one=${one} /><${Due} one=${one} /></p>
    ${one.fields.what ? html`<p class="text">${linked(one.fields.what)}</p>` : null}
    <dl class="facts">${all.map((name) => html`<${Fact} key=${name} name=${t(`case.${name}`)}>${one.fields[name]}<//>`)}
      ${one.others.map(([label, value]) => html`<${Fact} key=${label} name=${label}>${value}<//>`)}</dl>
    <${Way} one=${one} id=${id} />
    <details class="case-more"><summary>${t("case.history")}</summary>
      <ol class="case-history">${one.history.map((entry) => html`<li key=${entry.at}><time datetime=${entry.at} title=${exactly(entry.at)}>${brief(entry.at, now())}</time> ${told({ ...entry, number: "" })}</li>`)}</ol></details>
  </section>`;
}

/** Where it stands and whose it is, to be changed in place. */
function Way({ one, id }) {
  useEffect(() => { cases.askColleagues(); }, []);
  const people = cases.colleagues.value ?? [];
  const there = one.owner && !people.some((who) => who.id === one.owner.id) ? [one.owner, ...people] : people;
  const stands = one.status === "closed" ? `closed:${one.agreed}` : one.status;
  const states = ["registered", "working", "answered", ...ENDS.map((end) => `closed:${end}`)];
  const say = (value) => {
    const [status, agreed = ""] = value.split(":");
    return status === "closed" ? `${t("case.status.closed")} · ${t(`case.agreed.${agreed}`)}` : t(`case.status.${status}`);
  };
  const move = (event) => {
    const [status, agreed] = event.currentTarget.value.split(":");
    cases.change(one, agreed ? { status, agreed } : { status });
  };
  return html`<div class="case-way">
    <label>${t("case.status")} <select aria-describedby=${id} value=${stands} onChange=${move}>
      ${states.map((value) => html`<option key=${value} value=${value} selected=${value === stands}>${say(value)}</option>`)}</select></label>
    <label>${t("case.owner")} <select aria-describedby=${id} value=${String(one.owner?.id ?? 0)} onChange=${(event) => cases.change(one, { owner: Number(event.currentTarget.value) })}>
      <option value="0" selected=${!one.owner}>${t("case.nobody")}</option>
      ${there.map((who) => html`<option key=${who.id} value=${String(who.id)} selected=${who.id === one.owner?.id}>${who.name}</option>`)}</select></label>
    <button class="button small" aria-haspopup="dialog" aria-describedby=${id} onClick=${() => cases.edit(one)}>${t("case.edit")}</button>
  </div>`;
}

// ---- what happened ------------------------------------------------------------------------------------------------

const list = (words) => words.filter(Boolean).join(" · ");

/** One entry of the history in words. */
function told({ by, number, changes }) {
  const who = by || t("author.customer");
  if (changes.status?.[0] === "") return t("case.event.registered", { who: by || t("author.bot"), number });
  const parts = list([
    changes.status && list([t(`case.status.${changes.status[1]}`), changes.agreed?.[1] && t(`case.agreed.${changes.agreed[1]}`)]),
    !changes.status && changes.agreed && t(`case.agreed.${changes.agreed[1]}`),
    changes.owner && `${t("case.owner")} ${changes.owner[1] || t("case.nobody")}`,
    changes.tier && `${t("case.tier")} ${t(`tier.${changes.tier[1]}`)}`,
    changes.due && `${t("case.due")} ${brief(changes.due[1], now())} ${clock(changes.due[1])}`,
    changes.fields && (Array.isArray(changes.fields) ? changes.fields : Object.keys(changes.fields)).map((name) => t(`case.${name}`)).join("、"),
  ]);
  return t("case.event.changed", { who, number, what: parts }).replace(/ (?=[:：])/, "");
}

// ---- in the customer's pane ---------------------------------------------------------------------------------------

/** All of the customer's cases, wherever they were registered. */
export function Cases({ found }) {
  if (!found?.length) return null;
  return html`<details class="part" open>
    <summary>${t("case.all")}<span class="count">${found.length}</span><${Icon} name="down" /></summary>
    <ul class="formers">${found.map((one) => html`<li key=${one.id}>${one.conversation === openId.value
      ? html`<${Brief} one=${one} />`
      : html`<details class="former case-brief"><summary><${Brief} one=${one} /></summary><${Card} one=${one} id=${`case-side-${one.id}`} />
          <button class="link" onClick=${() => go(one.conversation)}>${t("case.go")}</button></details>`}</li>`)}</ul>
  </details>`;
}

const Brief = ({ one }) => html`<span class="case-brief-head"><strong>${one.number}</strong>
  <span class=${`chip tier-${one.tier}`}>${known(`tier.${one.tier}`, one.tier)}</span><${Status} one=${one} /><${Due} one=${one} />
  <span class="former-text">${one.owner ? `${one.owner.name} · ` : ""}${one.fields.what ?? ""}</span></span>`;
