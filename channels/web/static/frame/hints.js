// Answers offered while the visitor writes his first words: only before there is a conversation, never while an input
// method composes, and none at all when anything fails.

import { $, data, el, icon, t } from "./dom.js";
import { call } from "./net.js";
import { announce } from "./status.js";

const PAUSE = 250; // ms without a key
const LONGEST = 200; // characters the server looks at

export class Hints {
  // wanted(), pick(label, value)
  constructor(on) {
    Object.assign(this, on, { box: $("hints") });
    const typed = (event) => this.typed(event);
    if (data.suggest) for (const type of ["input", "compositionend"]) $("text").addEventListener(type, typed);
  }

  typed({ isComposing }) {
    clearTimeout(this.timer);
    this.stop = this.stop?.abort();
    if (!isComposing) this.timer = setTimeout(() => this.look(), PAUSE);
  }

  async look() {
    const stop = (this.stop = new AbortController());
    const q = $("text").value.trim().slice(0, LONGEST);
    const path = `suggest?${new URLSearchParams({ q, lang: data.language })}`;
    const found = q.length > 1 && this.wanted() && (await call("GET", path, { stop }).catch(() => null));
    // Who has gone over to the answers keeps those he sees.
    if (stop === this.stop && !this.box.contains(document.activeElement))
      this.show((this.wanted() && found?.suggestions) || []);
  }

  show(found) {
    const { box } = this;
    if (found.length && box.hidden) announce(t("hints", { n: found.length }));
    box.hidden = !found.length;
    box.replaceChildren(
      ...found.map(({ label, value }) =>
        el(
          "button",
          { type: "button", class: "topic", onclick: () => this.pick(label, value) },
          el("span", {}, label),
          icon("next"),
        ),
      ),
    );
  }
}
