// @ts-check
// Handles: what a hand, a finger or a key can hold. Each is an ARIA slider on one parameter of one curve.

import { draw, put, tenth } from "./draw.js";
import { short } from "./numbers.js";

const LIFT = 36; // pixels by which a weight's handle stands above its peak's
export const REACH = 40; // pixels within which a press takes the nearest handle: a finger's width
export const SETTLE_AFTER_KEYS = 300; // ms without a key before the exact numbers are asked for

export class Handle {
  /** @type {string} which parameter it moves */
  key;

  /** @type {import("./types").Handle["kind"]} */
  kind;

  /** @type {number | undefined} of a bar or a level */
  outcome;

  /** @type {string} */
  curveId;

  /** @type {any} the panel that it stands in */
  panel;

  // quiet: for the pointer only, where the same handle stands in another panel too.
  constructor(curveId, spec, style, quiet = false) {
    Object.assign(this, spec, { curveId });
    this.knob = style === "q"
      ? draw("rect", { class: "knob", x: -7, y: -7, width: 14, height: 14, rx: 2 })
      : draw("circle", { class: "knob", r: 8 });
    this.label = draw("text", { class: "handle-label" });
    const named = quiet ? { "aria-hidden": "true" } : { role: "slider", tabindex: 0, "aria-label": spec.name };
    this.node = draw("g", { class: `handle ${style} ${spec.kind}`, ...named }, [
      draw("circle", { class: "reach", r: 22 }), this.knob, this.label,
    ]);
  }

  get vertical() {
    return ["bar", "level", "weight"].includes(this.kind);
  }

  place(curve, scale, state, held) {
    const parameter = curve.parameter(this.key);
    const value = curve.get(this.key);
    const at = this.outcome ?? curve.handleX(this);
    const shift = state.discrete && this.kind !== "level" ? state.slots[this.curveId] * 0.4 * scale.perX : 0;
    this.x = Math.min(Math.max(scale.x(at) + shift, 10), scale.right - 10);
    this.y = this.height(curve, at, value, scale);
    const words = `${parameter.label} = ${short(value)}`;
    put(this.node, { transform: `translate(${tenth(this.x)} ${tenth(this.y)})` });
    if (this.node.hasAttribute("role")) put(this.node, {
      "aria-valuenow": String(value), "aria-valuetext": words,
      "aria-valuemin": String(Math.min(parameter.low, value)), "aria-valuemax": String(Math.max(parameter.high, value)),
    });
    put(this.label, { text: held === this ? words : parameter.label });
    this.prefers = this.kind === "weight" ? "right" : "above";
    // A word at the picture's edge would be cut off by it.
    const half = 4 * words.length;
    this.usual = { x: 0, y: -14, "text-anchor": this.x < half ? "start" : this.x > scale.right - half ? "end" : "middle" };
    if (state.discrete || !this.panel.paths) put(this.label, this.usual); // else `placeLabels` says where
    this.node.classList.toggle("held", held === this);
  }

  moveDown(by) {
    this.y += by;
    put(this.node, { transform: `translate(${tenth(this.x)} ${tenth(this.y)})` });
    this.prefers = "below";
  }

  height(curve, at, value, scale) {
    if (this.kind === "bar") return Math.max(scale.y(curve.share(this.key)), 10);
    if (this.kind === "level") return scale.y(value);
    const density = Math.exp(curve.logDensity([curve.kind === "discrete" ? Math.round(at) : at])[0]);
    const y = Math.max(scale.y(density), 12);
    if (this.kind === "low" || this.kind === "high") return (scale.y(curve.middleDensity()) + scale.y(0)) / 2;
    return this.kind === "weight" ? Math.max(y - LIFT, 10) : y;
  }

  // The value under a pointer at (x, y) pixels, inside the parameter's sensible range.
  valueUnder(curve, scale, x, y) {
    if (this.kind === "bar" || this.kind === "level") return this.fit(curve, scale.toY(y));
    if (this.kind === "weight") return this.fit(curve, curve.weightAtHeight(this.key, scale.toY(y + LIFT)));
    return this.fit(curve, curve.valueAt(this, scale.toX(x)));
  }

