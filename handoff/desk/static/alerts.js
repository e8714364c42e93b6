/* The gravest conversations that nobody has taken: over everything, wherever an agent is in the desk, until somebody
   takes them or he says that he knows. What is shown is the store's: a reload or a lost ring changes nothing. */
import { batch, computed, effect, html, signal } from "./lib.js";
import { ApiError, get } from "./api.js";
import { memory } from "./boot.js";
import { Icon, channelIcon } from "./icons.js";
import { me, rows } from "./list-state.js";
import { Waiting } from "./parts.js";
import { go } from "./place.js";
import { act } from "./thread-state.js";
import { clock, known, nameOf, t } from "./words.js";

const LEADS = new Set(["supervisor", "admin"]);
const MOST_SHOWN = 3;
const KEPT = 50;

/** What the server said last; rows that have changed since are newer. */
const told = signal([]);
const known_ = signal({});

/** Everybody hears of danger to people; what is merely serious is for those who lead. */
const grave = (row) => row.status === "open" && !row.assignee
  && (row.tier === "critical" || (row.tier === "serious" && LEADS.has(me.value?.role)));

/** It is called anew when it is offered anew. */
const since = (row) => row.handoff?.offered_at ?? row.waiting_since ?? row.created_at;

const unclaimed = computed(() => {
  const latest = new Map(told.value.map((row) => [row.id, row]));
  for (const [id, row] of rows.value) if (!latest.has(id) || latest.get(id).seq <= row.seq) latest.set(id, row);
  return [...latest.values()].filter(grave)
    .sort((a, b) => (a.tier !== b.tier ? (a.tier === "critical" ? -1 : 1) : since(a) < since(b) ? -1 : 1));
});

/** Those that this agent has not said he knows of. */
export const alerts = computed(() => unclaimed.value.filter((row) => known_.value[row.id] !== since(row)));

const key = () => `${me.peek()?.id}.alerts`;

function acknowledge(row) {
  const kept = Object.entries({ ...known_.peek(), [row.id]: since(row) }).slice(-KEPT);
  known_.value = Object.fromEntries(kept);
  memory.set(key(), known_.peek());
}

export async function load() {
  try {
    const found = await get("/alerts");
    batch(() => {
      known_.value = memory.get(key(), {});
      told.value = found.rows;
    });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}

// ---- heard, too ------------------------------------------------------------------------------------------------

const called = new Map();

/** A tone of our own making; a browser in which nobody has clicked yet plays none, and nothing breaks. */
function ring() {
  const Context = window.AudioContext ?? window.webkitAudioContext;
  if (!Context || memory.get("alerts_silent", false)) return;
  const context = new Context();
  if (context.state === "suspended") {
    context.close();
    return;
  }
  for (const [at, pitch] of [[0, 880], [0.22, 660]]) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = pitch;
    volume.gain.value = 0.12;
    tone.connect(volume).connect(context.destination);
    tone.start(context.currentTime + at);
    tone.stop(context.currentTime + at + 0.18);
  }
  setTimeout(() => context.close(), 1000);
}

/** Where the agent has allowed it, also while another window is before him. */
function notify(row) {
  if (!("Notification" in window) || Notification.permission !== "granted" || document.visibilityState === "visible") return;
  const shown = new Notification(t("alert.title", { tier: known(`tier.${row.tier}`, row.tier) }), {
    body: `${nameOf(row.contact, row.channel)} · ${row.last.text}`, tag: `kefu-${row.id}`,
  });
  shown.onclick = () => {
    window.focus();
    go(row.id);
  };
}

export function listen() {
  effect(() => {
    for (const row of alerts.value) {
      if (called.get(row.id) === since(row)) continue;
      called.set(row.id, since(row));
      if (row.tier === "critical") ring();
      notify(row);
    }
  });
}

// ---- shown -----------------------------------------------------------------------------------------------------

export function Alerts() {
  const shown = alerts.value;
  if (!shown.length) return null;
  return html`<section class="alerts" aria-label=${t("alert.label")}>
    ${shown.slice(0, MOST_SHOWN).map((row) => html`<${Alert} key=${`${row.id} ${since(row)}`} row=${row} />`)}
    ${shown.length > MOST_SHOWN ? html`<p class="alert more">${t("alert.more", { n: shown.length - MOST_SHOWN })}</p>` : null}
  </section>`;
}

const Alert = ({ row }) => html`<div class=${`alert ${row.tier}`} role=${row.tier === "critical" ? "alert" : "status"}>
  <${Icon} name="alert" size=${18} />
  <p><strong>${t("alert.title", { tier: known(`tier.${row.tier}`, row.tier) })}</strong>
    <span><${Icon} name=${channelIcon(row.channel)} size=${13} /> ${known(`channel.${row.channel}`, row.channel)}${row.public ? ` · ${t("public.chip")}` : ""} · ${nameOf(row.contact, row.channel)}</span>
    <q lang=${row.language || undefined}>${row.handoff?.reason || row.last.text}</q>
    <time datetime=${since(row)}>${clock(since(row))}</time>${row.waiting_since ? html`<${Waiting} since=${row.waiting_since} />` : null}</p>
  <span class="choices">
    <button class="button small" onClick=${() => go(row.id)}>${t("alert.open")}</button>
    <button class="button primary small" onClick=${() => { go(row.id); act("claim", row.id); }}>${t("action.claim")}</button>
    <button class="button small" onClick=${() => acknowledge(row)}>${t("alert.known")}</button>
  </span>
</div>`;

/** Silent on this computer, or not; where it is not, other windows may be told, too. */
export function Sound() {
  const change = async (event) => {
    const on = event.currentTarget.checked;
    memory.set("alerts_silent", !on);
    if (on && "Notification" in window && Notification.permission === "default") await Notification.requestPermission();
  };
  return html`<div class="choice"><label for="set-alerts">${t("alert.sound")}</label>
    <input id="set-alerts" type="checkbox" defaultChecked=${!memory.get("alerts_silent", false)} onChange=${change} /></div>`;
}
