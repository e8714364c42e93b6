/* One thing said, and how far it got. */
import { html } from "./lib.js";
import { Icon } from "./icons.js";
import { linked } from "./parts.js";
import { CallCard } from "./call.js";
import { Files } from "./files.js";
import { Addressed, Letter } from "./letter.js";
import { giveBack } from "./attach-state.js";
import * as outbox from "./outbox.js";
import { Around } from "./public.js";
import { reason } from "./reasons.js";
import { WhyButton } from "./why.js";
import * as drafts from "./drafts.js";
import { retry } from "./thread-state.js";
import { clock, exactly, known, language, t } from "./words.js";

const ARRIVED = new Set(["sent", "delivered", "read"]);
const BROKEN = new Set(["failed", "expired", "unknown"]);
const STATES = {
  queued: "clock", sending: "clock", sent: "check", delivered: "checks", read: "checks",
  unknown: "question", failed: "alert", expired: "alert",
};

function speaker(d, customer) {
  if (d.author === "customer") {
    // Others than the customer write in a thread of letters, and so do machines.
    return d.name || d.letter?.from?.email || customer || t("author.customer");
  }
  if (d.author === "bot") return d.name || t("author.bot");
  if (d.author === "system") return t("author.system");
  return d.name || t("author.agent");
}

const side = (d) => (d.note ? "note" : d.author);

export function Message({ conv, item, head, language, customer, marks, read }) {
  const { d } = item;
  return html`<li class=${`said ${side(d)} ${d.letter ? "letter" : ""} ${d.letter?.quiet ? "machine" : ""} ${head ? "head" : ""} ${d.recalled ? "recalled" : ""}`}>
    ${head ? html`<p class="said-by">
      ${d.author === "bot" ? html`<${Icon} name="bot" size=${14} />` : null}
      ${d.note ? html`<${Icon} name="note" size=${14} /><strong>${t("note.label")}</strong>` : null}
      <span>${speaker(d, customer)}</span>
      <time datetime=${d.at} title=${exactly(d.at)}>${clock(d.at)}</time>
    </p>` : html`<span class="quiet">${speaker(d, customer)} ${clock(d.at)}</span>`}
    <div class="bubble" title=${d.recalled ? t("message.recalled_hint") : exactly(d.at)}>
      <${Body} d=${d} language=${language} />
    </div>
    ${d.recalled ? html`<p class="state"><${Icon} name="undo" size=${14} />${t("message.recalled")}</p>` : null}
    ${d.quick_replies?.length ? html`<p class="quick"><span class="quiet">${t("message.choices")}</span>
      ${d.quick_replies.map((one) => html`<span>${one.label}</span>`)}</p>` : null}
    ${d.author === "bot"
      ? html`<div class="said-foot"><${State} item=${item} marks=${marks} read=${read} /><${WhyButton} conv=${conv} seq=${item.seq} /></div>`
      : html`<${State} item=${item} marks=${marks} read=${read} />`}
  </li>`;
}

function Body({ d, language }) {
  if (d.call) return html`<${CallCard} d=${d} language=${language} />`;
  if (d.letter?.from) return html`<${Letter} d=${d} language=${language} />`;
  const files = d.attachments ?? [];
  const text = d.text || (files.length ? "" : t("message.kind", { kind: known(`kind.${d.kind}`, t("kind.other")) }));
  return html`
    ${d.letter ? html`<${Addressed} letter=${d.letter} />` : null}
    ${text ? html`<p class="text" lang=${(!d.note && language) || undefined}>${linked(text)}</p>` : null}
    <${Files} files=${files} />
    <${Around} about=${d.public} />`;
}

