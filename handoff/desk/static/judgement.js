/* What a conversation is about, and an agent's one click that puts it right. */
import { html, useLayoutEffect, useRef, useState } from "./lib.js";
import { ApiError, post } from "./api.js";
import { Icon } from "./icons.js";
import { toast } from "./notices.js";
import { accept, complaint } from "./thread-state.js";
import { ask } from "./why.js";
import { known, t } from "./words.js";

const TIERS = ["critical", "serious", "moderate", "minor"];
const OTHERS = ["inquiry", "suggestion", "business", "praise", "chitchat", "abuse"];
const CHOICES = [...TIERS.map((tier) => ["complaint", tier]), ...OTHERS.map((category) => [category, ""])];

/** In words: a complaint with its tier, or the category alone. */
export function judgementText({ category, tier }) {
  if (tier) return t("judgement.complaint", { tier: known(`tier.${tier}`, tier) });
  return category ? known(`category.${category}`, category) : t("judgement.none");
}

async function judge(id, [category, tier], before) {
  try {
    accept(await post(`/conversations/${id}/judgement`, { category, tier }));
    const undo = before[0] ? () => judge(id, before, ["", ""]) : null;
    toast(t("judgement.done", { what: judgementText({ category, tier }) }), { undo });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toast(complaint(error), { kind: "error" });
  }
}

export function Judgement({ row }) {
  const [open, setOpen] = useState(false);
  const box = useRef(null);
  const what = judgementText(row);
  const items = () => [...box.current.querySelectorAll("[role^=menuitem]")];
  useLayoutEffect(() => {
    if (!open) return undefined;
    (items().find((item) => item.ariaChecked === "true") ?? items()[0]).focus();
    const away = (event) => { if (!box.current?.contains(event.target)) setOpen(false); };
    document.addEventListener("pointerdown", away);
    return () => document.removeEventListener("pointerdown", away);
  }, [open]);
  const close = () => {
    setOpen(false);
    box.current.querySelector(".judged").focus();
  };
  const steer = (event) => {
    if (!open) return;
    event.stopPropagation(); // single-letter shortcuts are not meant here
    if (event.key === "Escape") {
      event.preventDefault();
      close();
    } else if (event.key === "Tab") setOpen(false);
    const step = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = items();
    const at = all.indexOf(document.activeElement);
    const next = Number.isFinite(step) ? (at + step + all.length) % all.length : step < 0 ? 0 : all.length - 1;
    all[next].focus();
  };
  const explain = () => {
    close();
    ask(row.id, null);
  };
  const pick = (choice) => {
    close();
    if (choice[0] !== row.category || choice[1] !== row.tier) judge(row.id, choice, [row.category, row.tier]);
  };
  return html`<span class="judgement" ref=${box} onKeyDown=${steer}>
    <button class=${`chip judged ${row.tier ? `tier-${row.tier}` : ""}`} aria-haspopup="menu" aria-expanded=${open}
      aria-label=${t("judgement.change", { what })} title=${t("judgement.hint")} onClick=${() => setOpen(!open)}>
      ${what}<${Icon} name="down" size=${12} /></button>
    ${open ? html`<div class="menu" role="menu" aria-label=${t("judgement.menu")}>
      ${CHOICES.map(([category, tier]) => html`<button key=${category + tier} class=${tier ? `of-tier tier-${tier}` : ""}
        role="menuitemradio" tabindex="-1" aria-checked=${category === row.category && tier === row.tier}
        onClick=${() => pick([category, tier])}><${Icon} name="check" size=${14} />${judgementText({ category, tier })}</button>`)}
      ${row.category ? html`<button class="menu-why" role="menuitem" tabindex="-1" onClick=${explain}>
        <${Icon} name="question" size=${14} />${t("judgement.why_item")}</button>` : null}
    </div>` : null}
  </span>`;
}
