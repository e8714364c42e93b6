// Where the visitor writes.

import { $, data } from "./dom.js";

const COUNT_FROM = 500; // characters left
const KEEP_EVERY = 400;
const TYPING_SENT = 3000;

export class Composer {
  // send(text), typing() → whether it was told, draft(text or null)
  constructor(on) {
    Object.assign(this, on, { field: $("text"), composedAt: 0, typedAt: 0 });
    this.field.addEventListener("input", () => this.changed());
    this.field.addEventListener("compositionend", () => (this.composedAt = Date.now()));
    this.field.addEventListener("keydown", (event) => this.key(event));
    $("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
  }

  // Who was quicker than our scripts loses nothing: what he wrote stands there, and his Enter, a line's end by now, sends.
  start(draft) {
    const early = this.field.value;
    this.fill(early || draft);
    if (early.endsWith("\n")) this.submit();
  }

  fill(text) {
    this.field.value = text;
    this.fit();
  }

  changed() {
    this.fit();
    this.keeping ||= setTimeout(() => this.keep(), KEEP_EVERY);
    if (this.field.value.trim() && Date.now() - this.typedAt > TYPING_SENT && this.typing()) this.typedAt = Date.now();
  }

  keep() {
    clearTimeout(this.keeping);
    this.keeping = 0;
    this.draft(this.field.value.trim() ? this.field.value : null);
  }

  fit() {
    const { field } = this;
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
    const size = [...field.value].length;
    this.over = size > data.limit;
    $("counter").textContent = size > data.limit - COUNT_FROM ? `${size}/${data.limit}` : "";
    $("counter").classList.toggle("over", this.over);
    field.setAttribute("aria-invalid", this.over);
    $("send").disabled = this.over || !field.value.trim();
  }

  key(event) {
    // An Enter that picks a candidate of an input method is not one that sends; some browsers report it afterwards.
    const composing = event.isComposing || event.keyCode === 229 || Date.now() - this.composedAt <= 30;
    if (event.key !== "Enter" || event.shiftKey || composing) return;
    event.preventDefault();
    this.submit();
  }

  submit() {
    const text = this.field.value.trim();
    if (!text || this.over) return;
    this.fill("");
    this.typedAt = 0;
    this.keep();
    this.send(text);
    this.field.focus();
  }
}
