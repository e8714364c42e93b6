/* The middle pane: who it is, what was said, and where to answer. */
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "./lib.js";
import { Icon, channelIcon } from "./icons.js";
import { composed, marks } from "./compose-items.js";
import { resolve } from "./closing.js";
import { CaseEvent } from "./case.js";
import { Composer } from "./composer.js";
import { Files } from "./files.js";
import { Handoff } from "./handoff.js";
import { Judgement, judgementText } from "./judgement.js";
import { Activity, Message, Unsent } from "./message.js";
import { Avatar, Empty, Spinner } from "./parts.js";
import { infoShown } from "./layout.js";
import { go } from "./place.js";
import * as list from "./list-state.js";
import * as outbox from "./outbox.js";
import { Aside, Beside, Chip } from "./public.js";
import * as state from "./thread-state.js";
import { dayName, known, nameOf, t } from "./words.js";

const NEAR = 80;
/** Pixels left over a letter that is scrolled to. */
const ABOVE = 34;

export function ThreadPane() {
  const it = state.thread.value;
  if (!it) {
    return html`<section class="pane thread" id="thread" aria-label=${t("thread.label")}>
      <${Empty} icon="chat" title=${t("thread.none")} text=${t("thread.none_text")} />
    </section>`;
  }
  return html`<section class="pane thread" id="thread" aria-label=${t("thread.label")} data-state=${it.state}>
    <${Head} />
    <${Content} key=${it.id} it=${it} />
  </section>`;
}

function Content({ it }) {
  if (it.state === "loading") return html`<${Spinner} label=${t("thread.loading")} />`;
  if (it.state === "gone") return html`<${Empty} icon="question" title=${t("thread.gone")} text=${t("thread.gone_text")} />`;
  if (it.state === "failed") {
    return html`<${Empty} icon="alert" title=${t("thread.failed")} text=${t("error.network")}>
      <button class="button" onClick=${() => state.fetchThread(it.id)}><${Icon} name="retry" />${t("action.retry")}</button>
    <//>`;
  }
  return html`<${Beside} /><${Log} it=${it} /><${Typing} /><${Composer} key=${it.id} conv=${it.id} seen=${it.seq} />`;
}

function Head() {
  const row = state.row.value;
  const standing = state.standing.value;
  const others = state.viewers.value;
  return html`<header class="thread-head">
    <button class="icon-button back" aria-label=${t("action.back")} onClick=${() => go(null)}><${Icon} name="back" size=${20} /></button>
    ${row ? html`<${Avatar} name=${row.contact.name} seed=${row.contact.id} />` : null}
    <div class="thread-who">
      <h2>${row ? nameOf(row.contact, row.channel) : t("thread.label")}</h2>
      ${row ? html`<p class="thread-sub">
        <span><${Icon} name=${channelIcon(row.channel)} size=${13} />${known(`channel.${row.channel}`, row.channel)}</span>
        ${row.subject ? html`<span>KF-${row.id}</span>` : null}
        <span class=${`standing ${standing}`}>${t(`standing.${standing}`, { name: row.assignee?.name ?? "" })}</span>
        ${row.public ? html`<${Chip} />` : null}
        <${Judgement} row=${row} />
        ${others.length ? html`<span class="viewers"><${Icon} name="eye" size=${13} />${t("thread.viewers", { names: others.map((one) => one.name).join("、") })}</span>` : null}
      </p>` : null}
    </div>
    <${Actions} standing=${standing} />
  </header>`;
}

function Actions({ standing }) {
  const busy = state.acting.value !== "";
  const button = (what, kind, hint) => html`<button
    class=${`button ${kind}`} disabled=${busy} title=${hint} onClick=${() => (what === "resolve" ? resolve() : state.act(what))}>${t(`action.${what}`)}</button>`;
  return html`<div class="actions">
    ${standing === "free" || standing === "bot" ? button("claim", "primary", "A") : null}
    ${(standing === "mine" || standing === "free") && state.thread.value?.detail?.speaks !== false ? button("return", "", t("action.return_hint")) : null}
    ${standing === "mine" ? button("resolve", "primary", "E") : null}
    ${standing === "free" || standing === "bot" ? button("resolve", "", "E") : null}
    ${standing === "resolved" ? html`<button class="button" disabled=${busy} onClick=${() => state.act("claim")}>${t("action.reopen")}</button>` : null}
    <button class="icon-button info-toggle" aria-label=${t("action.info")} aria-pressed=${infoShown.value}
      onClick=${() => { infoShown.value = !infoShown.value; }}><${Icon} name="info" size=${18} /></button>
  </div>`;
}

