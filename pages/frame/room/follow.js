// @ts-check
// The address as a room knows it: below the app's first page, without what belongs to one screen alone.

import { changed, shown } from "../teach/address.js";
import { applyLocks } from "../teach/locks.js";
import { presenting } from "../teach/present.js";
import { BASE } from "./server.js";

export const here = () => {
  const { origin, pathname, search } = changed(location.href, { room: "", present: "" });
  return `${origin}${pathname}`.slice(BASE.length) + search;
};

export const pathOf = (address) => address.split("?")[0];

// Opens a state as its link would, in place of the one on screen: what the teacher does is not this visitor's history.
export const show = (address) => {
  if (address === here()) return;
  history.replaceState({}, "", changed(BASE + address, { present: presenting() ? "1" : "" }));
  shown();
  applyLocks();
};

// Calls moved(address, byHand) when the address has changed; byHand: since the last `seen`, a hand was on the page.
export class Watch {
  /** @param {(event: Event) => boolean} own whether a hand is on the room's own controls */
  constructor(every, moved, own = () => false) {
    this.at = here();
    this.byHand = false;
    this.hand = (event) => { if (event.isTrusted && !own(event)) this.byHand = true; };
    for (const kind of ["pointerup", "keydown"]) addEventListener(kind, this.hand, true);
    this.timer = setInterval(() => {
      const now = here();
      if (now === this.at) return;
      this.at = now;
      moved(now, this.byHand);
    }, every);
  }

  // What is on screen now was put there by the room.
  seen() {
    this.at = here();
    this.byHand = false;
  }

  end() {
    clearInterval(this.timer);
    for (const kind of ["pointerup", "keydown"]) removeEventListener(kind, this.hand, true);
  }
}
