// @ts-check
// What a hand, a finger or a key can hold on the curves: P's hills and where Q begins. Each is an ARIA slider.

import { draw, put, tenth } from "../../../shared/live/draw.js";

const REACH = 26; // pixels: a finger's width
const LIMITS = { loc: [-8, 8, 0.1], scale: [0.1, 6, 0.05], weight: [0.05, 0.95, 0.05] };

export const clamped = (kind, value) => {
  const [low, high] = LIMITS[kind];
  return Number(Math.min(Math.max(value, low), high).toPrecision(4));
};

export const afterKey = (kind, value, { key, shiftKey }) => {
  const [low, high, step] = LIMITS[kind];
  const stride = shiftKey ? 10 * step : step;
  const wanted = {
    ArrowRight: value + stride, ArrowUp: value + stride, ArrowLeft: value - stride, ArrowDown: value - stride,
    PageUp: value + 10 * step, PageDown: value - 10 * step, Home: low, End: high,
  }[key];
  return wanted === undefined ? null : clamped(kind, wanted);
};

// Weights with one changed; the others share the rest in their proportion.
export const reweighted = (weights, index, weight) => {
  const rest = weights.reduce((sum, other, i) => (i === index ? sum : sum + other), 0);
  return weights.map((other, i) => (i === index ? weight : rest ? (other * (1 - weight)) / rest : (1 - weight) / (weights.length - 1)));
};

// One hill more, of an equal share, in the widest gap between hills, or beside the only one.
export const moreHills = ({ weights, locs, scales }) => {
  const sorted = [...locs].sort((a, b) => a - b);
  const gaps = sorted.slice(1).map((loc, i) => [loc - sorted[i], (loc + sorted[i]) / 2]);
  const [, middle] = gaps.reduce((widest, gap) => (gap[0] > widest[0] ? gap : widest), [0, sorted[0] > 0 ? sorted[0] - 3 : sorted[0] + 3]);
  const share = 1 / (locs.length + 1);
  return { weights: [...weights.map((weight) => weight * (1 - share)), share], locs: [...locs, clamped("loc", middle)], scales: [...scales, 0.7] };
};

export const fewerHills = ({ weights, locs, scales }, index) => {
  const rest = (values) => values.filter((_, i) => i !== index);
  const left = rest(weights).reduce((sum, weight) => sum + weight, 0);
  return { weights: rest(weights).map((weight) => weight / left), locs: rest(locs), scales: rest(scales) };
};

export class Handles {
  /** @type {Map<string, SVGElement>} */
  nodes = new Map();

  /** @type {any[]} */
  specs = [];

  /** @type {number | null} the hill that shows its other handles */
  active = null;

  /** @type {string | null} */
  held = null;

  /** @type {number | undefined} */
  value;

  // specs: {key, style, kind, name, index, value, x, y, quiet}; moved(spec, value, done) for every move.
  constructor(curves, moved) {
    this.curves = curves;
    this.moved = moved;
    const { svg } = curves;
    svg.addEventListener("pointerdown", (event) => this.press(event));
    svg.addEventListener("pointermove", (event) => this.move(event));
    svg.addEventListener("pointerup", () => this.release());
    svg.addEventListener("pointercancel", () => this.release());
    svg.addEventListener("touchstart", (event) => this.nearest(event.touches[0]) && event.preventDefault(), { passive: false });
  }

  show(specs) {
    this.specs = specs;
    const keys = new Set(specs.map(({ key }) => key));
    for (const [key, node] of this.nodes) if (!keys.has(key)) { node.remove(); this.nodes.delete(key); }
    for (const spec of specs) {
      const node = this.nodes.get(spec.key) ?? this.make(spec);
      const [low, high] = LIMITS[spec.kind];
      put(node, { transform: `translate(${tenth(spec.x)} ${tenth(spec.y)})` });
      if (!spec.quiet) put(node, { "aria-valuenow": spec.value, "aria-valuemin": low, "aria-valuemax": high, "aria-valuetext": `${spec.name} ${spec.value}` });
    }
  }

  make(spec) {
    const knob = spec.style === "q" ? draw("rect", { class: "knob", x: -6, y: -6, width: 12, height: 12, rx: 2 }) : draw("circle", { class: "knob", r: spec.kind === "loc" ? 7 : 5 });
    const node = draw("g", { class: `hold ${spec.style} ${spec.kind}`, ...(spec.quiet ? { "aria-hidden": "true" } : { role: "slider", tabindex: 0, "aria-label": spec.name }) }, [draw("circle", { class: "reach", r: 20 }), knob]);
    node.addEventListener("keydown", (event) => this.pressed(spec.key, event));
    node.addEventListener("focus", () => this.activate(this.specs.find(({ key }) => key === spec.key)));
    this.nodes.set(spec.key, node);
    this.curves.handleLayer.append(node);
    return node;
  }

  activate(spec) {
    if (!spec || this.active === spec.index) return;
    this.active = spec.style === "p" ? spec.index : null;
    this.moved(null);
  }

  nearest(event) {
    const box = this.curves.svg.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    let [best, reach] = [null, REACH];
    for (const spec of this.specs) {
      const distance = Math.hypot(spec.x - x, spec.y - y);
      if (distance < reach) [best, reach] = [spec, distance];
    }
    return best;
  }

  press(event) {
    if (event.button) return;
    const spec = this.nearest(event);
    if (!spec) return;
    event.preventDefault();
    this.curves.svg.setPointerCapture(event.pointerId);
    this.held = spec.key;
    this.nodes.get(spec.key)?.focus({ preventScroll: true });
  }

  move(event) {
    const spec = this.held && this.specs.find(({ key }) => key === this.held);
    if (!spec) return;
    const box = this.curves.svg.getBoundingClientRect();
    this.value = clamped(spec.kind, spec.under(event.clientX - box.left, event.clientY - box.top));
    this.moved(spec, this.value, false);
  }

  release() {
    const spec = this.held && this.specs.find(({ key }) => key === this.held);
    this.held = null;
    if (spec && this.value !== undefined) this.moved(spec, this.value, true);
    this.value = undefined;
  }

  pressed(key, event) {
    const spec = this.specs.find((other) => other.key === key);
    const value = spec && afterKey(spec.kind, spec.value, event);
    if (value === null || value === undefined) return;
    event.preventDefault();
    this.moved(spec, value, true);
  }
}
