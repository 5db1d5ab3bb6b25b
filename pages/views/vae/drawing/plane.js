// @ts-check
// The latent plane: what the decoder draws all over it, the test glyphs that lie there, q(z|x) of the drawing, and a point to carry.

import { draw, inkOf, make, put, tenth } from "../../../shared/live/draw.js";
import { decoded } from "./model.js";
import { SIDE } from "./strokes.js";

const SIZE = 1000; // of the SVG above the pictures, in its own units
const ROOM = 34; // pixels that a decoded glyph should have at least
const [FEWEST, MOST] = [12, 20];
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export class Plane {
  /** @type {number[]} */
  mu = [0, 0];

  /** @type {number[] | null} where the carried point is */
  point = null;

  held = false;

  span = 0; // how far the plane reaches; 0 before the model is there

  /** @type {import("./model.js").Model | null} */
  model = null;

  // carried(z, done): the point is at z; null: it is put back.
  constructor(carried) {
    this.carried = carried;
    this.pictures = make("canvas", { class: "pictures" });
    this.rings = [1, 2].map(() => draw("circle", { class: "prior", cx: SIZE / 2, cy: SIZE / 2 }));
    this.glyphs = draw("g", { class: "glyphs" });
    this.halo = draw("circle", { class: "halo" });
    this.ovals = [2, 1].map((sds) => ({ sds, node: draw("ellipse", { class: `posterior sd${sds}` }) }));
    this.centre = draw("circle", { class: "centre", r: 5 });
    this.name = draw("text", { class: "named", text: "your drawing" });
    this.knob = draw("g", { class: "point" }, [draw("circle", { class: "reach", r: 40 }), draw("circle", { class: "knob", r: 15 })]);
    this.svg = draw("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, class: "over", tabindex: 0, role: "application" }, [
      ...this.rings, this.glyphs, this.halo, ...this.ovals.map(({ node }) => node), this.centre, this.name, this.knob]);
    this.node = make("div", { class: "plane" }, [this.pictures, this.svg]);
    this.listen();
    new ResizeObserver(() => this.model && this.paint()).observe(this.node);
  }

  listen() {
    let before = /** @type {number[] | null} */ (null);
    this.svg.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      [this.held, before] = [true, this.point];
      this.svg.setPointerCapture(event.pointerId);
      if (event.pointerType !== "touch" || event.target instanceof Element && event.target.closest(".point")) this.go(event);
    });
    this.svg.addEventListener("pointermove", (event) => this.held && this.go(event));
    this.svg.addEventListener("pointerup", (event) => {
      if (!this.held) return;
      this.held = false;
      this.go(event, true);
    });
    this.svg.addEventListener("pointercancel", () => { // the browser takes the finger for scrolling
      if (this.held) this.to(before, false);
      this.held = false;
    });
    this.svg.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.point) return void this.to(null, true);
      const step = STEPS[event.key];
      if (!step) return;
      event.preventDefault();
      const by = event.shiftKey ? 0.5 : 0.1;
      const from = this.point ?? this.mu;
      this.to([from[0] + by * step[0], from[1] + by * step[1]], true);
    });
  }

  go(event, done = false) {
    const box = this.svg.getBoundingClientRect();
    const part = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    this.to([this.span * (2 * part[0] - 1), this.span * (1 - 2 * part[1])], done);
  }

  to(z, done) {
    const within = (value) => Math.round(100 * Math.min(Math.max(value, -this.span), this.span)) / 100;
    this.point = z && z.map(within);
    this.place();
    this.carried(this.point, done);
  }

  // Once the model is there.
  begin(model, span, places, labels) {
    Object.assign(this, { model, span });
    this.rings.forEach((ring, i) => put(ring, { r: (i + 1) * SIZE / (2 * span) }));
    const kinds = [...new Set(labels)].sort();
    const dot = (i) => `M${tenth(this.x(places[2 * i]))} ${tenth(this.y(places[2 * i + 1]))}h0`;
    this.glyphs.replaceChildren(...kinds.map((digit) => draw("path", { style: `--hue: ${36 * digit}`, d: Array.from(labels.keys()).filter((i) => labels[i] === digit).map(dot).join("") })));
    this.paint();
  }

  x(value) {
    return (SIZE / 2) * (1 + value / this.span);
  }

  y(value) {
    return (SIZE / 2) * (1 - value / this.span);
  }

  // The decoded glyphs, in the colour of the text; anew where the plane's size or the theme has changed.
  paint() {
    const count = Math.min(Math.max(Math.floor(this.node.clientWidth / ROOM), FEWEST), MOST);
    const colour = inkOf(this.pictures);
    if (this.painted === `${count} ${colour}`) return;
    this.painted = `${count} ${colour}`;
    const wide = count * SIDE;
    Object.assign(this.pictures, { width: wide, height: wide });
    const context = this.pictures.getContext("2d");
    for (let cell = 0; cell < count * count; cell += 1) {
      const [column, row] = [cell % count, Math.floor(cell / count)];
      const ink = decoded(this.model, [this.span * ((2 * column + 1) / count - 1), this.span * (1 - (2 * row + 1) / count)]);
      const picture = context.createImageData(SIDE, SIDE);
      ink.forEach((value, i) => picture.data.set([...colour.slice(0, 3), 255 * value], 4 * i));
      context.putImageData(picture, column * SIDE, row * SIDE);
    }
  }

  // Where the drawing is encoded, null for an empty paper.
  show(terms) {
    this.terms = terms;
    if (terms) this.mu = terms.mu;
    this.place();
  }

  place() {
    if (!this.span) return;
    const { terms } = this;
    for (const node of [this.halo, this.centre, this.name, ...this.ovals.map((oval) => oval.node)]) put(node, { visibility: terms ? "visible" : "hidden" });
    if (terms) this.placeOwn(terms);
    const [x, y] = this.point ?? terms?.mu ?? [0, 0];
    put(this.knob, { transform: `translate(${tenth(this.x(x))} ${tenth(this.y(y))})`, class: `point ${this.point ? "away" : ""}` });
    const where = `z₁ = ${x.toFixed(2)}, z₂ = ${y.toFixed(2)}`.replaceAll("-", "−");
    put(this.svg, { "aria-label": `The latent plane. Arrow keys carry the point; Escape puts it back. ${where}` });
  }

  placeOwn({ mu, sd }) {
    const inside = (value) => Math.min(Math.max(value, 12), SIZE - 12); // what lies beyond the plane is shown at its edge
    const [x, y] = [inside(this.x(mu[0])), inside(this.y(mu[1]))];
    const per = SIZE / (2 * this.span);
    for (const { sds, node } of this.ovals) put(node, { cx: tenth(x), cy: tenth(y), rx: tenth(sds * sd[0] * per), ry: tenth(sds * sd[1] * per) });
    put(this.halo, { cx: tenth(x), cy: tenth(y), r: tenth(Math.max(...sd) * 2 * per + 26) });
    put(this.centre, { cx: tenth(x), cy: tenth(y) });
    const left = x > SIZE - 250;
    put(this.name, { x: tenth(x + (left ? -1 : 1) * (Math.max(...sd) * 2 * per + 38)), y: tenth(y + 10), "text-anchor": left ? "end" : "start" });
  }
}
