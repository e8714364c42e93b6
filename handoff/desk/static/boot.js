/* What the server wrote into the page, and what this browser remembers. */

const root = document.getElementById("app");

/** {base: where our files are, language, languages: {tag: name}} */
export const boot = JSON.parse(root.dataset.boot);
export { root };

const PREFIX = "kefu.desk.";

/** Storage may be switched off or full: then nothing is remembered, and nothing breaks. */
export const memory = {
  get(key, fallback = null) {
    try {
      const text = localStorage.getItem(PREFIX + key);
      return text === null ? fallback : JSON.parse(text);
    } catch {
      return fallback;
    }
  },
  set(key, value) {
    try {
      if (value === null || value === "" || value === undefined) localStorage.removeItem(PREFIX + key);
      else localStorage.setItem(PREFIX + key, JSON.stringify(value));
    } catch { /* not remembered */ }
  },
};
