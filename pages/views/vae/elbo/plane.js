// @ts-check
// The plane of z: the true posterior's contours, q as an ellipse with three handles, the best Gaussian once it is known.

import { draw, inkOf, make, put, tenth, ticks } from "../../../shared/live/draw.js";
import { picture } from "./digits.js";
import { bandsOf, paint } from "./contours.js";

const REACH = 26; // pixels: a finger's width
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const NAMES = { loc: "q mean", wide: "q standard deviation of z₁", high: "q standard deviation of z₂" };
const [SMALLEST, LARGEST, FARTHEST] = [0.02, 1.6, 6];
const PICTURE = 46; // pixels a side

const three = (value) => String(Number(value.toPrecision(3))).replace("-", "−");

export class ZPlane {
  /** @type {string | null} */
  grip = null;

  /** @type {number[]} */
  q = [0, 0, 1, 1];

  /** @type {any} */
  scene = null;

  /** @type {any} log p(x|z), decoded */
  table = null;

  seen = false; // the best Gaussian

  painted = "";

  width = 400;

  height = 300;

  // host: moved(q, done)
  constructor(host) {
    this.host = host;
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.ticks = draw("g");
    this.modes = draw("g");
    this.best = draw("ellipse", { class: "best" });
    this.far = draw("ellipse", { class: "q-far" });
    this.near = draw("ellipse", { class: "q-near" });
    this.label = draw("text", { class: "q-name", text: "q(z|x)" });
    this.handles = Object.fromEntries(Object.keys(NAMES).map((kind) => [kind, this.handle(kind)]));
    this.svg = draw("svg", { class: "z-plane", role: "group", "aria-label": "The plane of z with the true posterior and q" }, [
      this.ticks, this.modes, this.best, this.far, this.near, this.label, ...Object.values(this.handles)]);
    this.node = make("div", { class: "z-map" }, [this.canvas, this.svg]);
    this.listen();
    new ResizeObserver(() => this.scene && this.draw()).observe(this.svg);
  }

  handle(kind) {
    const knob = kind === "loc" ? draw("rect", { class: "knob", x: -7, y: -7, width: 14, height: 14, rx: 3 }) : draw("circle", { class: "knob", r: 7 });
    const node = draw("g", { class: `hold ${kind}`, role: "slider", tabindex: 0, "aria-label": NAMES[kind] }, [draw("circle", { class: "reach", r: 20 }), knob]);
    node.addEventListener("keydown", (event) => this.pressed(kind, event));
    return node;
  }

  // table: decoded; best: whether the best Gaussian may be seen.
  show(scene, table, q, best) {
    if (scene !== this.scene) this.painted = "";
    [this.scene, this.table, this.q, this.seen] = [scene, table, q, best];
    this.draw();
  }

  get scale() {
    return this.height / (2 * this.scene.reach);
  }

  toPixels(/** @type {number[]} */ [x, y]) {
    const [mx, my] = this.scene.middle;
    return [this.width / 2 + (x - mx) * this.scale, this.height / 2 - (y - my) * this.scale];
  }

  toPlace(event) {
    const box = this.svg.getBoundingClientRect();
    const [mx, my] = this.scene.middle;
    return [mx + (event.clientX - box.left - this.width / 2) / this.scale, my + (this.height / 2 - event.clientY + box.top) / this.scale];
  }

  get window() {
    const [[mx, my], half] = [this.scene.middle, this.width / 2 / this.scale];
    return [mx - half, mx + half, my - this.scene.reach, my + this.scene.reach];
  }

  places() {
    const [x, y, wide, high] = this.q;
    return { loc: [x, y], wide: [x + wide, y], high: [x, y + high] };
  }

  draw() {
    [this.width, this.height] = [this.svg.clientWidth || 400, this.svg.clientHeight || 300];
    const colour = inkOf(this.canvas);
    const drawn = `${this.width} ${this.height} ${colour} ${inkOf(this.svg)}`;
    if (drawn !== this.painted) {
      const [width, height] = [Math.round(this.width), Math.round(this.height)];
      paint(this.canvas, bandsOf(this.table, this.scene.levels, this.window, width, height), width, height, colour);
      this.ticks.replaceChildren(...this.axes());
      this.modes.replaceChildren(...this.peaks());
      this.painted = drawn;
    }
    this.ellipse(this.near, this.q, 1);
    this.ellipse(this.far, this.q, 2);
    const [best] = this.scene.optima;
    this.ellipse(this.best, best.at, 1);
    put(this.best, { visibility: this.seen ? "visible" : "hidden" });
    const places = this.places();
    for (const [kind, node] of Object.entries(this.handles)) {
      const [x, y] = this.toPixels(places[kind]);
      put(node, { transform: `translate(${tenth(x)} ${tenth(y)})`, ...this.spoken(kind) });
    }
    const [x, y] = this.toPixels([this.q[0] - this.q[2], this.q[1]]);
    put(this.label, { x: tenth(Math.max(x - 8, 52)), y: tenth(y + 4), "text-anchor": "end" });
  }

