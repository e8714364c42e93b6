/* Line icons, 20 × 20, drawn for the desk. They take the text's colour and are never the only sign of anything. */
import { html } from "./lib.js";

const PATHS = {
  back: "M12.5 4.5 7 10l5.5 5.5",
  bot: "M10 3v2.5M5.5 5.5h9A1.5 1.5 0 0 1 16 7v7a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 4 14V7a1.5 1.5 0 0 1 1.5-1.5ZM7.5 9.5v1.5M12.5 9.5v1.5M2 9.5v2M18 9.5v2",
  check: "m4.5 10.5 3.5 3.5 7.5-8",
  checks: "m1.5 10.5 3.5 3.5 7.5-8M10 13.5l.5.5 7.5-8",
  clip: "M15.8 9.3 9.9 15.2a3.6 3.6 0 0 1-5.1-5.1l6.4-6.4a2.4 2.4 0 0 1 3.4 3.4l-6.4 6.4a1.2 1.2 0 0 1-1.7-1.7l5.7-5.7",
  clock: "M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14ZM10 6v4.2l2.8 1.8",
  close: "m5 5 10 10M15 5 5 15",
  alert: "M10 3 2.5 16.5h15L10 3ZM10 8v4M10 14.2v.1",
  question: "M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14ZM7.8 8.2a2.2 2.2 0 1 1 3.3 1.9c-.7.4-1.1.8-1.1 1.6M10 13.9v.1",
  download: "M10 3v9.5M6 8.8l4 4 4-4M3.5 16.5h13",
  down: "m4.5 7.5 5.5 5.5 5.5-5.5",
  undo: "M7 4.5 3.5 8 7 11.5M3.5 8h8a4.5 4.5 0 0 1 0 9H8",
  up: "m4.5 12.5 5.5-5.5 5.5 5.5",
  eye: "M2 10s3-5 8-5 8 5 8 5-3 5-8 5-8-5-8-5ZM10 7.8a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4Z",
  file: "M11.5 2.5H6A1.5 1.5 0 0 0 4.5 4v12A1.5 1.5 0 0 0 6 17.5h8a1.5 1.5 0 0 0 1.5-1.5V6.5l-4-4ZM11.5 2.5v4h4",
  hand: "M4 13.5a4 4 0 0 1 4-4h1.5M8.5 9.5a3.2 3.2 0 1 1 0-6.4 3.2 3.2 0 0 1 0 6.4ZM12 13h5.5M15 10.5l2.5 2.5-2.5 2.5",
  info: "M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14ZM10 9.2v4.3M10 6.5v.1",
  mail: "M3.5 4.5h13a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-13a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1ZM3 5.5l7 5.5 7-5.5",
  note: "M4.5 3h11A1.5 1.5 0 0 1 17 4.5v7L11.5 17h-7A1.5 1.5 0 0 1 3 15.5v-11A1.5 1.5 0 0 1 4.5 3ZM17 11.5h-4a1.5 1.5 0 0 0-1.5 1.5v4",
  chat: "M4.5 3.5h11A1.5 1.5 0 0 1 17 5v7.5a1.5 1.5 0 0 1-1.5 1.5H10l-4 3v-3H4.5A1.5 1.5 0 0 1 3 12.5V5a1.5 1.5 0 0 1 1.5-1.5Z",
  picture: "M4 4h12a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1ZM3.2 14.2l4-4.2 3.3 3.3 2.2-2.1 4 3.8M12.8 7.6v.1",
  play: "M7 4.5v11l8.5-5.5L7 4.5Z",
  phone: "M6.5 3 8 6.8 6.3 8.2a9 9 0 0 0 5.5 5.5l1.4-1.7L17 13.5v2.3A1.7 1.7 0 0 1 15.3 17.5 12.8 12.8 0 0 1 2.5 4.7 1.7 1.7 0 0 1 4.2 3h2.3Z",
  retry: "M16 10a6 6 0 1 1-1.8-4.3M16.5 3.5v3h-3",
  send: "M3 10 17 3.5 13 17l-3.5-5.5L3 10ZM9.5 11.5 17 3.5",
  settings: "M3 6h7M14 6h3M3 14h3M10 14h7M12 4a2 2 0 1 1 0 4 2 2 0 0 1 0-4ZM8 12a2 2 0 1 1 0 4 2 2 0 0 1 0-4Z",
  star: "M10 3l2.1 4.5 4.9.6-3.6 3.4.9 4.9L10 14l-4.3 2.4.9-4.9L3 8.1l4.9-.6L10 3Z",
  sound: "M3.5 8v4h3l4 3.2V4.8L6.5 8h-3ZM13.5 7.2a4 4 0 0 1 0 5.6M15.8 5a7 7 0 0 1 0 10",
  user: "M10 3.5a3.3 3.3 0 1 1 0 6.6 3.3 3.3 0 0 1 0-6.6ZM3.5 17a6.5 6.5 0 0 1 13 0",
  web: "M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14ZM3 10h14M10 3c2 2 3 4.4 3 7s-1 5-3 7c-2-2-3-4.4-3-7s1-5 3-7Z",
};

const CHANNELS = { web: "web", email: "mail", phone: "phone" };

export const Icon = ({ name, size = 16 }) => html`<svg
  class="icon" width=${size} height=${size} viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="1.6"
  stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d=${PATHS[name]} /></svg>`;

export const channelIcon = (channel) => CHANNELS[channel] ?? "chat";
