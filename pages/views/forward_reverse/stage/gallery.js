// @ts-check
// Choices shown as small pictures: what P is, what Q may be. A radio group, so that arrow keys walk it.

import { draw, make, put } from "../../../shared/live/draw.js";
import { decode } from "../../../shared/live/tables.js";
import { axesOf } from "../plane/geometry.js";

const [WIDE, HIGH] = [96, 44];

// A curve's path inside a small picture, from heights at even places.
export const miniature = (heights) => {
  const top = heights.reduce((a, b) => Math.max(a, b), 1e-300);
  const at = (i) => `${(4 + (i / (heights.length - 1)) * (WIDE - 8)).toFixed(1)} ${(HIGH - 6 - (heights[i] / top) * (HIGH - 14)).toFixed(1)}`;
  return `M${Array.from(heights, (_, i) => at(i)).join("L")}`;
};

// Hills of the plane as ellipses of one standard deviation: [x, y, xx, xy, yy] each.
const inPlane = (ellipses) => {
  const reach = ellipses.reduce((most, [, y, , , yy]) => Math.max(most, Math.abs(y) + 1.3 * Math.sqrt(yy)), 1.5);
  const scale = HIGH / 2 / reach;
  return draw("g", {}, ellipses.map(([x, y, ...covariance]) => {
    const { major, minor, angle } = axesOf(covariance);
    return draw("ellipse", { class: "mini-ellipse", rx: scale * major, ry: scale * minor,
      transform: `translate(${WIDE / 2 + scale * x} ${HIGH / 2 - scale * y}) rotate(${(-angle * 180) / Math.PI})` });
  }));
};

export class Gallery {
  /** @type {HTMLElement[]} */
  buttons = [];

  signature = "";

  // chosen(key): one was pressed.
  constructor(label, style, chosen) {
    this.style = style;
    this.chosen = chosen;
    this.grid = make("div", { class: `choices of-${style}`, role: "radiogroup", "aria-label": label });
    this.grid.addEventListener("keydown", (event) => this.walk(event));
  }

  show(choices, current) {
    const signature = JSON.stringify(choices);
    if (signature !== this.signature) {
      this.signature = signature;
      this.buttons = choices.map((choice) => this.button(choice));
      this.grid.replaceChildren(...this.buttons);
    }
    this.buttons.forEach((button, i) => {
      const on = choices[i].key === current;
      put(button, { "aria-checked": String(on), tabindex: on || (!choices.some(({ key }) => key === current) && !i) ? 0 : -1 });
    });
  }

  button({ key, label, picture, ellipses, source }) {
    const heights = picture ? decode(picture, Float32Array) : null;
    const drawing = ellipses ? inPlane(ellipses) : heights
      ? draw("path", { class: `mini ${this.style}`, d: miniature(heights) })
      : draw("path", { class: "mini pencil", d: "M10 34C20 10 30 18 40 26S58 30 66 16M70 22l4 -12 8 -6 4 5 -9 8zM74 10l6 7" });
    const node = make("button", { type: "button", role: "radio", "aria-label": label, class: `choice ${heights || ellipses ? "" : "draws"}`, "data-choice": key, ...(source ? { title: source } : {}) }, [
      draw("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, "aria-hidden": "true" }, [drawing]), make("span", { text: label }),
    ]);
    node.addEventListener("click", () => this.chosen(key));
    return node;
  }

  walk(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = this.buttons.indexOf(event.target.closest("button"));
    const next = this.buttons[(at + step + this.buttons.length) % this.buttons.length];
    next.focus();
    next.click();
  }
}
