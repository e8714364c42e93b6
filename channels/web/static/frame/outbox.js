// What the visitor wrote and the server has not confirmed. Sent one by one, in order, each with an id of its own
// (cid) that makes a repeat harmless; kept over page changes; never called delivered before the server says so.

import { call, jitter, Nap } from "./net.js";

const TRIES = 3;
const SLOT = "out:";

export class Outbox {
  // keep(patch), token(): made when first needed, onSent(event), onDead(token), onChange().
  constructor(kept, handlers) {
    Object.assign(this, handlers, { busy: false, nap: new Nap() });
    this.items = Object.entries(kept)
      .filter(([name]) => name.startsWith(SLOT))
      .map(([name, item]) => ({ ...item, cid: name.slice(SLOT.length), state: "sending", tries: 0 }))
      .sort((a, b) => a.at - b.at);
  }

  add(text, value) {
    const cid = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`; // unique for this visitor
    const item = { text, value, at: Date.now() };
    this.keep({ [SLOT + cid]: item });
    this.items.push({ ...item, cid, state: "sending", tries: 0 });
    this.pump();
  }

  retry(cid) {
    for (const item of this.items) if (item.cid === cid) item.lost = true;
    this.wake();
  }

  // Off the list: confirmed by the server's log, or deleted by the visitor.
  drop(cid) {
    if (!this.items.some((item) => item.cid === cid)) return;
    this.items = this.items.filter((item) => item.cid !== cid);
    this.keep({ [SLOT + cid]: null });
    this.onChange();
  }

  // The connection is back: what only the network failed is sent after all.
  wake() {
    for (const item of this.items) if (item.lost) Object.assign(item, { state: "sending", lost: false, tries: 0 });
    this.nap.wake();
    this.pump();
  }

  async pump() {
    this.onChange();
    if (this.busy) return;
    this.busy = true;
    let item;
    while ((item = this.items.find((one) => one.state === "sending"))) {
      await this.send(item);
      this.onChange();
    }
    this.busy = false;
  }

  async send(item) {
    let token;
    try {
      token = await this.token();
      const { cid, text, value } = item;
      this.onSent(await call("POST", "messages", { token, body: { cid, text, value } }));
      this.drop(cid);
    } catch (error) {
      if (this.items.includes(item)) await this.mend(item, error, token);
    }
  }

  async mend(item, { status, code, wait }, token) {
    if (status === 401 && !item.renewed) {
      item.renewed = true;
      this.onDead(token);
    } else if (status === 429) {
      await this.rest(item, wait || 5);
    } else if (status && status < 500) {
      Object.assign(item, { state: "failed", code });
    } else if (!navigator.onLine || ++item.tries < TRIES) {
      await this.rest(item, jitter(item.tries - 1, 8), true);
    } else {
      for (const one of this.items) if (one.state === "sending") Object.assign(one, { state: "failed", lost: true });
    }
  }

  async rest(item, seconds, silent) {
    item.wait = silent ? 0 : seconds;
    this.onChange();
    await this.nap.take(seconds);
    item.wait = 0;
  }
}
