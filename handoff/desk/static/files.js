/* Files in a message: seen, heard, or fetched for the agent's own programs. What the server would not show in place
   is only offered for download. */
import { html, useState } from "./lib.js";
import { Icon } from "./icons.js";
import { size } from "./attach-state.js";
import { known, t } from "./words.js";

const SEEN = new Set(["image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "image/bmp"]);
const HEARD = new Set(["audio/mpeg", "audio/ogg", "audio/wav", "audio/mp4", "audio/aac", "audio/flac"]);
const WATCHED = new Set(["video/mp4", "video/webm", "video/ogg", "video/quicktime"]);
const ICONS = { image: "picture", sticker: "picture", voice: "sound", video: "play" };

const at = (file) => `/api/desk/media/${file.key}`;
const named = (file) => file.name || known(`kind.${file.kind}`, t("kind.file"));
const icon = (file) => ICONS[file.kind] ?? "file";
const safe = (url) => (/^https?:\/\//i.test(url ?? "") ? url : "");

export const Files = ({ files }) => files.map((file, place) => html`<${One} key=${file.key || place} file=${file} />`);

function One({ file }) {
  const [broken, setBroken] = useState(false);
  if (!file.key) return html`<${Elsewhere} file=${file} />`;
  if (broken) return html`<${Card} file=${file} why=${t("files.broken")} />`;
  const fails = () => setBroken(true);
  if (SEEN.has(file.media_type)) {
    return html`<a class="picture" href=${at(file)} target="_blank" rel="noopener" title=${t("files.open")}>
      <img src=${at(file)} alt=${t("files.picture", { name: named(file) })} loading="lazy" onError=${fails} /></a>`;
  }
  if (HEARD.has(file.media_type)) {
    return html`<audio class="sound" controls preload="metadata" src=${at(file)} aria-label=${named(file)} onError=${fails}></audio>`;
  }
  if (WATCHED.has(file.media_type)) {
    return html`<video class="film" controls preload="metadata" src=${at(file)} aria-label=${named(file)} onError=${fails}></video>`;
  }
  return html`<${Card} file=${file} why=${file.media_type.startsWith("audio/") ? t("files.unplayable") : ""} />`;
}

/** Not with us: on its way, never to come, or only ever at its network. */
function Elsewhere({ file }) {
  const url = safe(file.url);
  const link = url ? html`<a href=${url} target="_blank" rel="noopener noreferrer nofollow">${named(file)}</a>` : html`<span>${named(file)}</span>`;
  const coming = !file.error && (file.source || file.url);
  return html`<p class=${`file ${file.error ? "lost" : ""}`}>
    <${Icon} name=${file.error ? "alert" : icon(file)} />${coming ? html`<span>${named(file)}</span>` : link}
    ${file.size ? html`<span class="size">${size(file.size)}</span>` : null}
    ${coming ? html`<span class="coming">${t("files.coming")}</span>` : null}
    ${file.error ? html`<span class="why">${t("files.lost", { why: known(`lost.${file.error}`, file.reason || file.error) })}</span>` : null}
  </p>`;
}

const Card = ({ file, why }) => html`<a class="file-card" href=${at(file)} download=${file.name || ""}>
  <span class="thumb"><${Icon} name=${icon(file)} size=${20} /></span>
  <span class="file-about">
    <span class="file-name" title=${named(file)}>${named(file)}</span>
    <span class="size">${file.size ? size(file.size) : ""}${why ? html`<span class="why">${why}</span>` : null}</span>
  </span>
  <span class="file-get"><${Icon} name="download" />${t("files.download")}</span>
</a>`;

/** A small square for a file that is with us. */
export const Thumb = ({ file }) => html`<span class="thumb">
  ${SEEN.has(file.media_type) ? html`<img src=${at(file)} alt="" />` : html`<${Icon} name=${icon(file)} />`}
</span>`;
