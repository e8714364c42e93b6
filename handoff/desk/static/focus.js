/* Where the keyboard goes. */

/** Whether it is there now: what is not on the screen cannot take it. */
const to = (selector) => {
  const found = document.querySelector(selector);
  found?.focus();
  return found !== null && document.activeElement === found;
};

export const list = () => to(".rows");
export const composer = () => to("#compose");
/** The element that has the keyboard takes letters: shortcuts keep quiet. */
export const takesText = (element) =>
  element instanceof HTMLElement && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName));
