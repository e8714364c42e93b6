/* What the agent is writing: one reply (in a public conversation also a private one) and one note a conversation, kept
   in this browser. */
import { signal } from "./lib.js";
import { memory } from "./boot.js";
import { me } from "./list-state.js";

/** reply | note: which of the two the composer holds. */
export const mode = signal("reply");
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

/** A refused message becomes a draft again, before whatever was begun since. */
export function giveBack(conv, { note, private: aside }, text) {
  const which = note ? "note" : aside ? "private" : "reply";
  const begun = draft(conv, which);
  write(conv, which, begun.trim() ? `${text}\n${begun}` : text);
  mode.value = note ? "note" : "reply";
}