const ended = (element) => element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;

/** Where the log comes to rest when something new is at its end: there, but never past the beginning of a letter. */
function rest(element, it) {
  const end = element.scrollHeight;
  const last = it.items.findLast((item) => item.t === "message" && item.d.author !== "bot" && !item.d.letter?.quiet);
  if (last?.d.author !== "customer" || !last.d.letter) return end;
  const letter = [...element.querySelectorAll(".said.letter.customer:not(.machine)")].at(-1);
  return letter ? Math.min(end, letter.offsetTop - element.offsetTop - ABOVE) : end;
}

/** The transcript. Stays at the end while one is at the end; keeps its place when older messages are put above. */
function Log({ it }) {
  const box = useRef(null);
  const keep = useRef({ atEnd: true, first: 0, height: 0, top: 0, shown: 0 });
  const [below, setBelow] = useState(0);
  const unsent = outbox.unsent.value.filter((one) => one.conv === it.id && !one.said);
  const items = useMemo(() => composed(it, unsent), [it, outbox.unsent.value]);
  const mark = useMemo(() => marks(it.items, it.read), [it]);
  const lastSeq = it.items.at(-1)?.seq ?? 0;
  const firstSeq = it.items[0]?.seq ?? 0;
  const offers = items.filter((one) => one.kind === "handoff");
  const row = state.row.value;

  useLayoutEffect(() => {
    const element = box.current;
    const was = keep.current;
    if (was.atEnd) element.scrollTop = rest(element, it);
    else if (was.first && firstSeq < was.first) element.scrollTop = was.top + element.scrollHeight - was.height;
    const atEnd = was.atEnd && ended(element);
    if (was.atEnd && !atEnd) state.markRead(); // it stands before the agent's eyes, however long it is
    keep.current = { ...was, atEnd, first: firstSeq, height: element.scrollHeight, top: element.scrollTop };
  }, [items, firstSeq]);
  useEffect(() => {
    if (!keep.current.atEnd && keep.current.drawn) setBelow((n) => n + 1);
    keep.current.drawn = true;
  }, [lastSeq]);
  // The row says that something is unread, and it may come after the message itself.
  useEffect(() => {
    if (keep.current.atEnd) state.markRead();
  }, [lastSeq, row]);
  useEffect(() => {
    const element = box.current;
    const observer = new ResizeObserver(() => {
      keep.current.shown = element.clientHeight;
      if (keep.current.atEnd) element.scrollTop = element.scrollHeight;
    });
    observer.observe(element);
    const seen = () => keep.current.atEnd && state.markRead();
    document.addEventListener("visibilitychange", seen);
    return () => {
      observer.disconnect();
      document.removeEventListener("visibilitychange", seen);
    };
  }, []);

  const scrolled = () => {
    const element = box.current;
    if (!element) return; // it has gone, and the browser tells late
    if (element.clientHeight !== keep.current.shown) return; // nobody scrolled: the field below has grown or shrunk
    const atEnd = ended(element);
    keep.current = { ...keep.current, atEnd, height: element.scrollHeight, top: element.scrollTop };
    if (atEnd) {
      setBelow(0);
      state.markRead();
    }
    if (element.scrollTop < NEAR && it.earlier && it.older === "idle") state.loadEarlier();
  };
  const toEnd = () => {
    keep.current.atEnd = true;
    if (it.cut) {
      state.fetchThread(it.id);
      return;
    }
    box.current.scrollTop = box.current.scrollHeight;
    setBelow(0);
  };
  useLayoutEffect(() => {
    if (unsent.length) toEnd(); // who has just written wants to see it
  }, [unsent.at(-1)?.cid]);

  return html`<div class="log-box">
    <div class="log" ref=${box} role="log" aria-live="off" aria-label=${t("thread.log")} tabindex="0" onScroll=${scrolled}>
      <${Earlier} it=${it} />
      <ol>
        ${items.map((one) => html`<${Entry} key=${one.key} one=${one} it=${it} mark=${mark} row=${row} current=${one === offers.at(-1)} />`)}
      </ol>
      ${it.items.length + unsent.length === 0 ? html`<${Empty} icon="chat" title=${t("thread.empty")} />` : null}
    </div>
    ${below || it.cut ? html`<button class="button small to-end" onClick=${toEnd}>
      <${Icon} name="down" size=${14} />${below ? t("thread.below", { n: below }) : t("thread.newest")}</button>` : null}
  </div>`;
}

