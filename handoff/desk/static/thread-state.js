/* The open conversation: its log by cursor, what is about it, and who else is there. */
import { batch, computed, signal } from "./lib.js";
import { ApiError, get, post } from "./api.js";
import * as list from "./list-state.js";
import * as outbox from "./outbox.js";
import { link, send } from "./socket.js";
import { announce, toast } from "./notices.js";
import { known, nameOf, t } from "./words.js";

export const MOST_SHOWN = 300;
const KEPT = 20;
/** Characters that are read out when a message comes. */
const MOST_SPOKEN = 500;

/** The conversation on the screen, or null. */
export const openId = signal(null);
export const threads = signal(new Map());
/** {conv, id → {name, author, note, until}} */
export const typists = signal([]);
export const viewers = signal([]);
/** An action under way: claim, resolve or return. */
export const acting = signal("");

export const thread = computed(() => threads.value.get(openId.value) ?? null);
export const row = computed(() => list.rows.value.get(openId.value) ?? thread.value?.detail?.conversation ?? null);

/** What the agent may do with it: mine | free | bot | other | resolved */
export const standing = computed(() => {
  const it = row.value;
  if (!it) return "none";
  if (it.status === "resolved") return "resolved";
  if (it.status === "pending") return "bot";
  if (!it.assignee) return "free";
  return it.assignee.id === list.me.value?.id ? "mine" : "other";
});

const blank = (id) => ({
  id, state: "loading", detail: null, items: [], read: 0, seq: 0, earlier: false, older: "idle", unreadFrom: null,
  cut: false,
});

function change(id, patch) {
  const old = threads.peek().get(id);
  if (!old) return;
  const next = new Map(threads.peek());
  next.set(id, { ...old, ...patch });
  threads.value = next;
}

/** Show a conversation; null shows none. */
export function openThread(id) {
  if (id === openId.peek()) return;
  batch(() => {
    openId.value = id;
    typists.value = [];
    viewers.value = [];
    if (id !== null && !threads.peek().has(id)) {
      const next = new Map([...threads.peek()].slice(-KEPT));
      next.set(id, blank(id));
      threads.value = next;
    }
  });
  if (id === null) send({ t: "view", conv: null });
  else if (threads.peek().get(id).state === "ready") {
    watch();
    refreshDetail(id);
  } else fetchThread(id);
}

export async function fetchThread(id) {
  change(id, { state: "loading" });
  try {
    const [detail, page] = await Promise.all([get(`/conversations/${id}`), get(`/conversations/${id}/events`)]);
    list.patch(detail.conversation);
    const it = { ...blank(id), state: "ready", detail, earlier: page.earlier, seq: page.seq };
    it.read = detail.conversation.customer_read_seq ?? 0;
    change(id, apply(it, page.events));
    change(id, { unreadFrom: firstUnread(threads.peek().get(id), detail.conversation) });
    if (openId.peek() === id) watch();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    change(id, { state: error.status === 404 ? "gone" : "failed" });
  }
}

function firstUnread(it, about) {
  if (!about.unread) return null;
  const said = it.items.filter(
    (item) => item.t === "message" && item.d.author === "customer" && item.d.kind !== "event",
  );
  return said.at(-about.unread)?.seq ?? null;
}

