// @ts-check
// P and Q over one axis, and below it what each place adds to the divergence. Knows pixels, not distributions.

import { draw, line, make, put, tenth } from "../../../shared/live/draw.js";

const SIDE = 2;
const NAME = 130; // pixels that "where Q began" takes beside its curve
const BEYOND = 3; // tops of the picture: what is higher leaves it at its upper edge, and is not cut flat

export const ticksOf = ([low, high], most) => {
  const span = high - low;
  const step = [0.5, 1, 2, 3, 5, 10, 20, 50].find((size) => span / size <= most) ?? 100;
  const ticks = [];
  for (let i = Math.ceil(low / step); i * step <= high; i += 1) ticks.push(i * step);
  return ticks;
};

// A curve's path, less the points that nobody would miss: a browser paints few points faster.
export const pathOf = (xs, ys, x, y) => line(xs, ys, { x, y, right: x(xs[xs.length - 1]) });

// Whether two letters would print over each other.
const near = (/** @type {number[]} */ [x, y], /** @type {number[]} */ [otherX, otherY]) => Math.abs(x - otherX) < 18 && Math.abs(y - otherY) < 18;

// The curves.
export class Curves {
  /** @type {[number, number]} */
  view = [-8, 8];

  top = 1;
  width = 300;
  height = 160;

  constructor(label) {
    const curve = (style) => draw("path", { class: `line ${style}` });
    this.lines = { began: curve("began"), p: curve("p"), q: curve("q") };
    this.fills = { p: draw("path", { class: "area p" }), q: draw("path", { class: "area q" }) };
    this.names = { p: draw("text", { class: "named p", text: "P" }), q: draw("text", { class: "named q", text: "Q" }) };
    this.beganName = draw("text", { class: "began-name", text: "where Q began" });
    this.drop = draw("line", { class: "drop" });
    this.axis = draw("line", { class: "ground" });
    this.handleLayer = draw("g");
    this.svg = draw("svg", { class: "curves", role: "group", "aria-label": label }, [
      this.fills.p, this.fills.q, this.axis, this.lines.began, this.lines.p, this.lines.q, this.drop,
      this.beganName, this.names.p, this.names.q, this.handleLayer,
    ]);
  }

  measure() {
    [this.width, this.height] = [this.svg.clientWidth || 300, this.svg.clientHeight || 160];
  }

  x(value) {
    return SIDE + ((value - this.view[0]) / (this.view[1] - this.view[0])) * (this.width - 2 * SIDE);
  }

  toX(pixel) {
    return this.view[0] + ((pixel - SIDE) / (this.width - 2 * SIDE)) * (this.view[1] - this.view[0]);
  }

  y(value) {
    return this.height - 1 - (Math.min(value / this.top, BEYOND)) * (this.height - Math.min(26, 0.16 * this.height));
  }

  draw({ xs, view, p, q, began, top, qMean }) {
    Object.assign(this, { view, top });
    const [x, y] = [(value) => this.x(value), (value) => this.y(value)];
    const close = (path) => `${path}V${this.height - 1}H${tenth(x(xs[0]))}Z`;
    const paths = { p: pathOf(xs, p, x, y), q: q ? pathOf(xs, q, x, y) : "", began: began ? pathOf(xs, began, x, y) : "" };
    for (const [name, line] of Object.entries(this.lines)) put(line, { d: paths[name] });
    for (const [name, fill] of Object.entries(this.fills)) put(fill, { d: paths[name] && close(paths[name]) });
    put(this.axis, { x1: 0, x2: this.width, y1: this.height - 1, y2: this.height - 1 });
    const place = this.name(this.names.p, xs, p, -1);
    if (q && near(place, this.name(this.names.q, xs, q, 1))) this.name(this.names.q, xs, q, -1);
    put(this.names.q, { visibility: q ? "visible" : "hidden" });
    this.sayBegan(xs, began, qMean);
    const shown = qMean !== undefined && qMean > view[0] && qMean < view[1];
    put(this.drop, { visibility: shown ? "visible" : "hidden", x1: tenth(x(qMean ?? 0)), x2: tenth(x(qMean ?? 0)), y1: tenth(Math.max(this.y(q ? Math.max(...q) : 0), 0)), y2: this.height });
  }

  // A curve's name stands on its own side of the peak: above a gentle slope, beside a steep one.
  name(node, xs, ys, side) {
    let peak = 0;
    ys.forEach((value, i) => (value > ys[peak] * 1.0001 ? (peak = i) : 0));
    const x = Math.min(Math.max(this.x(xs[peak]) + 30 * side, 16), this.width - 16);
    const place = Math.min(Math.max(Math.round(((x - SIDE) / (this.width - 2 * SIDE)) * (ys.length - 1)), 0), ys.length - 1);
    const [top, slope] = [this.y(ys[peak]), this.y(ys[place])];
    const y = slope - top > 40 ? top + (side > 0 ? 20 : -8) : Math.min(slope, top + 12) - 10;
    put(node, { x: tenth(x), y: tenth(Math.max(y, 16)), "text-anchor": "middle" });
    return [x, Math.max(y, 16)];
  }