  spoken(kind) {
    const [x, y, wide, high] = this.q;
    if (kind === "loc") return { "aria-valuenow": Number(x.toFixed(3)), "aria-valuemin": -FARTHEST, "aria-valuemax": FARTHEST, "aria-valuetext": `z₁ ${three(x)}, z₂ ${three(y)}` };
    const value = kind === "wide" ? wide : high;
    return { "aria-valuenow": Number(value.toFixed(3)), "aria-valuemin": SMALLEST, "aria-valuemax": LARGEST, "aria-valuetext": three(value) };
  }

  ellipse(node, /** @type {number[]} */ [x, y, wide, high], sds) {
    const [px, py] = this.toPixels([x, y]);
    put(node, { cx: tenth(px), cy: tenth(py), rx: tenth(sds * wide * this.scale), ry: tenth(sds * high * this.scale) });
  }

  axes() {
    const [left, right, bottom, top] = this.window;
    const along = ticks([left, right], Math.max(Math.round(this.width / 110), 2)).map((value) => [value, this.toPixels([value, 0])[0]]);
    const up = ticks([bottom, top], Math.max(Math.round(this.height / 90), 2)).map((value) => [value, this.toPixels([0, value])[1]]);
    return [
      ...along.filter(([, x]) => x > 20 && x < this.width - 48).map(([value, x]) => draw("text", { class: "tick", x: tenth(x), y: this.height - 8, "text-anchor": "middle", text: three(value) })),
      ...up.filter(([, y]) => y > 16 && y < this.height - 28).map(([value, y]) => draw("text", { class: "tick", x: 8, y: tenth(y + 4), text: three(value) })),
      draw("text", { class: "tick", x: this.width - 8, y: this.height - 8, "text-anchor": "end", text: "z₁ →" }),
      draw("text", { class: "tick", x: 8, y: 18, text: "z₂ ↑" }),
    ];
  }

  // What the decoder draws where the posterior peaks: at the right edge, where no hill is, with a line to its peak.
  peaks() {
    const wanted = this.scene.modes.map(({ at, pixels }) => ({ pixels, peak: this.toPixels(at) })).sort((a, b) => a.peak[1] - b.peak[1]);
    const left = this.width - PICTURE - 10;
    let free = 8;
    const colour = inkOf(this.svg);
    return wanted.flatMap(({ pixels, peak: [x, y] }, i) => {
      const last = this.height - 30 - (wanted.length - i) * (PICTURE + 8);
      const top = Math.min(Math.max(y - PICTURE / 2, free), last);
      free = top + PICTURE + 8;
      return [
        draw("line", { class: "lead", x1: tenth(x), y1: tenth(y), x2: left, y2: tenth(top + PICTURE / 2) }),
        draw("circle", { class: "peak", cx: tenth(x), cy: tenth(y), r: 3 }),
        draw("rect", { class: "frame", x: left, y: tenth(top), width: PICTURE, height: PICTURE, rx: 4 }),
        draw("image", { href: picture(pixels, colour), x: left, y: tenth(top), width: PICTURE, height: PICTURE }),
      ];
    });
  }

  // ---- the hand --------------------------------------------------------------------------------------------------
  nearest(event) {
    const box = this.svg.getBoundingClientRect();
    const places = this.places();
    let [best, reach] = [null, REACH];
    for (const kind of ["wide", "high", "loc"]) {
      const [x, y] = this.toPixels(places[kind]);
      const distance = Math.hypot(x - event.clientX + box.left, y - event.clientY + box.top);
      if (distance < reach) [best, reach] = [kind, distance];
    }
    return best;
  }

  listen() {
    this.svg.addEventListener("pointerdown", (event) => {
      this.grip = event.button ? null : this.nearest(event);
      if (!this.grip) return;
      event.preventDefault();
      this.svg.setPointerCapture(event.pointerId);
      this.handles[this.grip].focus({ preventScroll: true });
    });
    this.svg.addEventListener("pointermove", (event) => this.grip && this.host.moved(this.pulled(this.grip, this.toPlace(event)), false));
    for (const end of ["pointerup", "pointercancel"]) {
      this.svg.addEventListener(end, (event) => {
        if (this.grip) this.host.moved(end === "pointerup" ? this.pulled(this.grip, this.toPlace(event)) : this.q, true);
        this.grip = null;
      });
    }
    this.svg.addEventListener("touchstart", (event) => this.nearest(event.touches[0]) && event.preventDefault(), { passive: false });
  }

  pulled(kind, /** @type {number[]} */ [toX, toY]) {
    const [x, y, wide, high] = this.q;
    const place = (value) => Math.min(Math.max(value, -FARTHEST), FARTHEST);
    const spread = (value) => Math.min(Math.max(value, SMALLEST), LARGEST);
    if (kind === "loc") return [place(toX), place(toY), wide, high];
    return kind === "wide" ? [x, y, spread(toX - x), high] : [x, y, wide, spread(toY - y)];
  }

  // Arrows move the mean; on a spread, up and right widen it.
  pressed(kind, event) {
    const [right, up] = ARROWS[event.key] ?? [0, 0];
    if (!right && !up) return;
    event.preventDefault();
    const step = (event.shiftKey ? 0.1 : 0.02) * this.scene.reach;
    const [x, y] = this.places()[kind];
    const along = (right + up) * step;
    this.host.moved(this.pulled(kind, kind === "loc" ? [x + right * step, y + up * step] : kind === "wide" ? [x + along, y] : [x, y + along]), true);
  }
}
