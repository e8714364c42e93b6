/* What people have to mend before customers notice: shown to everybody until it is mended. */
import { html, signal } from "./lib.js";
import { Icon, channelIcon } from "./icons.js";
import { now } from "./list-state.js";
import { brief, clock, exactly, known, language, t } from "./words.js";

/** [{inbox, channel, key, said: {language: text}, since}], the oldest first. */
export const troubles = signal([]);

const said = (trouble) => trouble.said[language.value] || trouble.said["zh-Hans"] || trouble.said.en
  || Object.values(trouble.said)[0] || t("trouble.unsaid", { key: trouble.key });

export function Troubles() {
  if (!troubles.value.length) return null;
  return html`<section class="troubles" aria-label=${t("trouble.label")} role="status" tabindex="0">
    ${troubles.value.map((one) => html`<p key=${`${one.inbox} ${one.key}`} class="trouble">
      <${Icon} name="alert" />
      <strong><${Icon} name=${channelIcon(one.channel)} size=${14} />${t("trouble.inbox", { channel: known(`channel.${one.channel}`, one.channel), inbox: one.inbox })}</strong>
      <span>${said(one)}</span>
      <time datetime=${one.since} title=${exactly(one.since)}>${t("trouble.since", { at: at(one.since) })}</time>
    </p>`)}
  </section>`;
}

function at(iso) {
  const day = brief(iso, now());
  return day === clock(iso) ? day : `${day} ${clock(iso)}`;
}
