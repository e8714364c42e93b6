/* Before what began in public is resolved: shall a closing line be said there? It goes the way of every reply, and both
   sides are resolved only when the server has it (outbox.js). */
import { effect, html, signal, useEffect, useRef } from "./lib.js";
import { ApiError, get } from "./api.js";
import * as drafts from "./drafts.js";
import { sends } from "./enter.js";
import { Etiquette } from "./etiquette.js";
import { Icon } from "./icons.js";
import { me } from "./list-state.js";
import { dismiss } from "./notices.js";
import * as outbox from "./outbox.js";
import { gone, measured } from "./public.js";
import { sendKey } from "./settings.js";
import * as state from "./thread-state.js";
import { t } from "./words.js";

const KIND = "closing";

/** {conv, public, places, place, also, since, text, nth, cid, error} or null. `places`: the public conversations that
    are open, `place`: where it is said; `also`: what is resolved with it; `since`: when something was last said in private. */
const asked = signal(null);

const change = (patch) => { if (asked.peek()) asked.value = { ...asked.peek(), ...patch }; };

/** Open, and not in the hands of somebody else. */
const ours = (row) => row.status !== "resolved"
  && (row.status !== "open" || !row.assignee || row.assignee.id === me.peek()?.id);

/** Our words are the last that count there: it has been closed in public already. */
const said = (place, since) => (place.last.author === "agent" && !place.undelivered && place.last.at > since)
  || outbox.unsent.peek().some((one) => one.conv === place.id && !one.note && !one.private && one.state !== "refused");

/** Talk in private about what this public conversation began, or null; that he named us there is no talk. */
const aside = (it, rows) => rows.find((row) => !row.public
  && (row.status !== "resolved" || (row.last.author !== "customer" && row.last.at >= it.created_at))) ?? null;

/** What there is to ask before it is resolved, or null. */
function question({ conversation: it, linked = [] }) {
  if (!it.public) {
    const places = linked.filter((row) => row.public && ours(row));
    return places.length ? { conv: it.id, public: false, places, place: places[0], also: [it.id], since: it.last.at } : null;
  }
  const other = aside(it, linked);
  if (!other) return null;
  const also = ours(other) ? [other.id] : [];
  if (!also.length && (gone.peek() || said(it, other.last.at))) return null;
  return { conv: it.id, public: true, places: [it], place: it, also, since: other.last.at };
}

/** Everything this customer said about it in private is settled, and this is the public side. */
export const settled = (detail) => {
  const other = detail?.conversation.public ? aside(detail.conversation, detail.linked ?? []) : null;
  return other?.status === "resolved";
};

/** Resolve the open conversation; where something public hangs on it, ask first. */
export async function resolve() {
  const id = state.openId.peek();
  if (id === null || state.acting.peek() || asked.peek()) return;
  if ((state.thread.peek()?.detail?.public_most ?? null) !== null) {
    state.acting.value = "resolve";
    await state.refreshDetail(id); // he may have written in public since
    const it = question(state.threads.peek().get(id).detail);
    const text = it ? await line(it.place, 0, it.since) : "";
    state.acting.value = "";
    if (state.openId.peek() !== id) return;
    if (it) {
      asked.value = { ...it, text, nth: 1, cid: null, error: "" };
      return;
    }
  }
  await state.act("resolve", id);
}

/** What was begun here before; else words of the scripts, unless it has been said. */
async function line(place, nth, since) {
  const begun = nth ? "" : drafts.draft(place.id, KIND);
  if (begun || (since && (gone.peek() || said(place, since)))) return begun;
  try {
    return (await get(`/conversations/${place.id}/phrases?situation=public_closing&nth=${nth}`)).text;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return "";
  }
}

function write(text) {
  drafts.write(asked.peek().place.id, KIND, text);
  change({ text, error: "" });
}

async function another() {
  const { place, nth } = asked.peek();
  const text = await line(place, nth || 1, "");
  if (text && asked.peek()?.place === place) change({ text, nth: nth + 1 });
}

/** Say it, if there is anything to say, and resolve all it is about. */
async function all() {
  const it = asked.peek();
  const ids = [...new Set([it.place.id, ...it.also])];
  const text = it.text.trim();
  if (text) {
    drafts.write(it.place.id, KIND, "");
    change({ cid: outbox.put({ conv: it.place.id, text, note: false, seen: it.place.seq, then: ids }), error: "" });
    return;
  }
  change({ cid: "", error: "" });
  try {
    const error = await outbox.settle(ids);
    if (error) change({ cid: null, error });
    else asked.value = null;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    change({ cid: null, error: state.complaint(error) });
  }
}

async function one() {
  const { conv } = asked.peek();
  asked.value = null;
  await state.act("resolve", conv);
}

