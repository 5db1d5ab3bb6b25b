// @ts-check
// Draw your own P: a finger or the mouse over the axis leaves heights at even places; torch makes a distribution of them.

import { smoothed } from "./curves.js";

export class Pencil {
  on = false;
  held = false;

  /** @type {number[]} */
  heights = [];

  /** @type {[number, number] | null} place and height of the last stroke */
  last = null;

  // drawn(heights, done): the curve so far, as heights at `count` even places.
  constructor(svg, count, drawn) {
    this.svg = svg;
    this.count = count;
    this.drawn = drawn;
    svg.addEventListener("pointerdown", (event) => this.on && this.begin(event));
    svg.addEventListener("pointermove", (event) => this.held && this.draw(event));
    svg.addEventListener("pointerup", () => this.held && this.end());
    svg.addEventListener("pointercancel", () => this.held && this.end());
    svg.addEventListener("touchstart", (event) => this.on && event.preventDefault(), { passive: false });
  }

  begin(event) {
    event.preventDefault();
    this.svg.setPointerCapture(event.pointerId);
    this.held = true;
    this.heights = new Array(this.count).fill(0);
    this.last = null;
    this.draw(event);
  }

  draw(event) {
    const box = this.svg.getBoundingClientRect();
    const place = Math.round(Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1) * (this.count - 1));
    const height = Math.max(0, 1 - (event.clientY - box.top) / box.height);
    const [from, start] = this.last ?? [place, height];
    const step = Math.sign(place - from) || 1;
    for (let i = from; ; i += step) {
      this.heights[i] = from === place ? height : start + ((i - from) / (place - from)) * (height - start);
      if (i === place) break;
    }
    this.last = [place, height];
    this.drawn(smoothed(this.heights), false);
  }

  end() {
    this.held = false;
    this.drawn(smoothed(this.heights), true);
  }
}
