// What is so right now: who serves the visitor, whether we are connected; and saying news to those who cannot see it.

import { $, icon, t } from "./dom.js";
import { agentName, agentText } from "./view.js";

const TEXTS = { pending: "sub_bot", open: "sub_asking", snoozed: "sub_snoozed", resolved: "sub_resolved" };
const SAID = 5000; // ms a text stays in a live region

// Touches the page only when something changed: these are read out.
function change(node, sig, ...children) {
  if (node.dataset.sig === sig) return;
  node.dataset.sig = sig;
  node.replaceChildren(...children);
}

export function showHeader({ status, agent }) {
  const server = status === "resolved" ? null : agent;
  const sub = server ? agentText("sub", server) : t(TEXTS[status] ?? "sub_bot");
  const face = server && [...agentName(server)][0].toUpperCase();
  change($("sub"), sub, sub);
  change($("mark"), `${face}`, face || icon("chat"));
}

export function showBar(text) {
  change($("bar"), text, ...(text ? [icon("alert"), text] : []));
}

export function announce(text) {
  const line = document.createElement("p");
  line.textContent = text;
  $("polite").append(line);
  setTimeout(() => line.remove(), SAID);
}

export function alarm(text) {
  $("alert").textContent = text;
  setTimeout(() => $("alert").replaceChildren(), SAID);
}
