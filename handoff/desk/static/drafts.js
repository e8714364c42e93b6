/* What the agent is writing: one reply (in a public conversation also a private one) and one note a conversation, and
   which of them he is at. Kept in this browser, each by itself: words never change their way. */
import { signal } from "./lib.js";
import { memory } from "./boot.js";
import { me } from "./list-state.js";

const WAYS = new Set(["reply", "private", "note"]);
const ways = signal(new Map());
const texts = signal(new Map());

const key = (conv, which) => `${me.peek()?.id}.draft.${conv}.${which}`;

export function draft(conv, which) {
  const name = key(conv, which);
  const known = texts.value.get(name);
  return known === undefined ? memory.get(name, "") : known;
}

export function write(conv, which, text) {
  const name = key(conv, which);
  texts.value = new Map(texts.peek()).set(name, text);
  memory.set(name, text.trim() ? text : null);
}

const wayKey = (conv) => `${me.peek()?.id}.way.${conv}`;

/** reply | private | note: what was chosen for the conversation; "" where nothing was. */
export function way(conv) {
  const name = wayKey(conv);
  const kept = ways.value.get(name) ?? memory.get(name, "");
  return WAYS.has(kept) ? kept : "";
}

export function choose(conv, which) {
  const name = wayKey(conv);
  ways.value = new Map(ways.peek()).set(name, which);
  memory.set(name, which);
}

/** What comes next takes the way that is usual then. */
export const forget = (conv) => choose(conv, "");

/** A refused message becomes a draft again, before whatever was begun since. */
export function giveBack(conv, { note, private: aside }, text) {
  const which = note ? "note" : aside ? "private" : "reply";
  const begun = draft(conv, which);
  write(conv, which, begun.trim() ? `${text}\n${begun}` : text);
  choose(conv, which);
}
