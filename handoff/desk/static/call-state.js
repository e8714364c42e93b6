/* Writing a call down: what is typed (kept in this browser until it is saved), whose number it is, and sending it once. */
import { signal } from "./lib.js";
import { memory } from "./boot.js";
import { ApiError, get, post } from "./api.js";
import { me } from "./list-state.js";
import { toast } from "./notices.js";
import { go } from "./place.js";
import { complaint, take } from "./thread-state.js";
import { patch } from "./list-state.js";
import { nameOf, t } from "./words.js";

/** {about, fields, state: open | saving, errors: {field: words}, restored} or null where no call is written down.
    `about`: the customer whose page it was opened on, {id, name}, or null. */
export const writing = signal(null);
/** What the number is, and whose: {text, number, contact} */
export const caller = signal(null);

const PAUSE = 300;
/** Which field a refusal of the server's is about. */
const PLACES = {
  no_summary: "summary", bad_phone: "number", bad_at: "at", no_follow_up: "follow_up", bad_follow_up: "follow_up",
  bad_recording: "recording",
};

const key = (about) => `${me.peek()?.id}.call.${about?.id ?? ""}`;
const two = (n) => String(n).padStart(2, "0");
/** As an input of type datetime-local has it. */
export const local = (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;

const blank = () => ({
  cid: crypto.randomUUID ? crypto.randomUUID() : `call-${Date.now()}-${Math.random().toString(36).slice(2)}`,
  direction: "in", number: "", name: "", at: local(new Date()), minutes: "", type: "", tier: "", summary: "", result: "open",
  follow_up: "", follow_up_note: "", recording: "", case: false,
});

/** Tomorrow at ten: the day of a follow-up nobody has chosen otherwise. */
export function tomorrow() {
  const day = new Date();
  day.setDate(day.getDate() + 1);
  day.setHours(10, 0, 0, 0);
  return local(day);
}

export function begin(about = null, number = "") {
  const kept = memory.get(key(about));
  const fields = kept ? { ...blank(), ...kept } : { ...blank(), number, name: about?.name ?? "" };
  writing.value = { about, fields, state: "open", errors: {}, restored: Boolean(kept) };
  caller.value = null;
  look(fields.number);
}

export function clear() {
  const it = writing.peek();
  memory.set(key(it.about), null);
  writing.value = { ...it, fields: { ...blank(), name: it.about?.name ?? "" }, errors: {}, restored: false };
  caller.value = null;
}

export function set(more) {
  const it = writing.peek();
  const errors = Object.fromEntries(Object.entries(it.errors).filter(([name]) => !(name in more) && name !== "all"));
  writing.value = { ...it, fields: { ...it.fields, ...more }, errors };
  memory.set(key(it.about), writing.peek().fields);
  if ("number" in more) look(more.number);
}

/** What was typed stays; it comes back when the dialog does. */
export const leave = () => { writing.value = null; };

let timer = 0;

/** Whose number is that? Asked in a pause of the typing; without an answer nothing is said. */
function look(text) {
  clearTimeout(timer);
  if (!text.trim()) {
    caller.value = null;
    return;
  }
  timer = setTimeout(async () => {
    try {
      const found = await get(`/calls/number?text=${encodeURIComponent(text)}`);
      if (writing.peek()?.fields.number === text) caller.value = { text, ...found };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      caller.value = null;
    }
  }, PAUSE);
}

function missing(fields) {
  const errors = {};
  if (!fields.summary.trim()) errors.summary = t("call.error.no_summary");
  if (fields.result === "callback" && !fields.follow_up) errors.follow_up = t("call.error.no_follow_up");
  if (fields.recording.trim() && !/^https:\/\/\S+$/i.test(fields.recording.trim())) errors.recording = t("call.error.bad_recording");
  return errors;
}

export const moment = (text) => (text ? new Date(text).toISOString() : "");

function body({ about, fields }) {
  const { minutes, at, follow_up: day, tier, type, ...rest } = fields;
  const seconds = fields.direction === "missed" || minutes === "" ? null : Math.round(Number(minutes) * 60);
  return {
    ...rest, type, tier: type === "complaint" ? tier : "", seconds, at: moment(at), follow_up: moment(day), contact: about?.id ?? null,
    case: type === "complaint" && rest.case,
  };
}

/** Send it. Whatever fails, the words stay in the dialog; trying again is the same call. */
export async function save() {
  const it = writing.peek();
  if (!it || it.state === "saving") return;
  const errors = missing(it.fields);
  if (Object.keys(errors).length) {
    writing.value = { ...it, errors };
    return;
  }
  writing.value = { ...it, state: "saving", errors: {} };
  try {
    const done = await post("/calls", body(it));
    memory.set(key(it.about), null);
    writing.value = null;
    patch(done.row);
    take(done.row.id, done.events);
    toast(t("call.done", { name: nameOf(done.row.contact, done.row.channel) }));
    go(done.row.id);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    writing.value = { ...writing.peek(), state: "open", errors: refused(error) };
  }
}

function refused(error) {
  const place = PLACES[error.error];
  if (place) return { [place]: t(`call.error.${error.error}`) };
  return { all: error.status === 0 ? t("call.error.network") : complaint(error) };
}
