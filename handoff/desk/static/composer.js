/* Where the agent writes: an answer to the customer, or a note to colleagues. The two cannot be mistaken. */
import { html, useEffect, useLayoutEffect, useRef, useState } from "./lib.js";
import { Icon } from "./icons.js";
import { AttachButton, Attached, pasted, useDrop } from "./attach.js";
import * as attach from "./attach-state.js";
import { CallBar } from "./call.js";
import { settled } from "./closing.js";
import * as drafts from "./drafts.js";
import { sends } from "./enter.js";
import { Etiquette } from "./etiquette.js";
import { toast } from "./notices.js";
import * as outbox from "./outbox.js";
import * as pub from "./public.js";
import { sendKey } from "./settings.js";
import { send } from "./socket.js";
import { AnswerHead, Signature } from "./answer.js";
import { act, offline, refresh, row, standing, thread } from "./thread-state.js";
import { WindowLine } from "./window.js";
import { known, nameOf, t } from "./words.js";

const MOST = 4000;
const COUNT_FROM = 0.875;
const TYPING_EVERY = 3000;

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

export function Composer({ conv, seen }) {
  const field = useRef(null);
  const composed = useRef(0);
  const [begun, setBegun] = useState(false);
  const [asking, setAsking] = useState(false);
  const typed = useRef({ at: 0, note: false });
  const silent = thread.value?.detail?.speaks === false;
  const which = silent ? "note" : pub.way(conv);
  const note = which === "note";
  const open = pub.open.value && which === "reply";
  const text = drafts.draft(conv, which);
  const barred = !note && standing.value === "other";
  const letter = !note && Boolean(thread.value?.detail?.letters);
  const most = (open && thread.value?.detail?.public_most) || (!note && thread.value?.detail?.most) || MOST;
  const [long, limit] = open ? pub.measured(text, most) : [text.length, most];
  const over = long > limit;
  const carries = !note && !barred && attach.carried(conv).length > 0;
  const files = carries ? attach.filesOf(conv) : [];
  const dropping = useDrop(conv, carries);
  const uploaded = files.every((one) => one.state === "ready");
  const ready = (Boolean(text.trim()) || files.length > 0) && uploaded && !over && !barred;

  useLayoutEffect(() => grow(field.current), [text, which, barred, begun]);
  useEffect(() => {
    // A letter is read before it is answered, and J and K lead to the next one.
    if (!letter && matchMedia("(min-width: 640px) and (pointer: fine)").matches) field.current?.focus();
  }, []);

  // What may be said aside changes with what he does elsewhere.
  useEffect(() => { if (which === "private") refresh(); }, [which]);

  const keySends = sendKey.value === "enter" && !letter; // letters have paragraphs

  /** It was settled in private, and now it has been said in public. */
  const offer = () => toast(t("closing.answered"), { undo: () => act("resolve", conv), label: t("action.resolve") });
  const submit = () => {
    if (!ready) return;
    if (open && !pub.confirmed()) {
      setAsking(true);
      return;
    }
    const files = carries ? attach.take(conv) : [];
    const done = open && settled(thread.value?.detail) ? offer : null;
    outbox.put({ conv, text: text.trim(), note, aside: which === "private", seen: note ? null : seen, files, done });
    drafts.write(conv, which, "");
    if (open || note) drafts.forget(conv);
    field.current?.focus();
  };
  const input = (event) => {
    drafts.write(conv, which, event.currentTarget.value);
    if (pub.open.peek() && drafts.way(conv) !== which) drafts.choose(conv, which); // it keeps its way, whatever happens meanwhile
    if (typed.current.note === note && Date.now() - typed.current.at < TYPING_EVERY) return;
    typed.current = { at: Date.now(), note };
    send({ t: "typing", note });
  };
  const keyDown = (event) => {
    if (!sends(event, composed.current, keySends)) return;
    event.preventDefault();
    submit();
  };

  const publish = (yes) => {
    setAsking(false);
    if (!yes) {
      field.current?.focus();
      return;
    }
    pub.confirm();
    submit();
  };

  return html`<div class=${`composer ${which} ${open ? "open" : ""}`}>
    ${note || barred || open ? null : html`<${WindowLine} aside=${which === "private"} />`}
    ${silent && row.value ? html`<${CallBar} row=${{ ...row.value, phone: thread.value.detail.phone }} />` : html`<${Modes} conv=${conv} which=${which} />`}
    ${barred ? html`<p class="barred" role="tabpanel" id="compose-panel" aria-labelledby=${`mode-${which}`}><${Icon} name="info" />${t("composer.barred", { name: row.value?.assignee?.name ?? "" })}</p>` : html`
      <div class=${`field ${letter ? "letter" : ""} ${begun ? "begun" : ""}`} onFocusIn=${() => setBegun(true)} role=${silent ? undefined : "tabpanel"} id="compose-panel" aria-labelledby=${silent ? undefined : `mode-${which}`}>
        ${carries ? html`<${Attached} conv=${conv} field=${field} />` : null}
        ${letter ? html`<${AnswerHead} />` : null}
        ${dropping ? html`<p class="drop" aria-hidden="true">${t("attach.drop")}</p>` : null}
        <textarea
          id="compose" ref=${field} rows="2" value=${text} aria-label=${t(open ? "public.label" : `composer.${which}_label`)}
          placeholder=${t(letter ? "composer.letter_hint" : open ? "public.hint" : `composer.${which}_hint`)} aria-describedby="answer-head compose-about reply-window"
          aria-invalid=${over} enterkeyhint=${keySends ? "send" : "enter"}
          onInput=${input} onKeyDown=${keyDown} onPaste=${carries ? pasted(conv) : undefined}
          onCompositionEnd=${(event) => { composed.current = event.timeStamp; }}></textarea>
        ${letter ? html`<${Signature} />` : null}
        ${note ? null : html`<${Etiquette} conv=${conv} which=${which} text=${text} field=${field} />`}
        ${asking ? html`<${pub.Confirm} text=${text.trim()} onYes=${() => publish(true)} onNo=${() => publish(false)} />` : null}
        <div class="composer-foot">
          ${carries ? html`<${AttachButton} conv=${conv} />` : null}
          <p id="compose-about" class="about"><${About} note=${note} letter=${letter} which=${which} open=${open} />${open ? html`<${pub.Lent} conv=${conv} field=${field} />` : null}</p>
          ${open || long > COUNT_FROM * limit ? html`<p class=${`length ${over ? "over" : ""}`}>${long} / ${limit}</p>` : null}
          <kbd class="send-key" aria-hidden="true">${keySends ? "Enter" : isMac ? "⌘ Enter" : "Ctrl Enter"}</kbd>
          <button class=${`button ${note ? "note" : open ? "public" : "primary"} send`} aria-disabled=${!ready} onClick=${submit}>
            <${Icon} name=${note ? "note" : open ? "web" : "send"} />${t(note ? "composer.add_note" : open ? "public.publish" : which === "private" ? "public.send_private" : "composer.send")}
          </button>
        </div>
      </div>`}
  </div>`;
}

