/* What everybody reads: who wrote it and where, the thread around it, the private talk beside it, and the way our words
   take. Which way that is, is shown before, while and after they are written. */
import { computed, html } from "./lib.js";
import { Icon } from "./icons.js";
import { ApiError, get } from "./api.js";
import { memory } from "./boot.js";
import * as drafts from "./drafts.js";
import { me } from "./list-state.js";
import { toast } from "./notices.js";
import { Last, linked } from "./parts.js";
import { go } from "./place.js";
import { row, thread } from "./thread-state.js";
import { clock, count, exactly, known, nameOf, t } from "./words.js";

/** The conversation on the screen is a public one. */
export const open = computed(() => Boolean(row.value?.public));

// ---- the way our words take ------------------------------------------------------------------------------------

const SAID = new Set(["agent", "bot"]);
const LOST = new Set(["failed", "expired"]);

/** We have answered here already, so that what is left to say is for him alone. */
const answered = computed(() => (thread.value?.items ?? []).some(
  ({ t: type, d }) => type === "message" && !d.note && SAID.has(d.author) && !LOST.has(d.delivery)));

/** What was posted is deleted: nothing can be said there any more. */
export const gone = computed(() => open.value && Boolean((thread.value?.items ?? []).findLast(
  ({ t: type, d }) => type === "message" && d.public)?.d.public.deleted));

/** reply (in a public conversation everybody reads it) | private | note. What is not possible any more gives way to what
    fewer people read. */
export function way(conv) {
  const chosen = drafts.way(conv);
  if (chosen === "note") return "note";
  if (!open.value) return "reply";
  if (gone.value) return "private";
  const begun = (which) => Boolean(drafts.draft(conv, which).trim());
  return chosen || (answered.value || (begun("private") && !begun("reply")) ? "private" : "reply");
}

/** How long it is, and may be, as the network counts: half-widths are told as the 汉字 they make. */
export function measured(text, most) {
  const measure = thread.value?.detail?.public_measure;
  if (measure === "half-widths") {
    const halves = Array.from(text.trim(), (one) => (one < "\x80" ? 1 : one.length * 2)).reduce((sum, n) => sum + n, 0);
    return [Math.ceil(halves / 2), Math.floor(most / 2)];
  }
  if (measure === "utf-8 bytes") return [new TextEncoder().encode(text.trim()).length, most];
  return [measure === "utf-16 units" ? text.trim().length : Array.from(text.trim()).length, most];
}

const confirmedKey = () => `${me.peek()?.id}.public`;
export const confirmed = () => Boolean(memory.get(confirmedKey(), false));
export const confirm = () => memory.set(confirmedKey(), true);

/** Asked once a browser, with what everybody will read. */
export function Confirm({ text, onYes, onNo }) {
  return html`<div class="public-confirm" role="alertdialog" aria-label=${t("public.confirm")}>
    <p><${Icon} name="web" /><strong>${t("public.confirm")}</strong></p>
    <blockquote>${text}</blockquote>
    <p class="choices"><button class="button public small" ref=${(one) => one?.focus()} onClick=${onYes}>${t("public.publish")}</button>
      <button class="button small" onClick=${onNo}>${t("public.not_yet")}</button></p>
  </div>`;
}

/** Words of the scripts, put into the field; nothing is sent. */
export function Lent({ conv, field }) {
  return html`<span class="lent">${["public_to_private", "public_closing"].map((one) => html`<button
    class="link" onClick=${() => borrow(conv, one, field)}>${t(`public.lend_${one}`)}</button>`)}</span>`;
}

let nth = 0;
async function borrow(conv, situation, field) {
  try {
    const { text } = await get(`/conversations/${conv}/phrases?situation=${situation}&nth=${nth}`);
    nth += 1;
    drafts.choose(conv, "reply");
    drafts.write(conv, "reply", text);
    field?.current?.focus();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toast(t("error.network"), { kind: "error" });
  }
}

// ---- who, where, and what stands around -----------------------------------------------------------------------

export const Chip = () => html`<span class="chip public"><${Icon} name="web" size=${13} />${t("public.chip")}</span>`;

export const Alike = ({ incident }) => (incident
  ? html`<span class="chip"><${Icon} name="user" size=${13} />${t("public.incident", { n: incident.count })}</span>` : null);

/** Under a public message: its author as his network shows him, the post, and what it answers. */
export function Around({ about }) {
  if (!about) return null;
  const { author = {}, around = [], link } = about;
  return html`<div class="public-about">
    <p>
      ${author.followers ? html`<span>${t("public.followers", { n: count(author.followers) })}</span>` : null}
      ${author.verified ? html`<span>${t("public.verified")}</span>` : null}
      ${about.long ? html`<span>${t("public.long")}</span>` : null}
      ${about.deleted ? html`<strong>${t("public.deleted")}</strong>` : null}
      ${link ? html`<a href=${link} target="_blank" rel="noopener noreferrer nofollow">${t(`public.open_${about.kind === "comment" ? "comment" : "status"}`)}</a>` : null}
    </p>
    ${around.length ? html`<details><summary>${t("public.around", { n: around.length })}</summary><ol>
      ${around.map((one) => html`<li class=${one.ours ? "ours" : ""}><strong>${one.ours ? t("public.ours") : one.who}</strong>
        ${one.at ? html`<time datetime=${one.at} title=${exactly(one.at)}>${clock(one.at)}</time>` : null}
        <p>${linked(one.text ?? "")}</p></li>`)}
    </ol></details>` : null}
  </div>`;
}

/** An agent answered aside, and where. */
export const Aside = ({ d }) => html`<li class="event"><span>${t("event.aside", { name: d.name })}</span>
  <button class="link" onClick=${() => go(d.conversation)}>${t("public.go_private")}</button></li>`;

// ---- the other side, and the others ---------------------------------------------------------------------------

/** Over the log: the same customer in private (or in public), and those who talk about the same. */
export function Beside() {
  const detail = thread.value?.detail;
  const it = row.value;
  if (!detail || !it) return null;
  const rows = detail.linked ?? [];
  const alike = detail.incident ?? [];
  if (!rows.length && !alike.length) return null;
  return html`<aside class="beside" aria-label=${t("public.beside")}>
    ${rows.slice(0, 1).map((one) => html`<p><${Icon} name=${one.public ? "web" : "user"} size=${14} />
      <span>${t(one.public ? "public.linked_public" : "public.linked_private", { id: one.id })} · ${t(`public.status_${one.status}`)}</span>
      <button class="link" onClick=${() => go(one.id)}>${t("public.open")}</button>
      ${one.public && one.status !== "resolved" ? html`<button class="link" onClick=${() => close(one.id)}>${t("public.close")}</button>` : null}</p>`)}
    ${alike.length ? html`<details><summary>${t("public.incident", { n: it.incident?.count ?? alike.length + 1 })}</summary><ul>
      ${alike.map((one) => html`<li><button class="link" onClick=${() => go(one.id)}>${nameOf(one.contact, one.channel)}</button>
        <span lang=${one.language || undefined}><${Last} row=${one} /></span> <span class="chip plain">${t(`public.status_${one.status}`)}</span>
        ${one.tier ? html`<span class=${`chip tier-${one.tier}`}>${known(`tier.${one.tier}`, one.tier)}</span>` : null}</li>`)}
    </ul></details>` : null}
  </aside>`;
}

/** From the private talk to the public one, with the closing line ready; a person sends it. */
async function close(conv) {
  go(conv);
  await borrow(conv, "public_closing", null);
}
