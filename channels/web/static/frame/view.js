// The conversation on screen: rows are worked out from the log and the outbox each time, and only what changed is
// touched. The order is the server's; what it has not confirmed stands below.

import { $, anchor, data, dayText, el, icon, lastOf, linked, safeLink, t, timeText, touch } from "./dom.js";

const GROUP = 120000; // ms between messages of one group
const NEAR = 60; // px from the end that count as being there

const scroller = $("log");
const list = $("list");

export const agentName = (agent) => agent.name || t("agent");

export function nameOf(d) {
  if (d.author === "bot") return d.name || t("bot");
  return d.name || t(d.author === "agent" ? "agent" : "system");
}

export function agentText(prefix, agent) {
  const name = agentName(agent);
  return agent.number ? t(`${prefix}_agent_number`, { name, number: agent.number }) : t(`${prefix}_agent`, { name });
}

function noticeText(d, before) {
  if (d.status === "resolved") return t("notice_resolved");
  if (d.agent)
    return before.agent?.number === d.agent.number && before.agent?.name === d.agent.name
      ? ""
      : agentText("notice", d.agent);
  if (d.status === "open") return before.status === "open" && !before.agent ? "" : t("notice_asking");
  if (d.status === "snoozed") return t("notice_snoozed");
  return before.status === "open" || before.status === "snoozed" ? t("notice_bot") : "";
}

function stateText(item) {
  if (item.state === "failed") return t(item.code === "too_large" ? "state_too_long" : "state_failed");
  if (item.wait) return t("state_slow", { n: item.wait });
  return t(navigator.onLine ? "state_sending" : "state_waiting");
}

// ---- from state to rows: { key, sig, make } --------------------------------------------------------------------

export class View {
  // on: { pick(label, value), retry(cid), delete(cid), earlier() }
  constructor(on) {
    this.on = on;
    this.nodes = new Map();
    this.pinned = true;
    scroller.addEventListener("scroll", () => {
      this.pinned = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR;
      if (this.pinned) this.seen();
    });
    $("newer").append(icon("send"));
    $("newer").addEventListener("click", () => this.toEnd());
    new ResizeObserver(() => this.pinned && !this.fresh && this.toEnd()).observe(scroller);
  }

  // model: { events (in order), items, fresh, deskRead, earlier: ""|"more"|"busy", typing: {author, name}|null }
  render(model) {
    const rows = [];
    this.fresh = model.fresh;
    if (model.earlier) rows.push(this.earlierRow(model.earlier));
    else rows.push(this.introRow(model.fresh));
    const entries = this.entries(model);
    let day = dayText(Date.now());
    for (const entry of entries) {
      const today = dayText(entry.at);
      if (today !== day) rows.push(this.lineRow(`day:${today}:${entry.key}`, "day", today));
      day = today;
      rows.push(entry.notice ? this.lineRow(entry.key, "notice", entry.notice) : this.messageRow(entry));
    }
    const last = lastOf(entries, (entry) => !entry.notice);
    if (last && !last.mine && last.d.quick_replies?.length) rows.push(this.quickRow(last.key, last.d.quick_replies));
    if (model.typing) rows.push(this.typingRow(model.typing));
    this.place(rows);
    if (model.fresh) scroller.scrollTop = 0; // a first view is read from its beginning
  }

  entries({ events, items, deskRead }) {
    const entries = [];
    let status = { status: "pending", agent: null };
    for (const { seq, t: type, d } of events) {
      if (type === "message") {
        const mine = d.author === "visitor";
        const state = mine ? (seq <= deskRead ? "read" : "delivered") : "";
        entries.push({
          key: mine && d.cid ? d.cid : `s${seq}`,
          at: Date.parse(d.at),
          mine,
          d,
          state,
          note: state && t(`state_${state}`),
        });
      } else if (type === "status") {
        const notice = noticeText(d, status);
        status = d;
        const at = lastOf(entries)?.at ?? Date.now();
        if (notice) entries.push({ key: `s${seq}`, at, notice });
      }
    }
    for (const item of items) {
      const d = { author: "visitor", text: item.text };
      entries.push({ key: item.cid, at: item.at, mine: true, d, state: item.state, note: stateText(item), item });
    }
    entries.forEach((entry, n) => this.group(entry, entries[n - 1], entries[n + 1]));
    return entries;
  }

  group(entry, before, after) {
    if (entry.notice) return;
    const same = (other) => {
      if (!other || other.notice || other.d.author !== entry.d.author || other.d.name !== entry.d.name) return false;
      return Math.abs(other.at - entry.at) < GROUP && dayText(other.at) === dayText(entry.at);
    };
    entry.first = !same(before);
    entry.last = !same(after);
    // A state is said once for a run of messages that share it, and always where something is to be done.
    entry.told = entry.mine && (entry.last || after.state !== entry.state || entry.state === "failed");
  }

  // ---- rows ----

  earlierRow(state) {
    const make = () =>
      el(
        "li",
        { class: "line" },
        el(
          "button",
          { type: "button", class: "soft", disabled: state === "busy", onclick: this.on.earlier },
          t(state === "busy" ? "earlier_busy" : "earlier"),
        ),
      );
    return { key: "earlier", sig: state, make };
  }

