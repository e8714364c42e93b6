/* Which panes are on the screen. */
import { signal } from "./lib.js";

const wide = matchMedia("(min-width: 1024px)");

/** The right pane: always there on a wide screen unless put away, on a narrow one only when asked for. */
export const infoShown = signal(wide.matches);
wide.addEventListener("change", () => { infoShown.value = wide.matches; });

/** On a narrow screen the pane lies over the conversation. */
export const infoCovers = () => !wide.matches;
