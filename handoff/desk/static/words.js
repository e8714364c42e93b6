/* The words in the agent's language, and times and numbers as that language writes them. */
import { computed, signal } from "./lib.js";
import { boot } from "./boot.js";

export const language = signal(boot.language);
const catalogue = signal({});

/** Load a language and show everything in it; it is remembered for the next visit and for the server's pages. */
export async function speak(tag) {
  const response = await fetch(`${boot.base}/words/${tag}.json`);
  if (!response.ok) throw new Error(`no words for ${tag}`);
  catalogue.value = await response.json();
  language.value = tag;
  document.documentElement.lang = tag;
}

export function remember(tag) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `kefu-lang=${tag}; path=/; max-age=31536000; samesite=lax${secure}`;
}

/** The phrase with its {name}s filled in. "one thing || {n} things" is told apart by n. */
export function t(key, values = {}) {
  const found = catalogue.value[key];
  if (found === undefined) return key;
  const forms = found.split(" || ");
  const text = forms.length > 1 && values.n === 1 ? forms[0] : forms[forms.length - 1];
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** What to call a customer: his name; where his network tells none, what he is to it and the end of his id. */
export function nameOf({ name, tail, address }, channel) {
  if (name || address) return name || address;
  const who = known(`anonymous.${channel}`, t("list.anonymous"));
  return tail ? t("list.nameless", { who, tail }) : who;
}

/** t() if there is such a phrase, else the fallback: for codes another part of the program makes up. */
export function known(key, fallback = "") {
  return key in catalogue.value ? t(key) : fallback;
}

const formats = computed(() => {
  const make = (options) => new Intl.DateTimeFormat(language.value, options);
  return {
    time: make({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
    day: make({ month: "long", day: "numeric", weekday: "long" }),
    year: make({ year: "numeric", month: "long", day: "numeric" }),
    date: make({ month: "numeric", day: "numeric" }),
    full: make({ dateStyle: "medium", timeStyle: "medium" }),
    relative: new Intl.RelativeTimeFormat(language.value, { numeric: "auto" }),
    names: new Intl.DisplayNames(language.value, { type: "language" }),
  };
});

const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
const daysAgo = (date, now) => Math.round((midnight(now) - midnight(date)) / 86400000);

export const clock = (iso) => formats.value.time.format(new Date(iso));
export const exactly = (iso) => formats.value.full.format(new Date(iso));

const capital = (word) => word[0].toLocaleUpperCase(language.value) + word.slice(1);

/** In the list: the time today, "yesterday", a date before that. */
export function brief(iso, now) {
  const date = new Date(iso);
  const days = daysAgo(date, now);
  if (days <= 0) return clock(iso);
  if (days === 1) return capital(formats.value.relative.format(-1, "day"));
  return date.getFullYear() === now.getFullYear() ? formats.value.date.format(date) : formats.value.year.format(date);
}

/** Over the messages of a day. */
export function dayName(iso, now) {
  const date = new Date(iso);
  const days = daysAgo(date, now);
  if (days === 0 || days === 1) {
    return capital(formats.value.relative.format(-days, "day"));
  }
  return date.getFullYear() === now.getFullYear() ? formats.value.day.format(date) : formats.value.year.format(date);
}

/** How long something has been going on: at least a minute counts, then minutes, hours, days. */
export function lasting(iso, now) {
  const minutes = Math.floor((now - new Date(iso)) / 60000);
  if (minutes < 1) return t("time.now");
  if (minutes < 60) return t("time.minutes", { n: minutes });
  if (minutes < 24 * 60) return t("time.hours", { n: Math.floor(minutes / 60) });
  return t("time.days", { n: Math.floor(minutes / 1440) });
}

/** How long is left until then, rounded down: days only from two on, as 47 hours say more than one day. */
export function remaining(iso, now) {
  const minutes = Math.floor((new Date(iso) - now) / 60000);
  if (minutes < 1) return t("time.now");
  if (minutes < 60) return t("time.minutes", { n: minutes });
  if (minutes < 72 * 60) return t("time.hours", { n: Math.floor(minutes / 60) });
  return t("time.days", { n: Math.floor(minutes / 1440) });
}

/** A large number, in short: 12.3万, 12K. */
export const count = (n) => new Intl.NumberFormat(language.value, { notation: "compact", maximumFractionDigits: 1 }).format(n);

export function languageName(tag) {
  if (!tag) return "";
  if (tag in boot.languages) return boot.languages[tag];
  try {
    return formats.value.names.of(tag);
  } catch {
    return tag;
  }
}
