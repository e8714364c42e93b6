/* What is said about a letter: whom it is to be answered to, what is wrong with it, what to know. Pure. */

/** "王女士 <wang@qq.com>" */
export const person = ({ name, email }) => (name && email ? `${name} <${email}>` : name || email);

/** An address may stand there as text only: what was sent out names no more. */
export const people = (list) => (list ?? []).map((one) => (typeof one === "string" ? { name: "", email: one } : one));

const same = (one, two) => one.toLowerCase() === two.toLowerCase();

/** Where answers shall go, if that is not where it came from. */
export const elsewhere = (letter) => people(letter.reply_to).filter((one) => !same(one.email, letter.from?.email ?? ""));

/** The raw mail is the last of the files; what stands in the text is shown there. */
export function parted(d) {
  const files = d.attachments ?? [];
  const last = files.at(-1);
  const original = d.letter.from && last?.media_type === "message/rfc822" ? last : null;
  const inline = new Set(d.letter.inline ?? []);
  const others = original ? files.slice(0, -1) : files;
  return { original, files: others.filter((file) => !inline.has(file.key)), inline: others.filter((file) => inline.has(file.key)) };
}

/** [[key of a phrase, values]] of what an agent must not overlook. */
export function warnings(letter) {
  const found = [];
  if (letter.quarantine === "the mail is empty") found.push(["letter.quarantine_empty", {}]);
  else if (letter.quarantine) found.push(["letter.quarantine", { why: letter.quarantine }]);
  if (letter.authentication?.dmarc === "fail") found.push(["letter.forged", {}]);
  if (letter.folder === "junk") found.push(["letter.junk", {}]);
  if (!found.length && letter.verdict === "suspicious") found.push(["letter.suspicious", {}]);
  return found;
}

/** [{key, values, conversation}] of what is good to know; `conversation`: the number of another one it points to. */
export function notes(letter, language) {
  const { stranger, new_topic: topic, related, suggested } = letter.placing ?? {};
  const why = letter.why_not?.[language];
  const again = letter.mute === "told_before"; // and yet an answer of the FAQ, or safety words, may stand below it
  return [
    letter.elsewhere && { key: "letter.elsewhere", values: {} },
    again && { key: "letter.told_before", values: {} },
    !again && (letter.mute || why) && { key: why ? "letter.unanswered" : "letter.unanswered_plain", values: { why } },
    stranger && { key: "letter.stranger", values: {} },
    topic && { key: "letter.new_topic", values: {} },
    related && { key: "letter.related", values: {}, conversation: related },
    suggested && { key: "letter.suggested", values: {}, conversation: suggested },
    letter.problems?.length && { key: "letter.problems", values: { why: letter.problems.join("; ") } },
  ].filter(Boolean);
}

const LONG = 2400;
const MOST_LINES = 40;

/** Where a long text is cut for a first look, or 0 where it is short. */
export function cut(text) {
  const lines = text.split("\n", MOST_LINES + 1);
  if (text.length <= LONG && lines.length <= MOST_LINES) return 0;
  const end = Math.min(LONG, lines.slice(0, MOST_LINES).join("\n").length);
  const line = text.lastIndexOf("\n", end);
  return line > end / 2 ? line : end;
}