/** The line was refused: it is here again, and says why. */
async function back(entry) {
  outbox.discard(entry.cid);
  dismiss();
  drafts.write(entry.conv, KIND, entry.text);
  change({ cid: null, error: entry.error });
  const { place } = asked.peek();
  try {
    const { conversation } = await get(`/conversations/${place.id}`); // who reads why may send it all the same
    if (asked.peek()?.place === place) change({ place: conversation });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}

export function ClosingDialog() {
  const dialog = useRef(null);
  useEffect(() => effect(() => {
    const wanted = asked.value !== null;
    if (wanted && !dialog.current.open) dialog.current.showModal();
    else if (!wanted && dialog.current?.open) dialog.current.close();
  }), []);
  const it = asked.value;
  const entry = it?.cid ? outbox.unsent.value.find((each) => each.cid === it.cid) : null;
  useEffect(() => {
    if (!it?.cid) return;
    if (!entry) asked.value = null;
    else if (entry.state === "refused") back(entry);
  }, [it?.cid, entry?.state]);
  return html`<dialog class="dialog closing" ref=${dialog} aria-labelledby="closing-title" onClose=${() => { asked.value = null; }}
    onKeyDown=${(event) => event.stopPropagation()}>${it ? html`<${Question} it=${it} />` : null}</dialog>`;
}

function Question({ it }) {
  const field = useRef(null);
  const composed = useRef(0);
  const { detail } = state.thread.value ?? {};
  const [long, most] = measured(it.text, detail?.public_most ?? 140);
  const busy = it.cid !== null;
  const both = it.also.length > 0;
  const ready = !busy && long <= most && (Boolean(it.text.trim()) || both);
  const spoken = said(it.place, it.since);
  useEffect(() => {
    if (!matchMedia("(pointer: fine)").matches) return;
    field.current?.focus();
    field.current?.setSelectionRange(it.text.length, it.text.length);
  }, []);
  const go = () => ready && all();
  const keyDown = (event) => {
    if (!sends(event, composed.current, sendKey.value === "enter")) return;
    event.preventDefault();
    go();
  };
  return html`<div class="dialog-body">
    <h2 id="closing-title" tabindex="-1">${t("closing.title")}</h2>
    <p class="who-sub">${t(it.public ? "closing.about_public" : "closing.about_private")}</p>
    <${Places} it=${it} busy=${busy} />
    ${spoken ? html`<p class="closing-said"><${Icon} name="check" size=${14} />${t("closing.said")}<q>${it.place.last.text}</q></p>` : null}
    ${gone.value ? html`<p class="closing-said"><${Icon} name="alert" size=${14} />${t("public.gone")}</p>` : null}
    <div class="closing-field">
      <label for="closing-text"><span class="going"><${Icon} name="web" size=${13} />${t("public.label")}</span></label>
      <textarea id="closing-text" ref=${field} rows="4" value=${it.text} readonly=${busy} aria-describedby="closing-length" aria-invalid=${long > most}
        lang=${it.place.language || undefined} onInput=${(event) => write(event.currentTarget.value)} onKeyDown=${keyDown}
        onCompositionEnd=${(event) => { composed.current = event.timeStamp; }}></textarea>
      <p class="closing-foot"><button class="link" disabled=${busy} onClick=${another}>${t(it.text.trim() ? "closing.another" : "closing.lend")}</button>
        <span id="closing-length" class=${`length ${long > most ? "over" : ""}`}>${long} / ${most}</span></p>
      <${Etiquette} conv=${it.place.id} which=${KIND} text=${it.text} field=${field} onUse=${write} />
    </div>
    ${it.error ? html`<p class="call-error" role="alert"><${Icon} name="alert" />${it.error}</p>` : null}
    ${busy ? html`<p class="who-sub" role="status">${t("closing.sending")}</p>` : null}
    <div class="dialog-foot">
      <button class="button public" aria-disabled=${!ready} onClick=${go}><${Icon} name="web" />${t(
        it.text.trim() ? (both ? "closing.send_both" : "closing.send_one") : "closing.both")}</button>
      <button class="button" disabled=${busy} onClick=${one}>${t(it.public ? "closing.one_public" : "closing.one_private")}</button>
      <button class="button" onClick=${() => { asked.value = null; }}>${t(busy ? "action.close" : "action.cancel")}</button>
    </div>
  </div>`;
}

/** Where it is said: he may have begun more than one. */
function Places({ it, busy }) {
  if (it.public) return null;
  const text = (row) => html`<span>${t("public.linked_public", { id: row.id })}</span> <q lang=${row.language || undefined}>${row.last.text}</q>`;
  if (it.places.length === 1) return html`<p class="closing-place"><${Icon} name="web" size=${14} />${text(it.place)}</p>`;
  return html`<fieldset class="closing-place" disabled=${busy}><legend>${t("closing.where")}</legend>
    ${it.places.map((row) => html`<label><input type="radio" name="closing-place" checked=${row.id === it.place.id}
      onChange=${() => change({ place: row })} />${text(row)}</label>`)}</fieldset>`;
}