  sayBegan(xs, began, mean) {
    put(this.beganName, { visibility: began ? "visible" : "hidden" });
    if (!began) return;
    const peak = began.indexOf(Math.max(...began));
    const low = this.y(began[peak]) > 40;
    if (low) return put(this.beganName, { x: tenth(Math.min(Math.max(this.x(xs[peak]), 50), this.width - 50)), y: tenth(this.y(began[peak]) - 8), "text-anchor": "middle" });
    this.sayBeganBeside(xs, began, peak, mean);
  }

  sayBeganBeside(xs, began, peak, mean) {
    // On the side away from where Q is now.
    const away = mean === undefined ? xs[peak] > (this.view[0] + this.view[1]) / 2 : mean > xs[peak];
    const left = this.x(xs[peak]) < NAME ? false : this.x(xs[peak]) > this.width - NAME ? true : away;
    const x = this.x(xs[peak]) + (left ? -26 : 26);
    const [from, to] = left ? [x - NAME, x] : [x, x + NAME];
    const covers = (y) => Object.values(this.names).some((node) => Math.abs(Number(node.getAttribute("y")) - y) < 16 && Number(node.getAttribute("x")) > from - 8 && Number(node.getAttribute("x")) < to + 8);
    const heights = [0, 18, 36, 54].map((lower) => Math.max(this.y(began[peak]) + 14, 14) + lower);
    put(this.beganName, { x: tenth(x), y: tenth(heights.find((y) => !covers(y)) ?? heights[0]), "text-anchor": left ? "end" : "start" });
  }
}

// A number at an end of the axis stays inside it.
const anchorOf = (x, width) => (x < 12 ? "start" : x > width - 12 ? "end" : "middle");

// What each place adds to the divergence: titled, and lit under the pointer.
export class Contributions {
  words = "";
  axisSize = "";
  foot = 24; // pixels for the axis's numbers
  width = 300;
  height = 70;

  constructor(style) {
    this.gain = draw("path", { class: `gain ${style}` });
    this.loss = draw("path", { class: `loss ${style}` });
    this.zero = draw("line", { class: "ground" });
    this.lit = draw("rect", { class: "lit", y: 0 });
    this.drop = draw("line", { class: "drop" });
    this.axis = draw("g", { class: "axis" });
    this.svg = draw("svg", { class: "adds", "aria-hidden": "true" }, [this.lit, this.gain, this.loss, this.zero, this.drop, this.axis]);
    this.said = make("span", { class: "lit-words" });
  }

  measure() {
    [this.width, this.height] = [this.svg.clientWidth || 300, this.svg.clientHeight || 70];
    this.foot = getComputedStyle(this.axis).display === "none" ? 2 : 24; // on a phone panes below each other share one axis
  }

  draw({ xs, values, curves, range, qMean, cursor, unit }) {
    const ground = this.height - this.foot;
    const y = (value) => ground * 0.82 - (Math.min(value, range) / range) * (ground * 0.78);
    const part = (keep) => pathOf(xs, values.map((value) => (keep(value) && Number.isFinite(value) ? value : 0)), (value) => curves.x(value), y);
    const close = (path) => `${path}V${tenth(y(0))}H${tenth(curves.x(xs[0]))}Z`;
    put(this.gain, { d: close(part((value) => value > 0)) });
    put(this.loss, { d: close(part((value) => value < 0)) });
    put(this.zero, { x1: 0, x2: this.width, y1: tenth(y(0)), y2: tenth(y(0)) });
    const shown = qMean !== undefined && qMean > curves.view[0] && qMean < curves.view[1];
    put(this.drop, { visibility: shown ? "visible" : "hidden", x1: tenth(curves.x(qMean ?? 0)), x2: tenth(curves.x(qMean ?? 0)), y1: 0, y2: ground });
    const marks = ticksOf(curves.view, this.width < 320 ? 5 : 8);
    const words = marks.map((value) => `${value}`.replace("-", "−"));
    if (words.join() !== this.words || this.axisSize !== `${this.width} ${this.height}`) {
      [this.words, this.axisSize] = [words.join(), `${this.width} ${this.height}`];
      this.axis.replaceChildren(...marks.map((value, i) => draw("text", { x: tenth(curves.x(value)), y: this.height - 4, "text-anchor": anchorOf(curves.x(value), this.width), text: words[i] })));
    }
    this.light({ xs, values, curves, cursor, unit, ground });
  }

  light({ xs, values, curves, cursor, unit, ground }) {
    put(this.lit, { visibility: cursor === null ? "hidden" : "visible" });
    if (cursor === null) return put(this.said, { text: "" });
    const wide = (curves.view[1] - curves.view[0]) / 40;
    const near = values.filter((_, i) => Math.abs(xs[i] - cursor) <= wide / 2);
    const sum = near.reduce((total, value) => total + value, 0) * (xs[1] - xs[0]) * unit.per_nat;
    put(this.lit, { x: tenth(curves.x(cursor - wide / 2)), width: tenth(curves.x(cursor + wide / 2) - curves.x(cursor - wide / 2)), height: ground });
    put(this.said, { text: `${sum < 0 ? "−" : "+"}${Math.abs(sum).toFixed(3)} ${unit.name} around x = ${cursor.toFixed(1).replace("-", "−")}` });
  }
}
