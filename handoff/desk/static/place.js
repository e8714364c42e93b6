/* Which conversation the address names. The back button works; a reload stays where it was. */
import { list as focusList } from "./focus.js";
import { cursor } from "./list-state.js";
import { openId, openThread } from "./thread-state.js";

const PLACE = /^\/desk\/c\/(\d+)$/;

export function here() {
  const found = PLACE.exec(location.pathname);
  return found ? Number(found[1]) : null;
}

/** Open a conversation (null: back to the list). */
export function go(id) {
  if (id === openId.peek()) return;
  history.pushState(null, "", id === null ? "/desk" : `/desk/c/${id}`);
  openThread(id);
  if (id === null) requestAnimationFrame(focusList);
  else cursor.value = id;
}

export function follow() {
  addEventListener("popstate", () => openThread(here()));
  openThread(here());
}
