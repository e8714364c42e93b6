/* A letter in the conversation: who wrote it to whom, what is new in it, and everything else one click away. */
import { html, useEffect, useRef, useState } from "./lib.js";
import { ApiError, get } from "./api.js";
import { size } from "./attach-state.js";
import { Files } from "./files.js";
import { Icon } from "./icons.js";
import { cut, elsewhere, notes, parted, people, person, warnings } from "./letter-state.js";
import { linked } from "./parts.js";
import { go } from "./place.js";
import { exactly, language, t } from "./words.js";

const SHOWN_PEOPLE = 3;

/** One that came in whole: a customer's, or what a person of ours sent from a program of his own. */
export function Letter({ d, language: spoken }) {
  const { letter } = d;
  const { original, files, inline } = parted(d);
  const [view, setView] = useState("new");
  const [open, setOpen] = useState(!letter.quiet);
  return html`
    <${Heading} letter=${letter} at=${d.at} />
    ${warnings(letter).map(([key, values]) => html`<p class="letter-warning"><${Icon} name="alert" />${t(key, values)}</p>`)}
    <${Notes} letter=${letter} />
    ${open ? html`<div class="letter-body">
      ${view === "html" ? html`<${Page} id=${d.id} letter=${letter} />`
        : view === "whole" ? html`<${Whole} id=${d.id} spoken=${spoken} />`
        : html`<${Text} text=${d.text} spoken=${spoken} />`}
    </div>
    <${Files} files=${view === "html" ? files : [...files, ...inline]} />
    <${Foot} letter=${letter} view=${view} setView=${setView} original=${original} />` : null}
    ${letter.quiet ? html`<footer class="letter-foot"><button class="letter-view" aria-expanded=${open} onClick=${() => setOpen(!open)}>
      <${Icon} name=${open ? "up" : "down"} size=${14} />${t(open ? "letter.less" : "letter.show")}</button></footer>` : null}`;
}

/** A letter of ours: whom it went to stands over it. */
export const Addressed = ({ letter }) => html`<dl class="letter-sent">
  <${People} name="to" list=${people(letter.to)} refused=${letter.refused} />
  <${People} name="cc" list=${people(letter.cc)} refused=${letter.refused} />
</dl>`;

function Heading({ letter, at }) {
  const date = letter.date ?? at;
  return html`<header class="letter-head">
    <h3>${letter.subject || t("letter.no_subject")}</h3>
    <dl>
      <${People} name="from" list=${letter.from ? [letter.from] : []} />
      <${People} name="reply_to" list=${elsewhere(letter)} />
      <${People} name="to" list=${people(letter.to)} />
      <${People} name="cc" list=${people(letter.cc)} />
      <div><dt>${t("letter.date")}</dt><dd><time datetime=${date}>${exactly(date)}</time></dd></div>
    </dl>
  </header>`;
}

/** `refused`: why a server did not take it, by address. */
export function People({ name, list, refused = {} }) {
  const [all, setAll] = useState(false);
  if (!list.length) return null;
  const shown = all ? list : list.slice(0, SHOWN_PEOPLE);
  const more = list.length - shown.length;
  return html`<div><dt>${t(`letter.${name}`)}</dt><dd>
    ${shown.map((one, place) => html`${place ? t("letter.between") : ""}<span>${person(one)}</span>${one.email in refused
      ? html` <strong class="refused" title=${refused[one.email]}>${t("letter.refused")}</strong>` : null}`)}
    ${list.length > SHOWN_PEOPLE ? html` <button class="link" aria-expanded=${all} onClick=${() => setAll(!all)}>
      ${all ? t("letter.less") : t("letter.more_people", { n: more })}</button>` : null}
  </dd></div>`;
}

function Notes({ letter }) {
  const found = notes(letter, language.value);
  if (!found.length) return null;
  return html`<ul class="letter-notes">${found.map(({ key, values, conversation }) => html`<li>
    <${Icon} name="info" size=${14} /><span>${t(key, values)}
      ${conversation ? html` <${To} conversation=${conversation} />` : null}</span></li>`)}</ul>`;
}

const To = ({ conversation }) => html`<a href=${`/desk/c/${conversation}`} onClick=${(event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(conversation);
}}>${t("letter.conversation", { n: conversation })}</a>`;

