/* The desk: puts the panes together and the state on the wire. */
import { batch, html, render } from "./lib.js";
import * as alarm from "./alerts.js";
import { boot, root } from "./boot.js";
import { CallDialog } from "./call.js";
import { CaseDialog } from "./case.js";
import { ClosingDialog } from "./closing.js";
import { ContactPane } from "./contact.js";
import { Icon } from "./icons.js";
import { Help, listen } from "./keys.js";
import { infoShown } from "./layout.js";
import { ListPane } from "./list.js";
import * as list from "./list-state.js";
import { dismiss, notice, spoken } from "./notices.js";
import * as outbox from "./outbox.js";
import { follow } from "./place.js";
import { ThreadPane } from "./thread.js";
import * as tab from "./tab.js";
import * as threads from "./thread-state.js";
import { Troubles, troubles } from "./troubles.js";
import { ApiError, get } from "./api.js";
import { connect, failures, hurry, link, on, troubled } from "./socket.js";
import { WhyDialog } from "./why.js";
import { speak, t } from "./words.js";

const POLL_EVERY = 10000;
/** A ring may get lost on its way between two servers; the list is looked at again now and then. */
const LOOK_EVERY = 60000;

function App() {
  const place = threads.openId.value === null ? "list" : "thread";
  const info = infoShown.value && place === "thread";
  return html`
    <a class="skip" href=${place === "list" ? "#rows" : "#thread"} onClick=${skip}>${t(place === "list" ? "desk.skip_list" : "desk.skip")}</a>
    <${Bar} />
    <${alarm.Alerts} />
    <${Troubles} />
    <main class="panes" data-place=${place} data-info=${info}>
      <h1 class="quiet">${t("desk.title")}</h1>
      <${ListPane} /><${ThreadPane} />${info ? html`<${ContactPane} />` : null}
    </main>
    <${Toast} />
    <${Help} />
    <${WhyDialog} />
    <${CallDialog} />
    <${CaseDialog} />
    <${ClosingDialog} />
    <div class="quiet" role="status" aria-live="polite">${spoken.value}</div>`;
}

function skip(event) {
  event.preventDefault();
  document.querySelector("#compose, .log, .rows")?.focus();
}

function Bar() {
  if (!troubled.value) return null;
  const n = outbox.unsent.value.filter((one) => one.state !== "refused").length;
  const refused = link.value === "refused";
  return html`<div class=${`bar ${refused ? "bad" : ""}`} role="status">
    <${Icon} name="alert" />
    <span>${t(refused ? "link.refused" : "link.down")}${n ? ` ${t("link.waiting", { n })}` : ""}</span>
    ${refused ? null : html`<button class="link" onClick=${hurry}>${t("link.now")}</button>`}
  </div>`;
}

function Toast() {
  const it = notice.value;
  const undo = () => {
    dismiss();
    it.undo();
  };
  return html`<div class="toasts" role="status">
    ${it ? html`<p key=${it.id} class=${`toast ${it.kind}`}>
      <${Icon} name=${it.kind === "error" ? "alert" : "check"} /><span>${it.text}</span>
      ${it.undo ? html`<button class="link" onClick=${undo}>${it.label || t("action.undo")}</button>` : null}
      <button class="icon-button" aria-label=${t("action.close")} onClick=${dismiss}><${Icon} name="close" /></button>
    </p>` : null}
  </div>`;
}

function wire() {
  on("snapshot", (frame) => {
    batch(() => {
      list.me.value = frame.d.me;
      troubles.value = frame.d.troubles;
      list.accept(frame.d, { first: true });
    });
    alarm.load();
    list.fill();
    threads.watch();
    threads.refresh(); // its row is not in the snapshot if another tab is shown
    outbox.flush();
  });
  on("row", (frame) => list.patch(frame.d));
  on("troubles", (frame) => { troubles.value = frame.d; });
  on("counts", (frame) => { list.counts.value = frame.d; });
  on("reset", (frame) => frame.conv === threads.openId.peek() && threads.fetchThread(frame.conv));
  on("ok", (frame) => threads.take(frame.conv, [], frame.seq));
  on("viewers", (frame) => { if (frame.conv === threads.openId.peek()) threads.viewers.value = frame.d; });
  on("typing", threads.typing);
  on("cases", (frame) => frame.conv === threads.openId.peek() && threads.refresh());
  for (const type of ["message", "status", "read", "delivery", "attachment", "handoff", "poison", "rating", "judgement", "agent_mail", "aside", "case"]) {
    on(type, (frame) => threads.take(frame.conv, [{ seq: frame.seq, t: frame.t, d: frame.d }], frame.seq));
  }
}

/** Where WebSockets do not get through, asking now and then does. */
async function poll() {
  if (link.peek() === "open" || link.peek() === "refused" || failures.peek() < 3 || document.hidden) return;
  try {
    await Promise.all([list.load(), threads.poll(), alarm.load()]);
    troubles.value = (await get("/troubles")).troubles;
    outbox.flush();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}

async function start() {
  await speak(boot.language);
  const found = await get("/me");
  list.me.value = found.me;
  list.skew.value = new Date(found.now).getTime() - Date.now();
  list.listState.value = "loading";
  wire();
  root.replaceChildren();
  render(html`<${App} />`, root);
  follow();
  outbox.restore();
  listen();
  alarm.listen();
  connect(() => ({ t: "hello", tab: list.tab.peek() }));
  setInterval(poll, POLL_EVERY);
  setInterval(() => link.peek() === "open" && alarm.load() && list.fill() && !document.hidden && list.load(), LOOK_EVERY);
  tab.follow();
}

start().catch((error) => {
  if (error instanceof ApiError && (error.status === 401 || error.error === "must_change")) return;
  const again = Object.assign(document.createElement("button"), { className: "button", textContent: "重试 · Retry" });
  again.onclick = () => location.reload();
  const box = Object.assign(document.createElement("div"), { className: "boot" });
  box.setAttribute("role", "alert");
  box.append(Object.assign(document.createElement("p"), { textContent: "无法载入客服台，请检查网络 · The desk could not be loaded" }), again);
  root.replaceChildren(box);
  throw error;
});
