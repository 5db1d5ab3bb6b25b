// @ts-check
// The paper: a finger, a pen or the mouse leaves strokes on it. Knows strokes, not the VAE.

import { draw, inkOf, make, put } from "../../../shared/live/draw.js";
import { fitted, GRID, MOST_STROKES, onGrid, strokesOf } from "./strokes.js";

export class Paper {
  /** @type {import("./strokes.js").Stroke[]} as the hand left them, with all their points */
  raw = [];

  held = false;

  full = false;

  // drawn(done): the strokes have changed; done: no hand is drawing.
  constructor(drawn) {
    this.drawn = drawn;
    this.lines = draw("g", { class: "strokes" });
    this.hint = draw("text", { x: GRID / 2, y: GRID / 2, class: "hint", text: "Draw here" });
    this.node = draw("svg", { class: "paper", viewBox: `0 0 ${GRID} ${GRID}`, role: "img" }, [this.hint, this.lines]);
    this.undo = this.button("Undo", () => this.change(this.raw.slice(0, -1)));
    this.clear = this.button("Clear", () => this.change([]));
    this.node.addEventListener("pointerdown", (event) => this.begin(event));
    this.node.addEventListener("pointermove", (event) => this.held && this.go(event));
    for (const end of ["pointerup", "pointercancel"]) this.node.addEventListener(end, () => this.lift());
  }

  button(text, press) {
    const node = make("button", { type: "button", class: "pill", text });
    node.addEventListener("click", press);
    return node;
  }

  get strokes() {
    return fitted(this.raw);
  }

  begin(event) {
    if (event.button !== 0 || this.held) return;
    event.preventDefault();
    this.full = this.raw.length >= MOST_STROKES;
    if (this.full) return void this.drawn(true);
    this.node.setPointerCapture(event.pointerId);
    this.held = true;
    this.raw = [...this.raw, []];
    this.go(event);
  }

  go(event) {
    const box = this.node.getBoundingClientRect();
    const stroke = this.raw[this.raw.length - 1];
    for (const { clientX, clientY } of [...(event.getCoalescedEvents?.() ?? []), event]) {
      stroke.push([onGrid((clientX - box.left) / box.width), onGrid((clientY - box.top) / box.height)]);
    }
    this.draw();
    this.drawn(false);
  }

  lift() {
    if (!this.held) return;
    this.held = false;
    this.drawn(true);
  }

  change(raw) {
    this.raw = raw;
    this.full = false;
    this.draw();
    this.drawn(true);
  }

  // From a link or a sample.
  show(text) {
    this.raw = strokesOf(text);
    this.draw();
  }

  draw() {
    const path = (stroke) => `M${stroke.map(([x, y]) => `${x} ${y}`).join("L")}${stroke.length === 1 ? "h0.1" : ""}`;
    this.lines.replaceChildren(...this.raw.filter((stroke) => stroke.length).map((stroke) => draw("path", { d: path(stroke) })));
    const count = this.raw.length;
    put(this.hint, { visibility: count ? "hidden" : "visible" });
    put(this.node, { "aria-label": count ? `Your drawing, of ${count} ${count === 1 ? "stroke" : "strokes"}` : "An empty paper to draw on" });
    for (const button of [this.undo, this.clear]) button.toggleAttribute("disabled", !count);
  }
}

// A picture of ink on a canvas of as many pixels.
export class Ink {
  constructor(side, style, label) {
    this.side = side;
    this.node = make("canvas", { class: style, width: side, height: side, role: "img", "aria-label": label });
  }

  show(/** @type {ArrayLike<number> | null} */ ink) {
    const context = this.node.getContext("2d");
    const picture = context.createImageData(this.side, this.side);
    const [red, green, blue] = inkOf(this.node);
    for (let i = 0; ink && i < ink.length; i += 1) picture.data.set([red, green, blue, Math.round(255 * ink[i])], 4 * i);
    context.putImageData(picture, 0, 0);
  }
}

