/* The paperclip, what it has gathered, and files that are pasted or dropped. */
import { html, useEffect, useRef, useState } from "./lib.js";
import { Icon } from "./icons.js";
import { Thumb } from "./files.js";
import * as attach from "./attach-state.js";
import { t } from "./words.js";

const TYPES = { image: "image/*", voice: "audio/*", video: "video/*" };
const accepted = (kinds) => (kinds.includes("file") ? undefined : kinds.map((kind) => TYPES[kind]).filter(Boolean).join(","));

export function AttachButton({ conv }) {
  const input = useRef(null);
  const chosen = (event) => {
    attach.add(conv, [...event.currentTarget.files]);
    event.currentTarget.value = "";
  };
  return html`<button type="button" class="icon-button attach" aria-label=${t("attach.add")} title=${t("attach.add")}
      onClick=${() => input.current.click()}><${Icon} name="clip" size=${18} /></button>
    <input ref=${input} type="file" multiple hidden tabindex="-1" accept=${accepted(attach.carried(conv))} onChange=${chosen} />`;
}

export function Attached({ conv, field }) {
  const files = attach.filesOf(conv);
  if (!files.length) return null;
  const remove = (id) => {
    attach.remove(conv, id);
    field.current?.focus();
  };
  return html`<ul class="attached" aria-label=${t("attach.label")}>
    ${files.map((one) => html`<li key=${one.id} class=${`attached-one ${one.state}`}>
      ${one.file ? html`<${Thumb} file=${one.file} />` : html`<span class="thumb"><${Icon} name=${one.state === "failed" ? "alert" : "file"} /></span>`}
      <span class="attached-about">
        <span class="attached-name" title=${one.name}>${one.name}</span>
        ${one.state === "uploading" ? html`<progress max="1" value=${one.done} aria-label=${t("attach.uploading", { name: one.name })}></progress>` : null}
        ${one.state === "ready" ? html`<span class="size">${attach.size(one.size)}</span>` : null}
        ${one.state === "failed" ? html`<span class="why" role="alert">${one.why}</span>` : null}
      </span>
      ${one.again && one.state === "failed" ? html`<button type="button" class="link" onClick=${() => attach.again(conv, one)}>${t("action.retry")}</button>` : null}
      <button type="button" class="icon-button" aria-label=${t("attach.remove", { name: one.name })} onClick=${() => remove(one.id)}>
        <${Icon} name="close" size=${14} /></button>
    </li>`)}
  </ul>`;
}

/** For the text field. A clipboard with words in it is meant as words, whatever picture of them it also holds. */
export const pasted = (conv) => (event) => {
  const { files, types } = event.clipboardData;
  if (!files.length || types.includes("text/plain")) return;
  event.preventDefault();
  attach.add(conv, [...files]);
};

const withFiles = (event) => event.dataTransfer?.types.includes("Files");

// A file dropped beside its goal would be opened in place of the desk.
for (const name of ["dragover", "drop"]) {
  window.addEventListener(name, (event) => {
    if (!withFiles(event) || event.defaultPrevented) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "none";
  });
}

/** Files dropped anywhere on the conversation; true while some hover over it. */
export function useDrop(conv, on) {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const pane = document.getElementById("thread");
    if (!on || !pane) return undefined;
    let depth = 0; // every element passed on the way enters and leaves
    const listeners = {
      dragenter: () => setOver((depth += 1) > 0),
      dragleave: () => setOver((depth -= 1) > 0),
      dragover: (event) => { event.dataTransfer.dropEffect = "copy"; },
      drop: (event) => {
        depth = 0;
        setOver(false);
        attach.add(conv, [...event.dataTransfer.files]);
      },
    };
    const heard = (event) => {
      if (!withFiles(event)) return;
      event.preventDefault();
      listeners[event.type](event);
    };
    for (const name of Object.keys(listeners)) pane.addEventListener(name, heard);
    return () => {
      setOver(false);
      for (const name of Object.keys(listeners)) pane.removeEventListener(name, heard);
    };
  }, [conv, on]);
  return over;
}
