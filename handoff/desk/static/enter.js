/* Whether a key sends what is written in a field: never while a word is being composed. */

/** Some input methods end a composition just before the Enter that confirmed it arrives. */
const AFTER_COMPOSITION = 30;

/** `composed`: when the field's last composition ended. `plain`: Enter alone sends. */
export function sends(event, composed, plain) {
  if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return false;
  if (event.timeStamp - composed < AFTER_COMPOSITION) return false;
  return event.ctrlKey || event.metaKey || (plain && !event.shiftKey && !event.altKey);
}
