// Hearing what happens: a WebSocket that resumes by cursor, and long polling where sockets do not get through.

import { BASE, call, jitter, Nap } from "./net.js";

const OPENING = 10000; // ms a handshake may take
const SILENCE = 45000; // the server pings every 20 s: past this the connection is dead, whatever the browser thinks
const POLL_AFTER = 4; // failures
const AGAIN = 60; // s between socket attempts while polling works

export class Wire {
  // token(): the live token or null, onEvent(event), onFrame(ephemeral), onReset(), onReady(page), onDead(token),
  // onState(). `snapshot`: what comes now is history, not news.
  constructor(handlers) {
    Object.assign(this, handlers, { cursor: 0, failures: 0, nap: new Nap() });
  }

  get down() {
    return this.wanted && !this.live && !this.polled && this.failures > 1;
  }

  start() {
    this.wanted = true;
    if (!this.socket) this.open();
  }

  stop() {
    this.wanted = this.polled = false;
    this.failures = 0;
    this.leave();
  }

  // The network or the page came back: do not sit out the pause.
  nudge() {
    if (!this.live && !this.opening) this.open();
  }

  say(frame) {
    if (this.live) this.socket.send(JSON.stringify(frame));
    return this.live;
  }

  open() {
    const token = this.token();
    this.leave();
    if (!this.wanted || !token || this.blocked) return;
    const socket = (this.socket = new WebSocket(`${location.origin.replace("http", "ws")}${BASE}ws`));
    this.opening = true;
    this.snapshot = !this.cursor;
    socket.onopen = () => socket.send(JSON.stringify({ t: "hello", token, after: this.cursor }));
    socket.onmessage = ({ data: text }) => {
      this.guard(SILENCE);
      this.take(JSON.parse(text));
    };
    socket.onclose = ({ code }) => this.lost(code, token);
    this.guard(OPENING);
  }

  leave() {
    clearTimeout(this.watchdog);
    clearTimeout(this.retry);
    this.nap.wake();
    this.opening = this.live = false;
    if (this.socket) {
      this.socket.onopen = this.socket.onmessage = this.socket.onclose = null;
      this.socket.close();
    }
    this.socket = null;
  }

  guard(patience) {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.lost(), patience);
  }

  take(frame) {
    if (frame.t === "ping") this.say({ t: "pong" });
    else if (frame.t === "reset") this.reset();
    else if (frame.t === "ok") {
      this.live = true;
      this.opening = this.polled = false;
      this.failures = 0;
      this.caughtUp(frame);
    } else if (frame.seq) {
      this.cursor = Math.max(this.cursor, frame.seq);
      this.onEvent(frame);
    } else this.onFrame(frame);
  }

  reset() {
    this.cursor = 0;
    this.snapshot = true;
    this.onReset();
  }

  caughtUp(page) {
    this.cursor = page.seq;
    this.snapshot = false;
    this.onReady(page);
  }

  lost(code, token) {
    this.leave();
    if (code === 4401) this.onDead(token);
    else if (code === 4403) this.blocked = true;
    else {
      this.failures += 1;
      this.retry = setTimeout(() => this.open(), 1000 * (this.polled ? AGAIN : jitter(this.failures)));
      if (this.failures >= POLL_AFTER) this.poll();
    }
    this.onState();
  }

  async poll() {
    if (this.polling) return;
    this.polling = true;
    while (this.wanted && !this.live && this.token()) await this.nap.take(await this.pollOnce(this.token()));
    this.polling = this.polled = false;
  }

  // Seconds to wait before the next.
  async pollOnce(token) {
    const began = Date.now();
    try {
      const page = await call("GET", `events?after=${this.cursor}&wait=20`, { token, timeout: 35000 });
      if (this.live || token !== this.token()) return 0;
      if (page.reset && this.cursor) {
        this.reset();
        return 0;
      }
      this.snapshot = !this.cursor;
      page.events.forEach(this.onEvent);
      this.polled = true;
      this.caughtUp(page);
      // Answered at once with nothing: the server does not let this tab wait.
      return page.events.length || Date.now() - began > 5000 ? 0 : 4;
    } catch ({ status, wait }) {
      if (status === 401) this.onDead(token);
      this.polled = false;
      this.onState();
      return wait || jitter(this.failures);
    }
  }
}
