// Building the page: texts, elements, icons. Never innerHTML: what people write goes into text nodes only.

export const data = JSON.parse(document.getElementById("kefu-data").textContent);

export const touch = matchMedia("(pointer: coarse)").matches;

export const $ = (id) => document.getElementById(id);

export const t = (key, values = {}) => data.texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

export function lastOf(list, test = () => true) {
  for (let n = list.length - 1; n >= 0; n -= 1) if (test(list[n])) return list[n];
  return undefined;
}

// Properties that begin with "on" are listeners; false, null and undefined ones are left out.
export function el(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) node[name] = value;
    else if (value || value === "") node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter(Boolean));
  return node;
}

const ICONS = {
  chat: "M12 3.6c-5 0-9 3.3-9 7.4 0 2.3 1.2 4.3 3.1 5.7-.1 1.1-.5 2.1-1.3 3 1.7-.1 3.2-.7 4.4-1.6.9.2 1.8.3 2.8.3 5 0 9-3.3 9-7.4s-4-7.4-9-7.4Zm-3.3 8c.8 1.2 1.9 1.8 3.3 1.8s2.5-.6 3.3-1.8",
  bot: "M7.5 9h9a3.5 3.5 0 0 1 3.5 3.5v3a3.5 3.5 0 0 1-3.5 3.5h-9A3.5 3.5 0 0 1 4 15.5v-3A3.5 3.5 0 0 1 7.5 9Zm4.5 0V6m0 0a1.3 1.3 0 1 0 0-2.6A1.3 1.3 0 0 0 12 6Zm-3 7v1.8m6-1.8v1.8",
  person:
    "M4 13v-1a8 8 0 0 1 16 0v1M4 13a2 2 0 0 1 2-2h1.5v6H6a2 2 0 0 1-2-2v-2Zm16 0a2 2 0 0 0-2-2h-1.5v6H18a2 2 0 0 0 2-2v-2Zm-1 3.8c0 2.2-1.8 3.2-4.5 3.2H13",
  close: "m6 6 12 12M18 6 6 18",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  send: "M12 19V5.5M6 11.5l6-6 6 6",
  next: "m9.5 6 6 6-6 6",
  alert: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm0 5v5m0 3.2v.01",
};

const SVG = "http://www.w3.org/2000/svg";

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `icon ${name}`);
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

// ---- times, as the language writes them ------------------------------------------------------------------------

const LOCALE = { "zh-Hans": "zh-CN", "zh-Hant": "zh-TW", en: "en" }[data.language];
const clock = new Intl.DateTimeFormat(LOCALE, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const dates = new Intl.DateTimeFormat(LOCALE, { dateStyle: "long" });
const near = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" });

export const timeText = (at) => clock.format(at);

export function dayText(at) {
  const midnight = (time) => new Date(time).setHours(0, 0, 0, 0);
  const ago = Math.round((midnight(Date.now()) - midnight(at)) / 864e5);
  return ago > 1 ? dates.format(at) : near.format(-Math.max(ago, 0), "day");
}

// ---- links ----------------------------------------------------------------------------------------------------

const LINK = /https?:\/\/[\w\-.~:/?#[\]@!$&'()*+,;=%]+/gi;
const TAIL = /[.,;:!?'"\])]+$/;

export const safeLink = (url) => typeof url === "string" && /^(https?:\/\/|\/)[^\s]*$/i.test(url);

export const anchor = (url, ...children) =>
  el("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow" }, ...children);

export function linked(text) {
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    const url = match[0].replace(TAIL, "");
    if (url.length < 10) continue;
    parts.push(text.slice(from, match.index), anchor(url, url));
    from = match.index + url.length;
  }
  return [...parts, text.slice(from)];
}