/** Trouble is always shown; success only where it is news: the last thing said, and the last thing seen. */
function State({ item, marks, read }) {
  const { d } = item;
  if (d.note || !d.delivery) return null;
  if (BROKEN.has(d.delivery)) return html`<${Broken} d=${d} />`;
  // How far he has read says nothing of a message before it that did not arrive.
  const state = item.seq <= read && ARRIVED.has(d.delivery) ? "read" : d.delivery;
  if (d.delivery === "queued" && known(d.error)) {
    return html`<p class="state parked"><${Icon} name="clock" size=${14} />${t(d.error)}</p>`;
  }
  if (d.delivery === "queued" && d.error) {
    return html`<p class="state parked" title=${d.error}><${Icon} name="clock" size=${14} />${t("delivery.retried", { why: reason(d.error) })}</p>`;
  }
  const pending = state === "queued" || state === "sending";
  if (!pending && d.error) {
    return html`<p class="state parked" title=${d.error}><${Icon} name="alert" size=${14} />${t("delivery.but", { state: t(`delivery.${state}`), why: reason(d.error) })}</p>`;
  }
  if (!pending && item.seq !== marks.last && item.seq !== marks.seen) return null;
  return html`<p class=${`state ${state}`}><${Icon} name=${STATES[state] ?? "check"} size=${14} />${t(`delivery.${state}`)}</p>`;
}

function Broken({ d }) {
  return html`<div class="state broken">
    <p><${Icon} name=${STATES[d.delivery]} size=${14} /><strong>${t(`delivery.${d.delivery}`)}</strong>${why(d) ? html`<span class="why" title=${d.error}>${why(d)}</span>` : null}</p>
    <button class="link" onClick=${() => retry(d.id)}>${t("action.resend")}</button>
  </div>`;
}

const why = (d) => [d.error && reason(d.error), d.delivery === "unknown" && t("why.unknown")].filter(Boolean).join(" · ");

/** Something the customer did, or what his network tells of him: nobody has to answer it. */
export function Activity({ d }) {
  const gone = ["unfollow", "unsubscribe"].includes(d.value);
  const ours = language.value !== "zh-Hans" && known(`activity.${d.value}`);
  const detail = ours ? d.text.match(/「.*」/s)?.[0] ?? "" : "";
  return html`<li class="event activity"><span title=${exactly(d.at)}>
    <span lang=${ours ? undefined : "zh-Hans"}>${ours ? ours + detail : d.text || t("kind.event")}</span>${gone ? html`<strong>${t("activity.unreachable")}</strong>` : null}
    <time datetime=${d.at}>${clock(d.at)}</time>
  </span></li>`;
}

/** Ours, and the server has not said yet that it has it. */
export function Unsent({ one }) {
  const editable = () => {
    drafts.giveBack(one.conv, one, one.text);
    giveBack(one.conv, one.files);
    outbox.discard(one.cid);
  };
  return html`<li class=${`said head mine-unsent ${one.note ? "note" : "agent"}`}>
    ${one.note ? html`<p class="said-by"><${Icon} name="note" size=${14} /><strong>${t("note.label")}</strong></p>` : null}
    <div class="bubble">${one.text ? html`<p class="text">${linked(one.text)}</p>` : null}<${Files} files=${one.files ?? []} /></div>
    ${one.state === "refused"
      ? html`<div class="state broken" role="alert">
          <p><${Icon} name="alert" size=${14} /><strong>${t("unsent.refused")}</strong><span class="why">${one.error}</span></p>
          <span class="choices">
            <button class="link" onClick=${() => outbox.again(one.cid, { anyway: one.code === "answered" })}>
              ${t(one.code === "answered" ? "action.send_anyway" : "action.retry")}</button>
            <button class="link" onClick=${editable}>${t("action.edit")}</button>
            <button class="link" onClick=${() => outbox.discard(one.cid)}>${t("action.discard")}</button>
          </span>
        </div>`
      : html`<p class="state"><${Icon} name="clock" size=${14} />${t(`unsent.${one.state}`)}${one.then?.length ? ` · ${t("closing.after")}` : ""}</p>`}
  </li>`;
}