  fit(curve, wanted) {
    const { low, high, step, log, integer, below, above } = curve.parameter(this.key);
    let value = Math.min(Math.max(wanted, low), high);
    if (below) value = Math.min(value, curve.get(below) - step);
    if (above) value = Math.max(value, curve.get(above) + step);
    if (integer) return Math.round(value);
    return log ? Number(value.toPrecision(3)) : Number((Math.round((value / step) * 10) * step / 10).toPrecision(10));
  }

  valueAfterKey(curve, event) {
    const { low, high, step } = curve.parameter(this.key);
    const stride = event.shiftKey ? 10 * step : step;
    const value = curve.get(this.key);
    switch (event.key) {
      case "ArrowRight": case "ArrowUp": return this.fit(curve, value + stride);
      case "ArrowLeft": case "ArrowDown": return this.fit(curve, value - stride);
      case "PageUp": return this.fit(curve, value + 10 * step);
      case "PageDown": return this.fit(curve, value - 10 * step);
      case "Home": return this.fit(curve, low);
      case "End": return this.fit(curve, high);
      default: return null;
    }
  }
}

// Wires pointers and keys of one plot. `host` answers nearest(x, y), move(handle, value), release(), hover(x).
export const listen = (svg, host) => {
  let held = null;
  const at = (event) => {
    const box = svg.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  svg.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    held = host.nearest(...at(event));
    if (!held) return host.hover(at(event)[0]);
    event.preventDefault();
    svg.setPointerCapture(event.pointerId);
    held.node.focus({ preventScroll: true });
    host.grab(held);
  });
  svg.addEventListener("pointermove", (event) => {
    if (held) host.drag(held, ...at(event));
    else if (event.pointerType === "mouse" || event.pressure > 0) host.hover(at(event)[0]);
  });
  const let_go = () => {
    if (held) host.release();
    held = null;
  };
  svg.addEventListener("pointerup", let_go);
  svg.addEventListener("pointercancel", let_go);
  // What a finger has pointed at stays to be read when it is lifted.
  svg.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && host.hover(null));
  // A finger on a handle drags it; anywhere else it scrolls the page.
  svg.addEventListener("touchstart", (event) => {
    const box = svg.getBoundingClientRect();
    const [touch] = event.touches;
    if (host.nearest(touch.clientX - box.left, touch.clientY - box.top)) event.preventDefault();
  }, { passive: false });
};

// A press or a drag on a map sets the curve it is about.
export const listenToMap = (panel, picture) => {
  const { svg, spec } = panel;
  if (!spec.movable) return;
  let held = false;
  let before = null;
  const go = (event) => {
    if (!panel.map) return;
    const box = svg.getBoundingClientRect();
    picture.moveCurve(spec.curve, panel.at(event.clientX - box.left, event.clientY - box.top));
  };
  svg.addEventListener("pointerdown", (event) => {
    held = true;
    before = picture.curves[spec.curve].values;
    picture.held = panel;
    svg.setPointerCapture(event.pointerId);
    if (event.pointerType !== "touch") go(event); // a finger may be about to scroll
  });
  svg.addEventListener("pointermove", (event) => held && go(event));
  const release = () => {
    held = false;
    picture.held = null;
    picture.ask();
  };
  svg.addEventListener("pointerup", (event) => {
    if (!held) return;
    go(event);
    release();
  });
  svg.addEventListener("pointercancel", () => { // it scrolls: what it moved is put back
    if (!held) return;
    picture.moveCurve(spec.curve, before);
    release();
  });
  svg.addEventListener("keydown", (event) => {
    const place = panel.map && panel.stepped(event, picture.startOf(spec.curve));
    if (!place) return;
    event.preventDefault();
    picture.moveCurve(spec.curve, place);
    picture.askSoon(SETTLE_AFTER_KEYS);
  });
};
