/* The left pane: tabs with counts, and the rows. */
import { html, useEffect, useRef } from "./lib.js";
import { CallButton } from "./call.js";
import { boot } from "./boot.js";
import { Icon, channelIcon } from "./icons.js";
import * as list from "./list-state.js";
import { Avatar, Empty, Last, Spinner, Waiting } from "./parts.js";
import { openId } from "./thread-state.js";
import { Alike, Chip } from "./public.js";
import { WindowChip } from "./window.js";
import { Account } from "./settings.js";
import { go } from "./place.js";
import { brief, exactly, known, nameOf, t } from "./words.js";

export function ListPane() {
  return html`<section class="pane list" aria-label=${t("list.label")}>
    <header class="list-head">
      <img src=${`${boot.base}/mark.svg`} width="26" height="26" alt="" />
      <h2>${t("list.title")}</h2>
      <${CallButton} small=${true} />
      <${Account} />
    </header>
    <${Tabs} />
    <${Rows} />
  </section>`;
}

function Tabs() {
  const move = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const names = list.tabs.value;
    const next = names[(names.indexOf(list.tab.value) + step + names.length) % names.length];
    list.choose(next);
    event.currentTarget.querySelector(`#tab-${next}`).focus();
  };
  return html`<div class="tabs" role="tablist" aria-label=${t("list.tabs")} onKeyDown=${move}>
    ${list.tabs.value.map((name) => html`<button
      key=${name} id=${`tab-${name}`} role="tab" class="tab" aria-selected=${list.tab.value === name}
      aria-controls="rows" tabindex=${list.tab.value === name ? 0 : -1} onClick=${() => list.choose(name)}>
      ${t(`tab.${name}`)}
      ${name in list.counts.value ? html`<span class="count">${list.counts.value[name]}</span>` : null}
    </button>`)}
  </div>`;
}

function Rows() {
  const box = useRef(null);
  const rows = list.shown.value;
  const cursor = rows.some((row) => row.id === list.cursor.value) ? list.cursor.value : null;
  useEffect(() => {
    if (cursor !== null) box.current?.querySelector(`#row-${cursor}`)?.scrollIntoView({ block: "nearest" });
  }, [cursor]);
  return html`<div
    class="rows-box" id="rows" ref=${box} role="tabpanel" aria-labelledby=${`tab-${list.tab.value}`}
    onPointerEnter=${(event) => event.pointerType === "mouse" && list.hold(true)}
    onPointerLeave=${() => letGo(box.current)}>
    <${More} onApply=${() => box.current?.scrollTo({ top: 0 })} />
    ${rows.length
      ? html`<div
          class="rows" role="listbox" tabindex="0" aria-label=${t(`tab.${list.tab.value}`)}
          aria-activedescendant=${cursor !== null ? `row-${cursor}` : undefined}
          onFocus=${() => focused()} onBlur=${() => letGo(box.current)} onKeyDown=${steer}>
          ${rows.map((row) => html`<${Row} key=${row.id} row=${row} />`)}
        </div>`
      : html`<${Nothing} />`}
    ${list.hasMore.value && rows.length
      ? html`<button class="button small more" disabled=${list.loadingMore.value} onClick=${() => list.loadMore()}>
          ${t(list.loadingMore.value ? "list.loading" : "list.more")}
        </button>`
      : null}
  </div>`;
}

/** The list is let loose when neither the pointer nor the keyboard is in it. */
function letGo(box) {
  requestAnimationFrame(() => {
    if (!box?.contains(document.activeElement) && !box?.matches(":hover")) list.hold(false);
  });
}

function focused() {
  list.hold(true);
  const ids = list.shown.value.map((row) => row.id);
  if (!ids.includes(list.cursor.value)) list.cursor.value = ids.includes(openId.value) ? openId.value : ids[0] ?? null;
}

const STEPS = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity, PageDown: 8, PageUp: -8 };

function steer(event) {
  if (event.key in STEPS) {
    event.preventDefault();
    step(STEPS[event.key]);
  } else if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    if (list.cursor.value !== null) go(list.cursor.value);
  }
}

/** Move the keyboard's place in the list. */
export function step(by) {
  const ids = list.shown.value.map((row) => row.id);
  if (!ids.length) return;
  const at = ids.indexOf(ids.includes(list.cursor.value) ? list.cursor.value : openId.value);
  const next = at < 0 ? 0 : Math.max(0, Math.min(ids.length - 1, at + by));
  list.cursor.value = ids[next];
}

