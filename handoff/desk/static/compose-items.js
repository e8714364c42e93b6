/* From a log to what is drawn: days, groups of one speaker, the unread line, handoffs with their record. Pure. */

const GROUP = 2 * 60 * 1000;

const dayOf = (iso) => new Date(iso).toDateString();

function sameGroup(one, two) {
  return one && one.d.author === two.d.author && one.d.agent_id === two.d.agent_id && one.d.note === two.d.note
    && new Date(two.d.at) - new Date(one.d.at) < GROUP;
}

/** The records of offered handoffs, matched to their places in the log from the newest back. */
function recordsFor(items, handoffs) {
  const offers = items.filter((item) => item.t === "handoff" && item.d.status === "offered");
  const taken = handoffs.filter((record) => record.status !== "noted");
  const found = new Map();
  offers.reverse().forEach((item, place) => found.set(item.seq, taken[taken.length - 1 - place] ?? null));
  return found;
}

/** A status that the record of a handoff right after it tells better. */
const announced = (items, place) => items[place].t === "status" && items[place].d.status === "open"
  && !items[place].d.agent && items[place + 1]?.t === "handoff";

/** [{kind: day|unread|message|activity|status|handoff|poison|unsent, key, …}] oldest first. */
export function composed(it, unsent) {
  const records = recordsFor(it.items, it.detail?.handoffs ?? []);
  const out = [];
  let day = "";
  let last = null;
  for (const [place, item] of it.items.entries()) {
    if (item.t === "message" && dayOf(item.d.at) !== day) {
      day = dayOf(item.d.at);
      last = null;
      out.push({ kind: "day", key: `day${item.seq}`, at: item.d.at });
    }
    if (item.seq === it.unreadFrom) {
      last = null;
      out.push({ kind: "unread", key: "unread" });
    }
    if (item.t === "message" && item.d.kind === "event") {
      out.push({ kind: "activity", key: `m${item.seq}`, item });
      last = null;
    } else if (item.t === "message") {
      out.push({ kind: "message", key: `m${item.seq}`, item, head: Boolean(item.d.letter) || !sameGroup(last, item) });
      last = item;
    } else if (!announced(it.items, place)) {
      const extra = item.t === "handoff" ? { record: records.get(item.seq) ?? null } : {};
      if (item.t !== "handoff" || item.d.status === "offered") out.push({ kind: item.t, key: `e${item.seq}`, item, ...extra });
      last = null;
    }
  }
  for (const one of unsent) out.push({ kind: "unsent", key: `u${one.cid}`, one });
  return out;
}

const BROKEN = new Set(["failed", "expired", "unknown"]);

/** The last thing we said that the customer has seen, and the last that went out: only these carry a mark. */
export function marks(items, read) {
  let seen = 0;
  let last = 0;
  for (const item of items) {
    if (item.t !== "message" || item.d.note || (item.d.author !== "agent" && item.d.author !== "bot")) continue;
    if (BROKEN.has(item.d.delivery)) continue;
    last = item.seq;
    if (item.seq <= read) seen = item.seq;
  }
  return { seen, last };
}
