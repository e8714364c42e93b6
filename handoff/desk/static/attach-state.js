/* Files an agent is about to send: uploaded as soon as they are chosen, named by the reply that carries them. */
import { signal } from "./lib.js";
import { ApiError, upload } from "./api.js";
import { threads } from "./thread-state.js";
import { t } from "./words.js";

export const MOST = 9;
const NONE = [];

/** conv → [{id, name, size, source: File, state: uploading|ready|failed, done, why, again, file: {key, …}}] */
const held = signal(new Map());
const stops = new Map();
let count = 0;

export const filesOf = (conv) => held.value.get(conv) ?? NONE;

/** The kinds of attachments the conversation's channel takes. */
export const carried = (conv) => threads.value.get(conv)?.detail?.attachments ?? NONE;
const limit = (conv) => threads.peek().get(conv)?.detail?.attachment_bytes ?? Infinity;

function keep(conv, files) {
  const next = new Map(held.peek());
  if (files.length) next.set(conv, files);
  else next.delete(conv);
  held.value = next;
}

const update = (conv, id, patch) => keep(conv, (held.peek().get(conv) ?? NONE).map((one) => (one.id === id ? { ...one, ...patch } : one)));

/** Chosen, pasted or dropped. */
export function add(conv, list) {
  const most = limit(conv);
  for (const source of list) {
    const files = held.peek().get(conv) ?? NONE;
    const one = { id: (count += 1), name: source.name, size: source.size, source, state: "uploading", done: 0, why: "", again: false };
    const why = files.length >= MOST ? t("attach.many", { n: MOST })
      : source.size > most ? t("attach.too_large", { most: size(most) })
      : !possible(conv, source.type) ? t("attach.kind") : "";
    keep(conv, [...files, why ? { ...one, state: "failed", why } : one]);
    if (!why) send(conv, one);
  }
}

/** What the browser takes it for; the server looks at the content and has the last word. */
function possible(conv, type) {
  const kinds = carried(conv);
  const kind = { image: "image", audio: "voice", video: "video" }[type.split("/")[0]] ?? "file";
  return kinds.includes(kind) || kinds.includes("file");
}

async function send(conv, one) {
  const path = `/conversations/${conv}/files?name=${encodeURIComponent(one.name)}`;
  const going = upload(path, one.source, (done) => update(conv, one.id, { done }));
  stops.set(one.id, going.stop);
  try {
    const file = await going.answer;
    update(conv, one.id, { state: "ready", file, source: null });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    update(conv, one.id, { state: "failed", why: reason(error, limit(conv)), again: error.passing });
  } finally {
    stops.delete(one.id);
  }
}

function reason(error, most) {
  if (error.status === 413) return t("attach.too_large", { most: size(most) });
  if (error.error === "kind") return t("attach.kind");
  if (error.error === "empty") return t("attach.empty");
  return t(error.status === 0 ? "error.network" : "error.server");
}

export function again(conv, one) {
  update(conv, one.id, { state: "uploading", done: 0, why: "" });
  send(conv, one);
}

export function remove(conv, id) {
  stops.get(id)?.();
  keep(conv, filesOf(conv).filter((one) => one.id !== id));
}

/** The uploaded files leave with a reply. */
export function take(conv) {
  const files = (held.peek().get(conv) ?? NONE).map((one) => one.file);
  keep(conv, NONE);
  return files;
}

/** A refused reply's files become attachable again. */
export function giveBack(conv, files = NONE) {
  const back = files.map((file) => ({ id: (count += 1), name: file.name, size: file.size, state: "ready", file }));
  keep(conv, [...back, ...(held.peek().get(conv) ?? NONE)]);
}

export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1048576) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1048576).toFixed(1).replace(/\.0$/, "")} MB`;
}
