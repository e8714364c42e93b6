// The menu behind the three dots, as the ARIA practices want it, and the question before everything is forgotten.

import { $, data, el, t } from "./dom.js";

// on: { human(), canAsk(), sound(), setSound(on), speak(language), forget() }
export function menuOf(on) {
  const menu = $("menu");
  const button = $("more");
  const dialog = $("forget");
  const items = () => [...menu.children].flatMap((child) => (child.type ? child : [...child.children]));

  const shut = (back) => {
    menu.hidden = true;
    button.setAttribute("aria-expanded", "false");
    if (back) button.focus();
  };
  const entry = (role, label, act, props) =>
    el("button", { type: "button", role, tabindex: "-1", ...props, onclick: () => (shut(true), act()) }, label);
  const languages = () =>
    data.languages.map(([code, name]) =>
      entry("menuitemradio", name, () => on.speak(code), { lang: code, "aria-checked": `${code === data.language}` }),
    );
  const show = (at) => {
    const ask = on.canAsk();
    menu.replaceChildren(
      entry("menuitem", t("human"), () => ask && on.human(), { "aria-disabled": !ask && "true" }),
      entry("menuitemcheckbox", t("menu_sound"), () => on.setSound(!on.sound()), { "aria-checked": `${on.sound()}` }),
      el("div", { role: "group", "aria-label": t("menu_language") }, ...languages()),
      entry("menuitem", t("menu_forget"), () => dialog.showModal()),
    );
    menu.hidden = false;
    button.setAttribute("aria-expanded", "true");
    items().slice(at)[0].focus();
  };

  button.addEventListener("click", () => (menu.hidden ? show(0) : shut(true)));
  button.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    show(event.key === "ArrowUp" ? -1 : 0);
  });
  menu.addEventListener("keydown", (event) => {
    const all = items();
    const at = all.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (event.key === "Tab") return shut();
    if (event.key === "Escape") shut(true);
    else if (to === undefined) return undefined;
    else all[(to + all.length) % all.length].focus();
    event.preventDefault();
    return event.stopPropagation();
  });
  document.addEventListener("pointerdown", ({ target }) => {
    if (!menu.contains(target) && !button.contains(target)) shut();
  });

  $("forget-no").addEventListener("click", () => dialog.close());
  $("forget-yes").addEventListener("click", () => {
    dialog.close();
    on.forget();
  });
}
