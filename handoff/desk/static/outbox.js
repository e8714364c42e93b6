/* What the agent has sent and the server has not confirmed. Kept over reloads; sent in order, one at a time for each
   conversation; the same cid at every try, so that a lost answer never doubles a message. */
import { signal } from "./lib.js";
import { ApiError, post } from "./api.js";
import { memory } from "./boot.js";
import * as list from "./list-state.js";
import { toast } from "./notices.js";
import * as threads from "./thread-state.js";
import { t } from "./words.js";

/** [{cid, conv, text, note, private, seen, files, then, at, state: queued|sending|refused, said, error, code}] in the order
    they were sent. `then`: conversations to resolve once the server has it; `said`: it has it, and they are not all done. */
export const unsent = signal([]);

const busy = new Set();
/** What this page does when the server has a message, by cid; a reload forgets it. */
const after = new Map();
let wait = 1000;
let timer = 0;
const key = () => `${list.me.peek()?.id}.outbox`;

export function restore() {
  unsent.value = memory.get(key(), []).map((one) => (one.state === "sending" ? { ...one, state: "queued" } : one));
  flush();
}

function keep(next) {
  unsent.value = next;
  memory.set(key(), next.length ? next : null);
}

const update = (cid, patch) => keep(unsent.peek().map((one) => (one.cid === cid ? { ...one, ...patch } : one)));

export function put({ conv, text, note, aside = false, seen, files = [], then = [], done = null }) {
  const cid = crypto.randomUUID ? crypto.randomUUID() : Array.from(
    crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const at = new Date(Date.now() + list.skew.peek()).toISOString();
  keep([...unsent.peek(), { cid, conv, text, note, private: aside, seen, files, then, at, state: "queued", error: "", code: "" }]);
  if (done) after.set(cid, done);
  flush();
  return cid;
}

/** The server has it: its own copy takes the place of ours, which stays unseen while something is to be done after it. */
export function landed(cid) {
  const one = unsent.peek().find((it) => it.cid === cid);
  if (one?.then?.length) update(cid, { said: true });
  else if (one) discard(cid);
}

export function discard(cid) {
  keep(unsent.peek().filter((one) => one.cid !== cid));
}

/** Try a refused one again; `anyway`: also though a colleague answered meanwhile. */
export function again(cid, { anyway = false } = {}) {
  update(cid, { state: "queued", error: "", code: "", ...(anyway ? { seen: null } : {}) });
  flush();
}

/** Send whatever waits. Called when something is put, when the connection is back, and now and then. */
export function flush() {
  clearTimeout(timer);
  for (const conv of new Set(unsent.peek().map((one) => one.conv))) if (!busy.has(conv)) drain(conv);
}

async function drain(conv) {
  busy.add(conv);
  try {
    for (;;) {
      const next = unsent.peek().find((one) => one.conv === conv && one.state !== "refused");
      if (!next || !(await deliver(next))) return;
    }
  } finally {
    busy.delete(conv);
  }
}

/** True if the next one may follow. */
async function deliver(one) {
  update(one.cid, { state: "sending" });
  const path = `/conversations/${one.conv}/${one.note ? "notes" : "messages"}`;
  try {
    const attachments = one.files?.length ? one.files.map((file) => file.key) : undefined;
    const done = await post(path, {
      cid: one.cid, text: one.text, attachments, ...(one.note ? {} : { seen: one.seen }),
      ...(one.private ? { private: true } : {}),
    });
    wait = 1000;
    landed(one.cid);
    threads.accept(done);
    if (one.then?.length) await follow(one);
    after.get(one.cid)?.();
    after.delete(one.cid);
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.passing || error.status === 401) {
      update(one.cid, { state: "queued" });
      timer = setTimeout(flush, wait);
      wait = Math.min(wait * 2, 30000);
      return false;
    }
    if (error.data.row) list.patch(error.data.row);
    const code = error.status === 409 && error.data.current === "answered" ? "answered" : "refused";
    update(one.cid, { state: "refused", error: threads.complaint(error), code });
    if (one.then?.length) toast(t("closing.refused", { why: threads.complaint(error) }), { kind: "error" });
    return true;
  }
}

/** What is resolved after it. A connection that breaks here begins again with the message: its cid says that it is known. */
async function follow(one) {
  const undo = async () => { for (const id of one.then) await threads.act("claim", id); };
  const refusal = await settle(one.then);
  discard(one.cid);
  toast(refusal || t("closing.done"), refusal ? { kind: "error" } : { undo });
}

/** Resolve all of them. Why one could not be, in words, or "". Throws only what may pass. */
export async function settle(ids) {
  try {
    for (const id of ids) threads.accept(await post(`/conversations/${id}/resolve`));
    return "";
  } catch (error) {
    if (!(error instanceof ApiError) || error.passing || error.status === 401) throw error;
    if (error.data.row) list.patch(error.data.row);
    return threads.complaint(error);
  }
}
