// The page around us, and where this visitor's things are kept.
//
// Framed by kefu.js we keep nothing ourselves: the loader keeps it in the storage of the shop's own page and hands it
// over through a private port, opened by one message whose source and origin are checked. On its own (or framed
// without a loader) the page keeps it in its own storage, and in memory where that is forbidden.

import { data } from "./dom.js";

const KEY = `kefu:${data.inbox}`;
const PATIENCE = 1500;

export const framed = window.parent !== window;

// null removes. The loader merges alike.
function merge(kept, patch) {
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete kept[name];
    else kept[name] = value;
  }
  return kept;
}

function allowed(origin) {
  const fits = (one) => {
    const [scheme, host] = one.split("*");
    return host ? origin.startsWith(scheme) && origin.endsWith(host) : origin === one;
  };
  return !data.origins.length || origin === location.origin || data.origins.some(fits);
}

function own() {
  const kept = {};
  const read = () => {
    try {
      return JSON.parse(localStorage.getItem(KEY)) ?? {};
    } catch {
      return kept; // storage is forbidden: this visit goes on, the next one starts anew
    }
  };
  merge(kept, read());
  addEventListener("storage", (event) => event.key === KEY && host.onKept(read()));
  const host = {
    kept,
    alone: !framed,
    tell() {},
    keep(patch) {
      merge(kept, patch);
      try {
        localStorage.setItem(KEY, JSON.stringify(merge(read(), patch)));
      } catch {
        // forbidden or full
      }
    },
    forget() {
      for (const name in kept) delete kept[name];
      try {
        localStorage.removeItem(KEY);
      } catch {
        // forbidden
      }
    },
  };
  return host;
}

function guest(port, { kept, open }) {
  const tell = (t, d) => port.postMessage({ t, d });
  const keep = (patch) => {
    merge(kept, patch);
    tell("keep", patch);
  };
  const forget = () => {
    for (const name in kept) delete kept[name];
    tell("forget");
  };
  return { kept, open, port, tell, keep, forget };
}

export function connect() {
  if (!framed) return Promise.resolve(own());
  return new Promise((resolve) => {
    addEventListener("load", () => setTimeout(() => resolve(own()), PATIENCE)); // the loader speaks up at this event
    addEventListener("message", ({ source, origin, ports, data: said }) => {
      if (source === window.parent && said?.kefu === "init" && ports[0] && allowed(origin))
        resolve(guest(ports[0], said));
    });
  });
}
