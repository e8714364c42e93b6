// The chat: one visitor, one log, one outbox, and the page around them.

import { $, data, icon, lastOf, t, touch } from "./dom.js";
import { Composer } from "./composer.js";
import { Hints } from "./hints.js";
import { connect, framed } from "./host.js";
import { menuOf } from "./menu.js";
import { call } from "./net.js";
import { Outbox } from "./outbox.js";
import { chime } from "./sound.js";
import { alarm, announce, showBar, showHeader } from "./status.js";
import { nameOf, View } from "./view.js";
import { Wire } from "./wire.js";

const TYPING_SHOWN = 6000;
const BOT_THINKS = 600;
const AWAY = 300000; // ms after which a hidden tab lets go of its socket

const host = await connect();
const { kept } = host;

const known = new Map(); // seq → event
let token = kept.token ?? null;
let open = host.alone || Boolean(host.open) || (framed && !host.port);
let earlier = "";
let typing = null;
let expired = false;
let resetting = false;
let loaded = !token;
let talking = false;
let ordered = [];
let told = 0; // the last read mark that went to the server

// ---- what is so, from the log --------------------------------------------------------------------------------------

const last = (type) => lastOf(ordered, (event) => event.t === type);
const status = () => last("status")?.d ?? { status: "pending", agent: null };
const readBy = (who) => Math.max(0, ...ordered.filter((e) => e.t === "read" && e.d.by === who).map((e) => e.d.upto));
const fresh = () => loaded && !ordered.length && !outbox.items.length;
const fromUs = () => ordered.filter((event) => event.t === "message" && event.d.author !== "visitor");
const seen = () => Math.max(kept.seen ?? 0, readBy("visitor"));
const canAsk = () => status().status !== "open";
const soundOn = () => kept.sound ?? !touch;
const attentive = () => open && document.visibilityState === "visible" && view.pinned;

// ---- the parts -------------------------------------------------------------------------------------------------------

let minting = null;

async function mint() {
  const made = await call("POST", "visitors", { body: { language: data.language } });
  token = made.token;
  host.keep({ token });
  wire.start();
  return token;
}

function tokenNow() {
  if (token) return token;
  minting ??= mint().finally(() => {
    minting = null;
  });
  return minting;
}

function forgetLog() {
  known.clear();
  ordered = [];
  told = 0;
  earlier = "";
  typing = null;
}

// A token nobody accepts any more. What waits to be sent goes into a new conversation.
function dead(which) {
  if (which !== token || !token) return;
  token = null;
  wire.stop();
  wire.cursor = 0;
  forgetLog();
  host.keep({ token: null, seen: null });
  expired = true;
  draw();
}

function take(event) {
  if (known.has(event.seq)) return;
  known.set(event.seq, event);
  ordered = [...known.values()].sort((a, b) => a.seq - b.seq);
  if (event.t === "message" && event.d.author === "visitor") outbox.drop(event.d.cid);
  else if (event.t === "message") arrived(event);
  draw();
}

function arrived({ seq, d }) {
  hush();
  host.tell("message", { author: d.author, name: nameOf(d), text: d.text });
  if (seq <= seen() || (wire.snapshot && !talking)) return;
  announce(t("announce", { name: nameOf(d), text: d.text || t("attachment") }));
  view.hint();
  if (!attentive() && soundOn()) chime();
}

const wire = new Wire({
  token: () => token,
  onEvent: take,
  onFrame: (frame) => {
    if (frame.t === "typing") showTyping(frame.d);
  },
  onReset: () => {
    forgetLog();
    resetting = true;
  },
  onReady: (page) => {
    resetting = false;
    loaded = true;
    if (page.earlier) earlier = "more";
    outbox.wake();
    draw();
  },
  onDead: dead,
  onState: () => draw(),
});

const outbox = new Outbox(kept, {
  keep: (patch) => host.keep(patch),
  token: tokenNow,
  onSent: (event) => {
    expired = false;
    take(event);
    setTimeout(() => {
      if (lastOf(ordered)?.seq === event.seq && status().status === "pending") showTyping({ author: "bot" });
    }, BOT_THINKS);
  },
  onDead: dead,
  onChange: () => draw(),
});

const view = new View({
  pick: (label, value) => say(label, value),
  retry: (cid) => outbox.retry(cid),
  delete: (cid) => outbox.drop(cid),
  earlier: older,
});
view.onSeen = markRead;

async function older() {
  earlier = "busy";
  draw();
  try {
    const page = await call("GET", `events?before=${ordered[0]?.seq ?? wire.cursor + 1}`, { token });
    earlier = page.earlier ? "more" : "";
    page.events.filter((event) => !known.has(event.seq)).forEach((event) => known.set(event.seq, event));
    ordered = [...known.values()].sort((a, b) => a.seq - b.seq);
  } catch {
    earlier = "more";
  }
  draw();
}

// ---- drawing ---------------------------------------------------------------------------------------------------------

let drawing = 0;

// Not animation frames: a closed chat has none, and its unread count must be right all the same.
function draw() {
  drawing ||= setTimeout(paint);
}

function truth() {
  if (wire.blocked) return t("bar_blocked");
  if (!navigator.onLine) return t("bar_offline");
  if (wire.down) return t("bar_retry");
  return expired ? t("bar_expired") : "";
}

