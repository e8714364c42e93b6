/* The record of a handoff, where it happened: all an agent needs before his first word. */
import { html } from "./lib.js";
import { Icon } from "./icons.js";
import { act, acting, standing } from "./thread-state.js";
import { now } from "./list-state.js";
import { clock, exactly, known, languageName, lasting, t } from "./words.js";

const Fact = ({ name, children }) => html`<div class="fact"><dt>${name}</dt><dd>${children}</dd></div>`;

export function Handoff({ item, record, current }) {
  const s = record?.summary ?? {};
  const trigger = record?.trigger ?? item.d.trigger;
  const reason = record?.reason ?? item.d.reason;
  const free = standing.value === "free" || standing.value === "bot";
  return html`<li class="handoff" aria-label=${t("handoff.title")}>
    <div class="handoff-head">
      <${Icon} name="hand" size=${18} />
      <p><strong>${t("handoff.title")}</strong><span>${known(`trigger.${trigger}`, s.why || trigger)}</span></p>
      ${record ? html`<time datetime=${record.offered_at} title=${exactly(record.offered_at)}>${clock(record.offered_at)}</time>` : null}
    </div>
    ${reason ? html`<p class="handoff-reason">${reason}</p>` : null}
    <${Facts} record=${record} s=${s} />
    ${current && free ? html`<button class="button primary small" disabled=${acting.value !== ""} onClick=${() => act("claim")}>
      ${t("action.claim")}</button>` : null}
    ${record && record.status !== "offered" ? html`<p class="handoff-end">
      ${t(`handoff.${record.status}`, { name: record.agent?.name ?? "" })}</p>` : null}
  </li>`;
}

export function Facts({ record, s }) {
  const waiting = record?.status === "offered" && s.waiting_since;
  return html`<dl class="facts">
    ${record?.tier ? html`<${Fact} name=${t("handoff.tier")}><span class=${`chip tier-${record.tier}`}>${known(`tier.${record.tier}`, record.tier)}</span><//>` : null}
    ${s.form?.length ? html`<${Fact} name=${t("handoff.form")}><dl class="filed" lang=${s.language || undefined}>
      ${s.form.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl><//>` : null}
    ${s.wish ? html`<${Fact} name=${t("handoff.wish")}>${s.wish}<//>` : null}
    ${s.first ? html`<${Fact} name=${t("handoff.first")}><q lang=${s.language || undefined}>${s.first}</q><//>` : null}
    ${s.last && s.last !== s.first ? html`<${Fact} name=${t("handoff.last")}><q lang=${s.language || undefined}>${s.last}</q><//>` : null}
    ${s.tried?.length ? html`<${Fact} name=${t("handoff.tried")}><ul>${s.tried.map((one) => html`<li><${Tried} one=${one} /></li>`)}</ul><//>` : null}
    ${s.language ? html`<${Fact} name=${t("handoff.language")}>${languageName(s.language)}<//>` : null}
    ${s.messages ? html`<${Fact} name=${t("handoff.messages")}>${t("handoff.messages_n", { n: s.messages })}<//>` : null}
    ${waiting ? html`<${Fact} name=${t("handoff.waiting")}>${t("handoff.since", { time: lasting(s.waiting_since, now()), at: clock(s.waiting_since) })}<//>` : null}
  </dl>`;
}

/** A FAQ answer the bot gave: what it said, or at least which one it was. */
const Tried = ({ one }) => (typeof one === "string"
  ? html`<span>${one}</span>`
  : html`<span>${one.text || one.id}</span>${one.text && one.id ? html` <span class="tried-id">${one.id}</span>` : null}`);
