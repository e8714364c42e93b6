/* The conversations we know of, which of them a tab shows, and in what order while somebody points at them. */
import { batch, computed, signal } from "./lib.js";
import { ApiError, get } from "./api.js";

export const TABS = ["mine", "unassigned", "all", "resolved", "abuse"];
export const MOST_ROWS = 200;

export const me = signal(null);
export const tab = signal("mine");
export const counts = signal({ mine: 0, unassigned: 0, all: 0, abuse: 0 });
export const rows = signal(new Map());
/** A row the keyboard is on; opening it is another matter. */
export const cursor = signal(null);
/** empty | loading | ready | failed */
export const listState = signal("empty");
export const loadingMore = signal(false);
/** The pointer or the keyboard is in the list: nothing may move under it. */
export const held = signal(false);
/** The server's clock minus ours. */
export const skew = signal(0);
export const minute = signal(Date.now());

const edges = signal({});
const frozen = signal([]);

export const now = () => new Date(minute.value + skew.value);
setInterval(() => { minute.value = Date.now(); }, 15000);

/** Does the row belong to the tab? The server's lists follow the same rule. */
export function belongs(row, name, agentId) {
  switch (name) {
    case "mine": return row.status === "open" && row.assignee?.id === agentId;
    case "unassigned": return row.status === "open" && !row.assignee;
    case "resolved": return row.status === "resolved";
    case "abuse": return setApart(row);
    default: return row.status !== "resolved" && !setApart(row);
  }
}

/** Nothing but abuse so far, and nobody has taken it up. */
const setApart = (row) => row.status === "pending" && row.category === "abuse";

/** The tabs worth showing: the one for abuse stands there only while there is any. */
export const tabs = computed(() => TABS.filter((name) => name !== "abuse" || counts.value.abuse > 0 || tab.value === name));

const byTime = (a, b) => (a.last.at < b.last.at ? 1 : a.last.at > b.last.at ? -1 : b.id - a.id);

/** The tab's ids as they should stand, newest first. */
const live = computed(() => {
  const name = tab.value;
  const edge = edges.value[name];
  const mine = me.value?.id;
  return [...rows.value.values()]
    .filter((row) => belongs(row, name, mine) && (!edge || row.last.at >= edge))
    .sort(byTime)
    .slice(0, MOST_ROWS)
    .map((row) => row.id);
});

/** What is shown: the live order, or the one that was there when the pointer came. */
export const shown = computed(() => {
  const ids = held.value ? frozen.value : live.value;
  return ids.map((id) => rows.value.get(id)).filter(Boolean);
});

/** How many rows would come, go or move if the list were let loose. */
export const waiting = computed(() => {
  if (!held.value) return 0;
  const target = live.value;
  const before = new Set(frozen.value);
  const after = new Set(target);
  const places = new Map(frozen.value.filter((id) => after.has(id)).map((id, place) => [id, place]));
  const stayed = target.filter((id) => before.has(id)).map((id) => places.get(id));
  return before.size + after.size - stayed.length - rising(stayed);
});

/** The length of the longest rising subsequence: so many rows can be said to have stayed where they were. */
function rising(numbers) {
  const ends = [];
  for (const number of numbers) {
    let place = ends.findIndex((end) => end >= number);
    if (place < 0) place = ends.length;
    ends[place] = number;
  }
  return ends.length;
}

export function hold(on) {
  if (on === held.peek()) return;
  batch(() => {
    if (on) frozen.value = live.peek();
    held.value = on;
  });
}

/** Show the live order now, also under the pointer. */
export function settle() {
  frozen.value = live.value;
}

/** Is there more below than was fetched? */
export const hasMore = computed(() => Boolean(edges.value[tab.value]) && live.value.length < MOST_ROWS);

/** Take a row as it is now; an older copy that comes late changes nothing. */
export function patch(...fresh) {
  const next = new Map(rows.peek());
  let changed = false;
  for (const row of fresh) {
    const old = next.get(row.id);
    if (old && old.seq > row.seq) continue;
    next.set(row.id, row);
    changed = true;
  }
  if (changed) rows.value = next;
}

/** A page of a tab. The first page replaces what we knew of it `before` it was asked for: rows that left while we were
    away go. */
export function accept(page, { first, before = rows.peek() }) {
  batch(() => {
    skew.value = new Date(page.now).getTime() - Date.now();
    counts.value = page.counts;
    if (first) forget(page, before);
    patch(...page.rows);
    const last = page.rows.at(-1);
    edges.value = { ...edges.peek(), [page.tab]: page.more && last ? last.last.at : null };
    if (page.tab === tab.peek()) listState.value = "ready";
  });
}

function forget(page, before) {
  const there = new Set(page.rows.map((row) => row.id));
  const edge = page.more ? page.rows.at(-1)?.last.at : "";
  const next = new Map(rows.peek());
  for (const [id, row] of next) {
    if (!there.has(id) && before.get(id) === row && belongs(row, page.tab, me.peek()?.id) && row.last.at >= edge) next.delete(id);
  }
  rows.value = next;
}

export async function load(name = tab.peek()) {
  if (name === tab.peek() && shown.peek().length === 0) listState.value = "loading";
  const before = rows.peek();
  try {
    accept(await get(`/conversations?tab=${name}`), { first: true, before });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (name === tab.peek() && listState.peek() !== "ready") listState.value = "failed";
  }
}

/** Whoever waits in a tab that is not shown calls as well. */
export const fill = () => Promise.all(["mine", "unassigned"].filter((name) => name !== tab.peek()).map(load));

export async function loadMore() {
  const name = tab.peek();
  const before = edges.peek()[name];
  if (!before || loadingMore.peek()) return;
  loadingMore.value = true;
  try {
    accept(await get(`/conversations?tab=${name}&before=${encodeURIComponent(before)}`), { first: false });
    settle();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  } finally {
    loadingMore.value = false;
  }
}

export function choose(name) {
  batch(() => {
    tab.value = name;
    cursor.value = null;
    listState.value = live.peek().length ? "ready" : "loading";
    settle();
  });
  return load(name);
}

/** Conversations that want me: mine with unread words, and those nobody has taken. */
export const calling = computed(() => {
  const mine = me.value?.id;
  return [...rows.value.values()].filter(
    (row) => row.unread > 0 && (belongs(row, "mine", mine) || belongs(row, "unassigned", mine)),
  ).length;
});