  lineRow(key, kind, text) {
    const make = () => el("li", { class: `line ${kind}` }, el("span", {}, text));
    return { key, sig: text, make };
  }

  introRow(fresh) {
    const topics = fresh ? data.topics.slice(0, 6) : [];
    const make = () => {
      const bubble = el("div", { class: "bubble" }, ...linked(data.greeting));
      const card =
        topics.length &&
        el(
          "div",
          { class: "topics", role: "group", "aria-label": t("quick_label") },
          ...topics.map((topic) => this.pickButton(topic, "topic", icon("next"))),
        );
      return this.shell({ d: { author: "bot" }, first: true, last: true }, bubble, card || null);
    };
    return { key: "intro", sig: String(fresh), make };
  }

  messageRow(entry) {
    const { key, d, first, last, mine, told, note, state } = entry;
    const make = () => {
      const text = d.text && el("div", { class: "bubble" }, ...linked(d.text));
      const files = (d.attachments ?? []).map((file) => attachment(file));
      const foot =
        last || told
          ? el(
              "div",
              { class: "meta" },
              last && timeText(entry.at),
              told && el("span", { class: `state ${state}` }, told && state === "failed" ? icon("alert") : "", note),
              ...this.actions(entry),
            )
          : null;
      return this.shell(entry, text, ...files, foot);
    };
    return {
      key,
      sig: JSON.stringify([d.text, d.attachments, d.name, first, last, mine, told && note, entry.at]),
      make,
    };
  }

  actions({ item }) {
    if (item?.state !== "failed") return [];
    return ["retry", "delete"].map((act) =>
      el("button", { type: "button", class: "act", onclick: () => this.on[act](item.cid) }, t(act)),
    );
  }

  shell({ d, first, last, mine }, ...parts) {
    const kind = mine ? "me" : `them ${d.author}`;
    const face = mine ? null : el("span", { class: "face", "aria-hidden": "true" }, first && faceOf(d));
    const who = mine
      ? el("span", { class: "sr" }, `${t("you")}: `)
      : el("span", { class: first ? "name" : "sr" }, nameOf(d));
    return el(
      "li",
      { class: `message ${kind}${first ? " first" : ""}${last ? " last" : ""}` },
      face,
      el("div", { class: "column" }, who, ...parts),
    );
  }

  quickRow(key, replies) {
    const make = () =>
      el(
        "li",
        { class: "quick" },
        el(
          "div",
          { role: "group", "aria-label": t("quick_label") },
          ...replies.map((reply) => this.pickButton(reply, "pill")),
        ),
      );
    return { key: `quick:${key}`, sig: "", make };
  }

  pickButton({ label, value }, kind, mark) {
    return el(
      "button",
      { type: "button", class: kind, onclick: () => this.on.pick(label, value) },
      el("span", {}, label),
      mark,
    );
  }

  typingRow(d) {
    const dots = () =>
      el(
        "div",
        { class: "bubble dots" },
        el("span", { class: "sr" }, t("typing", { name: nameOf(d) })),
        el("i", {}),
        el("i", {}),
        el("i", {}),
      );
    return { key: "typing", sig: d.author, make: () => this.shell({ d, first: true }, dots()) };
  }

  // ---- onto the screen ----

  place(rows) {
    const { pinned } = this;
    const focused = list.contains(document.activeElement);
    const mark = pinned
      ? null
      : [...list.querySelectorAll(".message")].find((node) => node.offsetTop + node.offsetHeight > scroller.scrollTop);
    const stood = mark?.offsetTop;
    const kept = new Map();
    let at = list.firstChild;
    for (const { key, sig, make } of rows) {
      const old = this.nodes.get(key);
      const node = old?.sig === sig ? old.node : make();
      if (old && old.node !== node) {
        node.classList.add("still"); // changed, not new: it does not move in again
        if (old.node === at) at = at.nextSibling;
        old.node.remove();
      }
      if (node === at) at = at.nextSibling;
      else list.insertBefore(node, at);
      kept.set(key, { sig, node });
    }
    for (const [key, { node }] of this.nodes) if (!kept.has(key)) node.remove();
    this.nodes = kept;
    if (pinned) this.toEnd();
    else if (mark?.isConnected) scroller.scrollTop += mark.offsetTop - stood;
    if (focused && !list.contains(document.activeElement))
      (touch ? scroller : $("text")).focus({ preventScroll: true });
  }

  toEnd() {
    scroller.scrollTop = scroller.scrollHeight;
    this.pinned = true;
    this.seen();
  }

  // Something came while the reader is further up.
  hint() {
    if (!this.pinned) $("newer").hidden = false;
  }

  seen() {
    $("newer").hidden = true;
    this.onSeen?.();
  }
}

function faceOf(d) {
  if (d.author === "bot") return icon("bot");
  if (d.author === "agent") return [...agentName(d)][0].toUpperCase();
  return icon("chat");
}

function attachment({ kind, name, url, size }) {
  const label = name || t("attachment");
  if (!safeLink(url)) return el("div", { class: "file" }, label);
  if (kind === "image")
    return el("div", { class: "picture" }, anchor(url, el("img", { src: url, alt: label, loading: "lazy" })));
  return el("div", { class: "file" }, anchor(url, size ? `${label} (${Math.ceil(size / 1e3)} KB)` : label));
}