function paint() {
  drawing = 0;
  const failed = outbox.items.filter((item) => item.state === "failed").length;
  // While a fresh start of the log comes in, the old one stays on the screen.
  if (!resetting)
    view.render({ events: ordered, items: outbox.items, fresh: fresh(), deskRead: readBy("desk"), earlier, typing });
  showHeader(status());
  showBar(truth());
  $("human").hidden = !canAsk();
  if (!fresh()) hints.show([]);
  if (failed > paint.failed) alarm(t("failed_alert"));
  paint.failed = failed;
  markRead();
}
paint.failed = 0;

function markRead() {
  const upto = lastOf(fromUs())?.seq ?? 0;
  if (attentive()) {
    if (upto > Math.max(told, readBy("visitor")) && wire.say({ t: "read", upto })) told = upto;
    if (upto > seen()) host.keep({ seen: upto });
  }
  const news = open && document.visibilityState === "visible" ? [] : fromUs().filter((event) => event.seq > seen());
  const newest = lastOf(news)?.d;
  const unread = { n: news.length, name: newest ? nameOf(newest) : "", text: newest?.text ?? "" };
  const sig = `${unread.n}:${lastOf(news)?.seq}`;
  if (sig !== markRead.sig) host.tell("unread", unread);
  markRead.sig = sig;
}

function showTyping(d) {
  clearTimeout(showTyping.timer);
  showTyping.timer = setTimeout(() => (hush(), draw()), TYPING_SHOWN);
  typing = d;
  draw();
}

function hush() {
  clearTimeout(showTyping.timer);
  typing = null;
}

// ---- writing ---------------------------------------------------------------------------------------------------------

function say(text, value) {
  hush();
  talking = true;
  view.pinned = true;
  outbox.add(text, value);
  host.tell("conversation", {});
}

const composer = new Composer({
  send: (text) => say(text),
  typing: () => wire.say({ t: "typing" }),
  draft: (text) => text !== (kept.draft ?? null) && host.keep({ draft: text }),
});
const hints = new Hints({
  wanted: fresh,
  pick: (label, value) => {
    composer.fill("");
    composer.keep();
    (touch ? $("log") : composer.field).focus({ preventScroll: true });
    say(label, value);
  },
});
const ask = () => say(t("human_text"));
$("human").addEventListener("click", ask);

// ---- the page around ---------------------------------------------------------------------------------------------------

function setOpen(now, focus) {
  open = now;
  if (!open) return composer.keep();
  view.toEnd();
  if (focus) (touch ? $("title") : composer.field).focus({ preventScroll: true });
  return draw();
}

async function logout(gone = token) {
  token = null;
  expired = false;
  wire.stop();
  wire.cursor = 0;
  outbox.items = [];
  outbox.wake();
  forgetLog();
  composer.fill("");
  hints.show([]);
  host.forget();
  draw();
  if (gone) await call("POST", "logout", { token: gone }).catch(() => null);
}

// Another tab of this visitor made or dropped the token.
function adopt(theirs) {
  if ((theirs.token ?? null) === token) return;
  wire.stop();
  wire.cursor = 0;
  forgetLog();
  for (const name in kept) delete kept[name];
  token = Object.assign(kept, theirs).token ?? null;
  if (token) wire.start();
  draw();
}

const commands = {
  open: (d) => setOpen(true, d?.focus),
  close: () => setOpen(false),
  kept: adopt,
  logout,
  topic: ({ text }) => say(String(text)),
};

function shut() {
  if (host.port) host.tell("close", {});
}

function speak(language) {
  composer.keep();
  host.keep({ lang: language });
  if (host.port) return host.tell("reload");
  const url = new URL(location);
  url.searchParams.set("lang", language);
  return location.replace(url);
}

let away = 0;

document.addEventListener("visibilitychange", () => {
  clearTimeout(away);
  if (document.visibilityState === "hidden") {
    composer.keep();
    away = setTimeout(() => wire.stop(), AWAY);
  } else {
    if (token) wire.start();
    wire.nudge();
    draw();
  }
});
addEventListener("online", () => (wire.nudge(), outbox.wake(), draw()));
addEventListener("offline", () => draw());
addEventListener("pagehide", () => composer.keep());
addEventListener("pageshow", (event) => event.persisted && wire.nudge());
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing && !$("forget").open) shut();
});

function begin() {
  if (!framed && kept.lang && kept.lang !== data.language && !location.search.includes("lang="))
    return speak(kept.lang);
  $("more").append(icon("more"));
  $("close").append(icon("close"));
  $("send").append(icon("send"));
  $("human").append(icon("person"), t("human"));
  $("close").hidden = !host.port;
  $("close").addEventListener("click", shut);
  menuOf({
    human: ask,
    canAsk,
    sound: soundOn,
    setSound: (on) => host.keep({ sound: on }),
    speak,
    forget: () => logout(),
  });
  if (host.port) host.port.onmessage = ({ data: { t: name, d } }) => commands[name]?.(d);
  host.onKept = adopt;
  composer.start(kept.draft ?? "");
  paint();
  host.tell("ready", {});
  if (token) wire.start();
  outbox.pump();
  if (host.alone && !touch) composer.field.focus();
  return undefined;
}

begin();
