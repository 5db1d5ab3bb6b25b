// @ts-check
// The slider of steps below the bars: its knob stands under the middle of the bar that is looked at.

import { draw, put, tenth } from "../../../shared/live/draw.js";
import { termInWords } from "./words.js";

const KEYS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };

// Which term a key goes to from `at` of `last` + 1, or null.
export const stepBy = (/** @type {string} */ key, /** @type {number} */ at, /** @type {number} */ last) => {
  const to = key === "Home" ? 1 : key === "End" ? last + 1 : key in KEYS ? at + KEYS[key] : null;
  return to === null ? null : Math.min(Math.max(to, 1), last + 1);
};

export class Rail {
  at = 1;

  last = 1; // how many steps; the prior is one more term

  // look: called with the term that a key goes to.
  constructor(look) {
    this.track = draw("line", { class: "track" });
    this.done = draw("line", { class: "track done" });
    this.knob = draw("circle", { class: "knob", r: 12 });
    this.node = draw("g", { class: "rail", role: "slider", tabindex: 0, "aria-label": "Step", "aria-valuemin": 1 }, [this.track, this.done, this.knob]);
    this.node.addEventListener("keydown", (event) => {
      const to = stepBy(event.key, this.at, this.last);
      if (to === null) return;
      event.preventDefault();
      look(to);
    });
  }

  // middles: of the bars, in pixels, the prior's last; y: the height of the rail.
  show(middles, at, y) {
    [this.at, this.last] = [at, middles.length - 1];
    const [from, here, to] = [middles[0], middles[at - 1], middles[this.last]].map(tenth);
    put(this.track, { x1: from, x2: to, y1: y, y2: y });
    put(this.done, { x1: from, x2: here, y1: y, y2: y });
    put(this.knob, { cx: here, cy: y });
    put(this.node, { "aria-valuemax": this.last + 1, "aria-valuenow": at, "aria-valuetext": termInWords(at, this.last).title });
  }
}