function Earlier({ it }) {
  if (it.older === "loading") return html`<p class="earlier">${t("thread.loading")}</p>`;
  if (!it.earlier) return it.items.length ? html`<p class="earlier">${t("thread.start")}</p>` : null;
  return html`<p class="earlier"><button class="button small" onClick=${state.loadEarlier}>
    ${t(it.older === "failed" ? "thread.earlier_failed" : "thread.earlier")}</button></p>`;
}

function Entry({ one, it, mark, current, row }) {
  switch (one.kind) {
    case "day": return html`<li class="day"><span>${dayName(one.at, list.now())}</span></li>`;
    case "unread": return html`<li class="unread-line"><span>${t("thread.unread")}</span></li>`;
    case "message": return html`<${Message} conv=${it.id} item=${one.item} head=${one.head} marks=${mark} read=${it.read}
      language=${it.detail?.conversation.language} customer=${row ? nameOf(row.contact, row.channel) : ""} />`;
    case "activity": return html`<${Activity} d=${one.item.d} />`;
    case "status": return html`<li class="event"><span>${statusText(one.item.d)}</span></li>`;
    case "handoff": return html`<${Handoff} item=${one.item} record=${one.record} current=${current} />`;
    case "poison": return html`<li class="event bad"><span><${Icon} name="alert" size=${14} />${t("event.poison", { reason: one.item.d.reason })}</span></li>`;
    case "agent_mail": return html`<${NotSent} d=${one.item.d} />`;
    case "case": return html`<${CaseEvent} item=${one.item} />`;
    case "aside": return html`<${Aside} d=${one.item.d} />`;
    case "judgement": return html`<li class="event"><span>${judgedText(one.item.d)}</span></li>`;
    case "rating": return html`<li class="event"><span><${Icon} name="star" size=${14} />${ratingText(one.item.d)}</span></li>`;
    default: return html`<${Unsent} one=${one.one} />`;
  }
}

/** An agent answered by mail, and the customer was not told: why, and what he wrote. */
function NotSent({ d }) {
  return html`<li class="event bad not-sent"><span><${Icon} name="alert" size=${14} />
    ${t("event.agent_mail", { name: d.agent, email: d.email, why: known(`agent_mail.${d.why}`, d.why) })}</span>
    ${d.text ? html`<q>${d.text}</q>` : null}<${Files} files=${d.attachments ?? []} /></li>`;
}

function statusText(d) {
  if (d.why === "undelivered") return t("event.undelivered");
  if (d.status === "open" && d.agent) return t("event.claimed", { name: d.agent.name });
  if (d.status === "open") return t("event.queued");
  if (d.status === "resolved") return t("event.resolved");
  return t(d.by ? "event.returned" : "event.bot");
}

const judgedText = (d) => t("event.judgement", { name: d.by.name, what: judgementText(d), was: judgementText(d.was) });

function ratingText({ score, agent }) {
  const mark = t(`rating.${score}`);
  return agent ? t("event.rating", { name: agent.name, mark, score }) : t("event.rating_alone", { mark, score });
}

function Typing() {
  const who = state.typists.value;
  const text = who.map((one) => {
    if (one.author === "customer") return t("typing.customer");
    return t(one.note ? "typing.note" : "typing.agent", { name: one.name });
  }).join(" · ");
  return html`<p class="typing">${text ? html`<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>${text}` : null}</p>`;
}