const TABS = {
  reply: "chat", private: "user", note: "note",
};

function Modes({ conv, which }) {
  const names = pub.open.value ? ["reply", "private", "note"] : ["reply", "note"];
  const barred = (name) => name === "reply" && pub.gone.value;
  const choose = (name) => { if (!barred(name)) drafts.choose(conv, name); };
  const move = (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    const by = event.key === "ArrowRight" ? 1 : -1;
    const possible = names.filter((name) => !barred(name));
    const next = possible[(possible.indexOf(which) + by + possible.length) % possible.length];
    choose(next);
    event.currentTarget.querySelector(`#mode-${next}`).focus();
  };
  const tab = (name) => html`<button
    id=${`mode-${name}`} role="tab" class="mode" aria-selected=${which === name} tabindex=${which === name ? 0 : -1}
    aria-disabled=${barred(name)} aria-controls="compose-panel" onClick=${() => choose(name)}>
    <${Icon} name=${pub.open.value && name === "reply" ? "web" : TABS[name]} />${t(pub.open.value ? `public.mode_${name}` : `composer.${name}`)}</button>`;
  return html`<div class="modes" role="tablist" aria-label=${t("composer.modes")} onKeyDown=${move}>
    ${names.map(tab)}
    ${which === "note" ? html`<span class="mode-about">${t("composer.note_about")}</span>`
      : pub.gone.value ? html`<span class="mode-about">${t("public.gone")}</span>` : null}
  </div>`;
}

/** Where the words will go, and what sending does besides. */
function About({ note, letter, which, open }) {
  const it = row.value;
  if (note) return t("composer.note_to");
  if (!it) return null;
  const to = t("composer.to", {
    channel: known(`channel.${it.channel}`, it.channel), name: nameOf(it.contact, it.channel),
  });
  const also = { free: "composer.claims", bot: "composer.claims_bot", resolved: "composer.reopens" }[standing.value];
  const going = open ? html`<span class="going"><${Icon} name="web" size=${13} />${t("public.everybody")}</span>`
    : which === "private" ? html`<span class="going"><${Icon} name="user" size=${13} />${t("public.only_him", { name: nameOf(it.contact, it.channel) })}</span>`
      : html`<span>${to}</span>`;
  return html`${letter ? null : going}${also ? html`<span class=${letter ? "" : "also"}>${t(also)}</span>` : null}${offline.value ? html`<span class="also">${t("composer.offline")}</span>` : null}`;
}

/** As high as its text, within what the style sheet allows. */
function grow(field) {
  if (!field) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`;
}
