/* The right pane: who the customer is and what was before. */
import { html } from "./lib.js";
import { CallButton } from "./call.js";
import { CaseButton, Cases } from "./case.js";
import { Icon, channelIcon } from "./icons.js";
import { Avatar, Empty, Spinner } from "./parts.js";
import { Facts } from "./handoff.js";
import { infoShown } from "./layout.js";
import { go } from "./place.js";
import { now } from "./list-state.js";
import { row, thread } from "./thread-state.js";
import { brief, exactly, known, languageName, nameOf, t } from "./words.js";

export function ContactPane() {
  const it = thread.value;
  const about = row.value;
  return html`<aside class="pane info" aria-label=${t("contact.label")}>
    <header class="info-head">
      <h2>${t("contact.title")}</h2>
      <button class="icon-button" aria-label=${t("action.close")} onClick=${() => { infoShown.value = false; }}><${Icon} name="close" size=${18} /></button>
    </header>
    ${!it || it.state === "gone" || it.state === "failed" ? html`<${Empty} icon="user" title=${t("contact.none")} />`
      : it.detail && about ? html`<${Known} detail=${it.detail} about=${about} />`
      : html`<${Spinner} label=${t("thread.loading")} />`}
  </aside>`;
}

const Fact = ({ name, children }) => html`<div class="fact"><dt>${name}</dt><dd>${children}</dd></div>`;

function Known({ detail, about }) {
  const { contact, others, handoffs, ratings } = detail;
  const extra = Object.entries(contact.attributes ?? {}).filter(([, value]) => typeof value !== "object");
  const last = handoffs.at(-1);
  return html`
    <div class="who">
      <${Avatar} name=${contact.name} seed=${contact.id} size="large" />
      <div><p class="who-name">${nameOf(contact, about.channel)}</p>
      <p class="who-sub">${t("contact.number", { n: contact.id })}</p></div>
    </div>
    <div class="who-do"><${CallButton} row=${about} /><${CaseButton} row=${about} /></div>
    <dl class="facts">
      ${detail.phones?.length ? html`<${Fact} name=${t("contact.phone")}>${detail.phones.map((one) => html`<a key=${one.key} class="who-phone" href=${`tel:${one.key}`}>${one.shown}</a>`)}<//>` : null}
      <${Fact} name=${t("contact.channel")}>
        <span class="with-icon"><${Icon} name=${channelIcon(about.channel)} size=${14} />${known(`channel.${about.channel}`, about.channel)}</span><//>
      ${contact.address ? html`<${Fact} name=${t("contact.address")}>${contact.address}<//>` : null}
      <${Fact} name=${t("contact.inbox")}>${about.inbox}<//>
      ${about.language || contact.language ? html`<${Fact} name=${t("contact.language")}>${languageName(about.language || contact.language)}<//>` : null}
      <${Fact} name=${t("contact.since")}><time datetime=${contact.created_at} title=${exactly(contact.created_at)}>${brief(contact.created_at, now())}</time><//>
      ${ratings.length ? html`<${Fact} name=${t("contact.ratings")}><ul>${ratings.map((one) => html`<li>${mark(one)}</li>`)}</ul><//>` : null}
      ${extra.map(([name, value]) => html`<${Fact} name=${known(`attribute.${name}`, name)}>${String(value)}<//>`)}
    </dl>
    ${last ? html`<details class="part">
      <summary>${t("contact.handoff")}<${Icon} name="down" /></summary>
      <p class="handoff-reason">${last.reason || known(`trigger.${last.trigger}`, last.trigger)}</p>
      <${Facts} record=${last} s=${last.summary} />
    </details>` : null}
    <${Cases} found=${detail.cases} />
    <details class="part" open>
      <summary>${t("contact.others")}<span class="count">${others.length}</span><${Icon} name="down" /></summary>
      ${others.length ? html`<ul class="formers">${others.map((one) => html`<li><${Former} one=${one} /></li>`)}</ul>`
        : html`<p class="nothing">${t("contact.no_others")}</p>`}
    </details>`;
}

const mark = ({ score, agent, at }) => html`${t(`rating.${score}`)} <span class="rated">${agent ? `${agent.name} · ` : ""}<time datetime=${at} title=${exactly(at)}>${brief(at, now())}</time></span>`;

const Former = ({ one }) => html`<a class="former" href=${`/desk/c/${one.id}`} onClick=${(event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(one.id);
}}>
  <span class="former-top"><span>${known(`channel.${one.channel}`, one.channel)} · ${t(`status.${one.status}`)}</span>
    <time datetime=${one.last.at}>${brief(one.last.at, now())}</time></span>
  <span class="former-text">${one.last.text}</span>
</a>`;