function Text({ text, spoken }) {
  const [open, setOpen] = useState(false);
  if (!text) return html`<p class="letter-empty">${t("letter.no_text")}</p>`;
  const end = cut(text);
  return html`<p class="text" lang=${spoken || undefined}>${linked(end && !open ? `${text.slice(0, end)} …` : text)}</p>
    ${end ? html`<button class="button small letter-open" aria-expanded=${open} onClick=${() => setOpen(!open)}>
      <${Icon} name=${open ? "up" : "down"} size=${14} />${t(open ? "letter.less" : "letter.open")}</button>` : null}`;
}

function Whole({ id, spoken }) {
  const [found, setFound] = useState(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    let gone = false;
    setFound(null);
    get(`/letters/${id}`).then((told) => { if (!gone) setFound(told); }, (error) => {
      if (!(error instanceof ApiError)) throw error;
      if (!gone) setFound({ failed: true });
    });
    return () => { gone = true; };
  }, [id, tries]);
  if (found?.failed) return html`<${Failed} again=${() => setTries(tries + 1)} />`;
  return found ? html`<${Text} text=${found.text} spoken=${spoken} />` : html`<p class="letter-empty" role="status">${t("thread.loading")}</p>`;
}

const Failed = ({ again }) => html`<p class="letter-failed" role="alert"><${Icon} name="alert" />${t("letter.failed")}
  <button class="link" onClick=${again}>${t("action.retry")}</button></p>`;

/** Its HTML in a frame without scripts. The page in it has a policy of its own: nothing is loaded from outside until
    somebody asks for it. */
function Page({ id, letter }) {
  const [images, setImages] = useState(false);
  const [tries, setTries] = useState(0);
  return html`
    ${letter.remote ? html`<p class="letter-remote"><${Icon} name="picture" />
      ${images ? t("letter.images_shown") : html`<span>${t("letter.images_hidden")}</span>
        <button class="button small" onClick=${() => setImages(true)}>${t("letter.images_show")}</button>`}</p>` : null}
    <${Frame} key=${`${images} ${tries}`} src=${`/api/desk/letters/${id}/page${images ? "?images=1" : ""}`}
      title=${letter.subject || t("letter.no_subject")} again=${() => setTries(tries + 1)} />`;
}

const LOWEST = 48;
const HIGHEST = 1200;

function Frame({ src, title, again }) {
  const frame = useRef(null);
  const watch = useRef(null);
  const [state, setState] = useState("loading");
  const loaded = () => {
    const root = frame.current?.contentDocument?.documentElement;
    if (!root?.hasAttribute("data-letter")) {
      setState("failed");
      return;
    }
    setState("ready");
    watch.current?.disconnect();
    watch.current = new ResizeObserver(fit);
    watch.current.observe(root);
    fit();
  };
  const fit = () => {
    const element = frame.current;
    const root = element?.contentDocument?.documentElement;
    if (!root) return;
    const height = Math.min(HIGHEST, Math.max(LOWEST, Math.ceil(root.getBoundingClientRect().height)));
    if (element.style.height !== `${height}px`) element.style.height = `${height}px`;
  };
  useEffect(() => () => watch.current?.disconnect(), []);
  if (state === "failed") return html`<${Failed} again=${again} />`;
  return html`<iframe class="letter-page" ref=${frame} src=${src} title=${t("letter.page", { subject: title })}
    sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox" referrerpolicy="no-referrer" onLoad=${loaded}></iframe>`;
}

function Foot({ letter, view, setView, original }) {
  const choice = (name, icon) => html`<button class="letter-view" aria-pressed=${view === name}
    onClick=${() => setView(view === name ? "new" : name)}><${Icon} name=${icon} size=${14} />${t(`letter.view_${name}`)}</button>`;
  if (!letter.whole && !letter.html && !original) return null;
  return html`<footer class="letter-foot">
    ${letter.whole ? choice("whole", "note") : null}
    ${letter.html ? choice("html", "eye") : null}
    ${original?.key ? html`<a class="letter-view" href=${`/api/desk/media/${original.key}`} download=${original.name || ""}>
      <${Icon} name="download" size=${14} />${t("letter.original")}${original.size ? html`<span class="size">${size(original.size)}</span>` : null}</a>` : null}
  </footer>`;
}