export async function refreshDetail(id) {
  try {
    const detail = await get(`/conversations/${id}`);
    list.patch(detail.conversation);
    change(id, { detail });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}

/** What is about the open conversation may have changed unheard. */
export function refresh() {
  const it = thread.peek();
  if (it?.state === "ready") refreshDetail(it.id);
}

/** Ask for everything after our cursor, and for what comes. Also the greeting after a reconnect. */
export function watch() {
  const it = thread.peek();
  if (it?.state === "ready") send({ t: "view", conv: it.id, after: it.seq });
}

/** Without a socket: the same events, asked for. */
export async function poll() {
  const it = thread.peek();
  if (it?.state !== "ready") return;
  const page = await get(`/conversations/${it.id}/events?after=${it.seq}`);
  if (page.reset) await fetchThread(it.id);
  else if (page.events.length) {
    take(it.id, page.events, page.seq);
    await refreshDetail(it.id);
  }
}

export async function loadEarlier() {
  const it = thread.peek();
  if (!it?.earlier || it.older === "loading") return;
  change(it.id, { older: "loading" });
  try {
    const before = it.items[0]?.seq ?? it.seq + 1;
    const page = await get(`/conversations/${it.id}/events?before=${before}`);
    const now = threads.peek().get(it.id);
    // Their delivery states came with them; the events about those states are older than that.
    const found = page.events.filter((e) => shows(e.t) && e.seq < (now.items[0]?.seq ?? Infinity));
    const items = [...found, ...now.items];
    const cut = now.cut || items.length > MOST_SHOWN;
    change(it.id, { items: items.slice(0, MOST_SHOWN), earlier: page.earlier, older: "idle", cut });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    change(it.id, { older: "failed" });
  }
}

const shows = (type) => type === "message" || type === "status" || type === "handoff" || type === "poison"
  || type === "rating" || type === "judgement" || type === "agent_mail" || type === "aside" || type === "case";

/** The thread with these events in it. The cursor stays: only what came in order moves it. */
export function apply(it, events) {
  const next = { ...it, items: it.items.slice() };
  for (const event of events) {
    const d = event.d;
    if (event.t === "delivery") mend(next, d.seq, { delivery: d.delivery, error: d.error ?? "", ...addressed(next, d) });
    else if (event.t === "attachment") mend(next, d.seq, { attachments: d.attachments });
    else if (event.t === "recall") mend(next, d.seq, { recalled: true });
    else if (event.t === "read") {
      if (d.by !== "desk") next.read = Math.max(next.read, d.upto);
    } else if (shows(event.t)) insert(next.items, event);
  }
  const extra = next.items.length - MOST_SHOWN;
  if (extra > 0) {
    next.items = next.items.slice(extra);
    next.earlier = true;
  }
  return next;
}

function insert(items, event) {
  let place = items.length;
  while (place > 0 && items[place - 1].seq > event.seq) place -= 1;
  if (place > 0 && items[place - 1].seq === event.seq) items[place - 1] = event;
  else items.splice(place, 0, event);
}

/** How a letter went out is known when it is out. */
function addressed(it, { seq, extra }) {
  if (!extra?.to) return {};
  const old = it.items.find((item) => item.seq === seq)?.d.letter;
  return { letter: { ...old, subject: extra.subject, to: extra.to, cc: extra.cc, refused: extra.refused } };
}

/** Something about a message that stands there already: how far it got, a file that came, that it was taken back. */
function mend(it, seq, patch) {
  const place = it.items.findIndex((item) => item.seq === seq);
  if (place < 0) return;
  const old = it.items[place];
  it.items[place] = { ...old, d: { ...old.d, ...patch } };
}

/** What changes more than the log. A letter changes whom the next one goes to. */
const DETAILS = new Set(["handoff", "status", "rating", "aside", "case"]);

/** Events of a conversation came. `seq`: we have everything up to it now (an answer to a command does not say so). */
export function take(id, events, seq = 0) {
  const it = threads.peek().get(id);
  for (const event of events) if (event.d.cid) outbox.landed(event.d.cid);
  if (!it || it.state !== "ready") return;
  const fresh = events.filter((event) => event.seq > it.seq);
  if (it.cut && fresh.length) {
    fetchThread(id); // the newest part was let go while older pages were read
    return;
  }
  // What the socket told already may have moved on since: an answer that comes late must not turn it back.
  const next = apply(it, fresh);
  change(id, { ...next, seq: Math.max(next.seq, seq) });
  if (fresh.some((event) => DETAILS.has(event.t) || event.d.letter)) refreshDetail(id);
  if (id === openId.peek()) heard(fresh);
}

function customerName() {
  const about = row.peek();
  return about ? nameOf(about.contact, about.channel) : t("author.customer");
}

function heard(fresh) {
  for (const event of fresh) {
    if (event.t !== "message" || event.d.author !== "customer" || event.d.kind === "event") continue;
    typists.value = typists.peek().filter((who) => who.author === "agent");
    const text = event.d.letter?.subject || event.d.text.slice(0, MOST_SPOKEN) || known(`kind.${event.d.kind}`);
    announce(t("announce.customer", { name: event.d.name || customerName(), text }));
  }
}

export function typing(frame) {
  if (frame.conv !== openId.peek()) return;
  const author = frame.d.author === "agent" ? "agent" : "customer";
  const who = { author, id: frame.d.id ?? 0, name: frame.d.name ?? "", note: Boolean(frame.d.note) };
  const others = typists.peek().filter((one) => one.author !== author || one.id !== who.id);
  const until = Date.now() + 6000;
  typists.value = [...others, { ...who, until }];
  setTimeout(() => {
    typists.value = typists.peek().filter((one) => one.until > Date.now());
  }, 6050);
}

/** The agent has the conversation before his eyes: what the customer wrote counts as read. */
export async function markRead() {
  const it = thread.peek();
  const about = row.peek();
  if (!it || !about?.unread || it.state !== "ready" || document.visibilityState !== "visible") return;
  if (standing.peek() !== "mine" && standing.peek() !== "free") return;
  const upto = it.seq;
  if (reading.has(it.id) || readTo.get(it.id) >= upto) return;
  reading.add(it.id);
  try {
    const done = await post(`/conversations/${it.id}/read`, { upto });
    readTo.set(it.id, upto);
    accept(done);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return;
  } finally {
    reading.delete(it.id);
  }
  await markRead(); // what came meanwhile
}
const reading = new Set();
/** How far the server knows that we have read. */
const readTo = new Map();

/** The answer to a command: the events it made and the row it left. */
export function accept(done) {
  list.patch(done.row);
  take(done.row.id, done.events);
}

/** claim | resolve | return. Says what happened; a refusal shows who has the conversation now. */
export async function act(what, id = openId.peek()) {
  if (acting.peek() || id === null) return false;
  acting.value = what;
  const before = list.rows.peek().get(id) ?? row.peek();
  try {
    accept(await post(`/conversations/${id}/${what}`));
    refreshDetail(id);
    const undo = what === "resolve" && before?.status !== "resolved" ? () => act("claim", id) : null;
    toast(t(`done.${what}`, { name: before ? nameOf(before.contact, before.channel) : t("list.anonymous") }), { undo });
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.data.row) list.patch(error.data.row);
    toast(complaint(error), { kind: "error" });
    return false;
  } finally {
    acting.value = "";
  }
}

/** Why a command failed, in words. */
export function complaint(error) {
  if (error.status === 409 && error.data.current === "answered") return t("conflict.answered");
  if (error.status === 409 && error.data.row?.assignee) return t("conflict.held", { name: error.data.row.assignee.name });
  if (error.status === 409) return t("conflict.changed");
  if (error.status === 404) return t("error.gone");
  if (error.status === 0) return t("error.network");
  if (error.error === "too_long") return t("error.too_long");
  return t("error.server");
}

export async function retry(messageId) {
  try {
    accept(await post(`/messages/${messageId}/retry`));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toast(complaint(error), { kind: "error" });
  }
}

export const offline = computed(() => link.value !== "open");
