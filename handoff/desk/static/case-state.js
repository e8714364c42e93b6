/* Complaint cases: the one that is written (kept in this browser until it is saved), and the changes to those there are. */
import { signal } from "./lib.js";
import { memory } from "./boot.js";
import { ApiError, get, post } from "./api.js";
import { local, moment } from "./call-state.js";
import { me } from "./list-state.js";
import { toast } from "./notices.js";
import { accept, complaint, refreshDetail, thread } from "./thread-state.js";
import { known, language, nameOf, t } from "./words.js";

export const FIELDS = ["what", "when", "order", "product", "harm", "wish", "amount", "promise", "name", "phone", "address", "note"];
export const DETAILS = ["photos", "model", "symptom", "first_used", "recent_use", "made", "batch", "before"];
export const TIERS = ["minor", "moderate", "serious", "critical"];
const LONG = { what: 2000, note: 1000 };
/** Characters a field may have. */
export const most = (name) => LONG[name] ?? 500;

/** {conv, case, fields, tier, due, dues, cid, state: open | saving, errors, restored} or null where none is written.
    `case`: the one that is changed; null registers a new one. `dues`: by when, by tier. */
export const writing = signal(null);
/** Who may have a case: [{id, name, number}], null before anybody asked. */
export const colleagues = signal(null);

/** Which field a refusal of the server's is about. */
const PLACES = { no_what: "what", bad_due: "due", bad_tier: "tier" };
const key = (conv) => `${me.peek()?.id}.case.${conv}`;
const fresh = () => (crypto.randomUUID ? crypto.randomUUID() : `case-${Date.now()}-${Math.random().toString(36).slice(2)}`);

/** Register a case of this conversation, with what is known filled in. */
export async function begin(row) {
  const kept = memory.get(key(row.id));
  try {
    const found = await get(`/conversations/${row.id}/case`);
    const comma = language.value === "en" ? ", " : "、";
    const wish = found.wishes.map((one) => known(`case.wish.${one}`, one)).join(comma);
    const fields = { ...(wish ? { wish } : {}), ...found.fields };
    const it = kept ?? { cid: fresh(), fields, tier: found.tier, due: "" };
    writing.value = { ...it, conv: row.id, about: nameOf(row.contact, row.channel), case: null, dues: found.due, state: "open", errors: {}, restored: Boolean(kept) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toast(complaint(error), { kind: "error" });
  }
}

/** Change what a case says. */
export function edit(one) {
  writing.value = {
    conv: one.conversation, about: one.number, case: one, cid: "", fields: { ...one.fields }, tier: one.tier,
    due: local(new Date(one.due)), dues: {}, state: "open", errors: {}, restored: false,
  };
}

export function set(more, name) {
  const it = writing.peek();
  const errors = Object.fromEntries(Object.entries(it.errors).filter(([one]) => one !== name && one !== "all"));
  const next = { ...it, ...more, errors };
  writing.value = next;
  if (!it.case) memory.set(key(it.conv), { cid: next.cid, fields: next.fields, tier: next.tier, due: next.due });
}

export const put = (name, value) => set({ fields: { ...writing.peek().fields, [name]: value } }, name);

/** What was typed stays; it comes back when the dialog does. */
export const leave = () => { writing.value = null; };

/** Away with what was kept from the last time. */
export function clear() {
  const it = writing.peek();
  memory.set(key(it.conv), null);
  leave();
  begin({ id: it.conv, contact: { name: it.about }, channel: "" });
}

/** Send it. Whatever fails, the words stay in the dialog; trying again is the same case. */
export async function save() {
  const it = writing.peek();
  if (!it || it.state === "saving") return;
  if (!it.fields.what?.trim()) {
    writing.value = { ...it, errors: { what: t("case.error.no_what") } };
    return;
  }
  writing.value = { ...it, state: "saving", errors: {} };
  const body = { fields: it.fields, tier: it.tier };
  const due = it.case && it.due === local(new Date(it.case.due)) ? "" : moment(it.due);
  if (due) body.due = due;
  try {
    const done = await post(it.case ? `/cases/${it.case.id}` : `/conversations/${it.conv}/cases`, it.case ? body : { ...body, cid: it.cid });
    if (!it.case) memory.set(key(it.conv), null);
    writing.value = null;
    landed(done);
    toast(t(it.case ? "case.changed" : "case.done"));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    writing.value = { ...writing.peek(), state: "open", errors: refused(error) };
  }
}

function refused(error) {
  const place = PLACES[error.error];
  if (place) return { [place]: t(`case.error.${error.error}`) };
  return { all: error.status === 0 ? t("case.error.network") : complaint(error) };
}

/** The case's own conversation, and the one on the screen. */
function landed(done) {
  accept(done);
  const open = thread.peek()?.id;
  if (open !== undefined && open !== done.row.id) refreshDetail(open);
}

/** One thing about a case: {status, agreed} or {owner}. */
export async function change(one, wanted) {
  try {
    landed(await post(`/cases/${one.id}`, wanted));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toast(complaint(error), { kind: "error" });
    refreshDetail(thread.peek()?.id);
  }
}

/** Asked once; who comes later is seen after a reload. */
export async function askColleagues() {
  if (colleagues.peek() !== null) return;
  colleagues.value = [];
  try {
    colleagues.value = (await get("/colleagues")).agents;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    colleagues.value = null;
  }
}
