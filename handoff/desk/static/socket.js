/* The live connection. Everything it brings can also be asked for by cursor, so losing it loses nothing. */
import { computed, signal } from "./lib.js";
import { signIn } from "./api.js";

const PING_EVERY = 20000;
const SILENT_FOR = 45000;
const SIGNED_OUT = 4401;
const FOREIGN = 4403;

/** connecting | open | down | refused */
export const link = signal("connecting");
export const failures = signal(0);
/** Said aloud only from the second failure on: a blink is nobody's business. */
export const troubled = computed(() => link.value === "refused" || (link.value !== "open" && failures.value >= 2));

const handlers = new Map();
let socket = null;
let retry = 0;
let pinging = 0;
let heard = 0;
let greet = () => ({ t: "hello" });

/** `on("row", (frame) => …)`: what to do with frames of a type. */
export const on = (type, handler) => handlers.set(type, handler);

export function send(frame) {
  if (socket && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

/** Connect and stay connected. `hello` makes the first frame of every connection. */
export function connect(hello) {
  greet = hello;
  open();
  addEventListener("online", hurry);
  addEventListener("offline", () => socket?.close());
  addEventListener("pageshow", (event) => event.persisted && hurry());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && hurry());
}

export function hurry() {
  if (link.value === "refused" || (socket && socket.readyState <= WebSocket.OPEN)) return;
  clearTimeout(retry);
  open();
}

function open() {
  const mine = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/desk/ws`);
  socket = mine;
  if (failures.value === 0) link.value = "connecting";
  mine.onopen = () => {
    heard = Date.now();
    mine.send(JSON.stringify(greet()));
    clearInterval(pinging);
    pinging = setInterval(() => beat(mine), PING_EVERY);
  };
  mine.onmessage = (event) => {
    heard = Date.now();
    const frame = JSON.parse(event.data);
    if (frame.t === "snapshot") {
      failures.value = 0;
      link.value = "open";
    }
    handlers.get(frame.t)?.(frame);
  };
  mine.onclose = (event) => socket === mine && closed(event.code);
}

function beat(mine) {
  if (Date.now() - heard > SILENT_FOR) {
    mine.onclose = null;
    mine.close();
    closed(0);
  } else if (mine.readyState === WebSocket.OPEN) {
    mine.send(JSON.stringify({ t: "ping" }));
  }
}

function closed(code) {
  clearInterval(pinging);
  socket = null;
  if (code === SIGNED_OUT) return signIn();
  if (code === FOREIGN) {
    link.value = "refused";
    return undefined;
  }
  failures.value += 1;
  link.value = "down";
  const wait = Math.min(30, 2 ** Math.min(failures.value, 5) / 2) * (0.5 + Math.random());
  clearTimeout(retry);
  retry = setTimeout(open, wait * 1000);
  return undefined;
}