function More({ onApply }) {
  const n = list.waiting.value;
  const apply = () => {
    list.settle();
    onApply();
  };
  return n ? html`<button class="button primary small updates" onClick=${apply}>
    <${Icon} name="up" size=${14} />${t("list.updates", { n })}
  </button>` : null;
}

function Nothing() {
  const name = list.tab.value;
  if (list.listState.value === "loading" || list.listState.value === "empty") {
    return html`<${Spinner} label=${t("list.loading")} />`;
  }
  if (list.listState.value === "failed") {
    return html`<${Empty} icon="alert" title=${t("list.failed")} text=${t("error.network")}>
      <button class="button" onClick=${() => list.load()}><${Icon} name="retry" />${t("action.retry")}</button>
    <//>`;
  }
  return html`<${Empty} icon=${name === "resolved" ? "check" : "chat"} title=${t(`empty.${name}`)} text=${t(`empty.${name}_text`)} />`;
}

function Row({ row }) {
  const open = openId.value === row.id;
  const name = nameOf(row.contact, row.channel);
  const unread = row.status === "open" ? row.unread : 0;
  return html`<div
    id=${`row-${row.id}`} role="option" aria-selected=${open} data-id=${row.id}
    class=${`row ${open ? "open" : ""} ${list.cursor.value === row.id ? "cursor" : ""} ${unread ? "unread" : ""}`}
    onClick=${() => go(row.id)}>
    <${Avatar} name=${row.contact.name} seed=${row.contact.id} />
    <div class="row-main">
      <p class="row-top">
        <span class="row-name">${name}</span>
        <time class="row-time" datetime=${row.last.at} title=${exactly(row.last.at)}>${brief(row.last.at, list.now())}</time>
      </p>
      ${row.subject ? html`<p class="row-subject" lang=${row.language || undefined}><${Icon} name=${channelIcon(row.channel)} size=${13} />
        <span class="quiet">${known(`channel.${row.channel}`, row.channel)}</span><span>${row.subject}</span></p>` : null}
      <p class="row-last">
        <span class="row-text" lang=${row.language || undefined}><${Last} row=${row} /></span>
        ${unread ? html`<span class="badge"><span aria-hidden="true">${unread > 99 ? "99+" : unread}</span><span class="quiet">${t("row.unread", { n: unread })}</span></span>` : null}
      </p>
      <p class="row-chips"><${Chips} row=${row} /></p>
    </div>
  </div>`;
}

/** Those that are news; what most customers come for is not. */
const SHOWN_CATEGORIES = new Set(["complaint", "suggestion", "business", "praise", "abuse"]);

/** Where it came from, how it stands, who has it. */
function Chips({ row }) {
  const handed = row.handoff?.status === "offered" && row.status === "open";
  return html`
    ${row.subject ? null : html`<span class="chip plain"><${Icon} name=${channelIcon(row.channel)} size=${13} />${known(`channel.${row.channel}`, row.channel)}</span>`}
    ${row.public ? html`<${Chip} />` : null}
    <${Alike} incident=${row.incident} />
    ${row.undelivered ? html`<span class="chip late"><${Icon} name="alert" size=${13} />${t(row.undelivered === "unknown" ? "row.unsure" : "row.undelivered")}</span>` : null}
    ${row.tier ? html`<span class=${`chip tier-${row.tier}`}>${known(`tier.${row.tier}`, row.tier)}</span>` : null}
    ${!row.tier && SHOWN_CATEGORIES.has(row.category) ? html`<span class="chip">${t(`category.${row.category}`)}</span>` : null}
    ${handed ? html`<span class="chip hand"><${Icon} name="hand" size=${13} />${t("row.handoff")}</span>` : null}
    ${row.status === "pending" ? html`<span class="chip plain"><${Icon} name="bot" size=${13} />${t("row.bot")}</span>` : null}
    ${row.status === "open" && row.waiting_since ? html`<${Waiting} since=${row.waiting_since} />` : null}
    <${WindowChip} about=${row} />
    ${row.status === "open" && row.assignee && row.assignee.id !== list.me.value?.id
      ? html`<span class="chip plain"><${Icon} name="user" size=${13} />${row.assignee.name}</span>` : null}`;
}
