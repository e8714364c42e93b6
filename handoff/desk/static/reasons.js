/* Why something did not arrive, in the agent's language as far as it is known. */
import { known, t } from "./words.js";

/** How mail servers, and we about them, begin to say it; what follows are their own words. */
const MAIL = [
  [/^bounce: (.*)$/s, "bounced"],
  [/^delay: (.*)$/s, "delayed"],
  [/^given up after [^:]*(?::\d\d)*: (.*)$/s, "given_up"],
  [/^no word came whether the mail was taken: (.*)$/s, "unclear"],
  [/^it was being handed over when something ended it/, "interrupted"],
  [/^the mail server refused the login: (.*)$/s, "login"],
  [/^\S+ could not be asked: (.*)$/s, "away"],
  [/^no mail can go to an address like/, "address"],
  [/^the mail has \d+ bytes; the server takes/, "too_large"],
  [/^(5\d\d .*)$/s, "refused"],
  [/^(4\d\d .*)$/s, "put_off"],
];

/** A network's refusal begins with what it means, in English, and what the network itself said in brackets. */
export function reason(error) {
  for (const [form, name] of MAIL) {
    const found = error.match(form);
    if (found) return t(`mail.${name}`, { said: found[1] ?? "" });
  }
  const [, meaning, said] = error.match(/^([^(]+?) \((.*)\)$/s) ?? [];
  const words = meaning && known(`reason.${meaning.toLowerCase().replace(/[^a-z0-9]+/g, "_")}`);
  if (!words) return known(error, error);
  return meaning === "it was refused" ? `${words} · ${said}` : words;
}
