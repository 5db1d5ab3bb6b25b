// @ts-check
// P and Q as bars over each other: what they share, what each has alone, and a handle on the top of each.

import { draw, put, tenth } from "../../../shared/live/draw.js";
import { percent } from "./words.js";

const [TOP, BOTTOM, SIDE] = [18, 62, 8];
const KEYS = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 };
const NAMES = { p: "target P", q: "draft Q" };

export class Bars {
  held = null; // [role, word] under the hand

  named = ""; // the words that the handles are of

  top = 0; // of the axis, a probability

  width = 600;

  height = 320;

  constructor(tell) {
    this.tell = tell;
    this.shapes = draw("g");
    this.words = draw("g");
    this.hands = draw("g");
    const hatch = draw("pattern", { id: "speculative-hatch", width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, [
      draw("rect", { width: 7, height: 7, class: "hatch-ground" }), draw("line", { x1: 0, x2: 0, y1: 0, y2: 7, class: "hatch-line" })]);
    this.node = draw("svg", { class: "bars", role: "group", "aria-label": "Target P and draft Q: a bar for each word, with its handles" }, [
      draw("defs", {}, [hatch]), this.shapes, this.words, this.hands]);
    this.handles = {};
    new ResizeObserver(() => this.scene && this.draw()).observe(this.node);
  }

  update(scene) {
    this.scene = scene;
    if (this.named !== scene.names.join()) {
      this.named = scene.names.join();
      for (const role of ["p", "q"]) this.handles[role] = scene.names.map((name, i) => this.handle(role, i, name));
      this.hands.replaceChildren(...this.handles.q, ...this.handles.p);
    }
    this.draw();
  }

  handle(role, word, name) {
    const node = draw("g", { class: `handle ${role}`, role: "slider", tabindex: 0, "aria-label": `${NAMES[role]} of ${name}`, "aria-valuemin": 0, "aria-valuemax": 1 }, [
      draw("circle", { class: "reach", r: 20 }), draw("circle", { class: "knob", r: 7.5 })]);
    const to = (event) => this.value(event.clientY - this.node.getBoundingClientRect().top);
    node.addEventListener("pointerdown", (event) => {
      node.setPointerCapture(event.pointerId);
      this.held = [role, word];
      event.preventDefault();
      node.focus({ preventScroll: true });
    });
    node.addEventListener("pointermove", (event) => { if (this.held?.[0] === role && this.held[1] === word) this.tell("move", { [role]: word, to: to(event) }); });
    const left = (event) => {
      if (!this.held) return;
      this.held = null;
      this.tell("settle", { [role]: word, to: to(event) });
    };
    node.addEventListener("pointerup", left);
    node.addEventListener("pointercancel", left);
    node.addEventListener("keydown", (event) => {
      const by = event.key in KEYS ? KEYS[event.key] * (event.shiftKey ? 0.1 : 0.01) : null;
      const end = { Home: 0, End: 1 }[event.key];
      if (by === null && end === undefined) return;
      event.preventDefault();
      const to = Math.min(Math.max(end ?? this.scene[role][word] + by, 0), 1);
      this.scene[role][word] = to; // the next key goes on from here, before the answer
      this.tell("settle", { [role]: word, to });
    });
    return node;
  }

  value(y) {
    const share = (this.height - BOTTOM - y) / (this.height - BOTTOM - TOP) * this.top;
    return Math.min(Math.max(share, 0), 1);
  }

  y(share) {
    return tenth(this.height - BOTTOM - share / this.top * (this.height - BOTTOM - TOP));
  }

  draw() {
    const { p, q, overlap, names, shares } = this.scene;
    [this.width, this.height] = [this.node.clientWidth || 600, this.node.clientHeight || 320];
    if (!this.held || !this.top) this.top = Math.min(Math.max(0.4, 1.2 * Math.max(...p, ...q)), 1);
    const slot = (this.width - 2 * SIDE) / names.length;
    const wide = Math.min(0.66 * slot, 96);
    const [shapes, words] = [[], []];
    names.forEach((name, i) => {
      const middle = SIDE + (i + 0.5) * slot;
      const box = (from, to, kind) => draw("rect", { class: kind, x: tenth(middle - wide / 2), width: tenth(wide), y: this.y(to), height: Math.max(this.y(from) - this.y(to), 0) });
      shapes.push(box(0, overlap[i], "shared"), p[i] > q[i] ? box(q[i], p[i], "missing") : box(p[i], q[i], "rejected"));
      shapes.push(box(0, q[i], "outline q"), box(0, p[i], "outline p"));
      shapes.push(draw("circle", { class: "share", r: 4, cx: tenth(middle), cy: this.y(shares[i]) }, [draw("title", { text: `${percent(shares[i])} of the run’s words` })]));
      const low = this.height - BOTTOM;
      words.push(draw("text", { class: "word", x: tenth(middle), y: low + 20, text: name }));
      words.push(draw("text", { class: "number p", x: tenth(middle), y: low + 38, text: percent(p[i]) }), draw("text", { class: "number q", x: tenth(middle), y: low + 55, text: percent(q[i]) }));
      for (const [role, share, side] of /** @type {Array<[string, number, number]>} */ ([["p", p[i], -0.28], ["q", q[i], 0.28]])) {
        put(this.handles[role][i], { transform: `translate(${tenth(middle + side * wide)} ${this.y(share)})`, "aria-valuenow": share, "aria-valuetext": percent(share) });
      }
    });
    const low = this.height - BOTTOM;
    shapes.push(draw("line", { class: "axis", x1: 0, x2: this.width, y1: low, y2: low }));
    this.shapes.replaceChildren(...shapes);
    this.words.replaceChildren(...words);
  }
}
