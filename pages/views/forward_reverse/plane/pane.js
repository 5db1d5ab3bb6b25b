// @ts-check
// One direction in the plane: its number, P's density in bands, Q and every minimum as ellipses, and the handles.

import { draw, make, put, tenth } from "../../../shared/live/draw.js";
import { decode, pixelMiddles, resampled } from "../../../shared/live/tables.js";
import { parameter, three, valueAlong } from "../canvas/curves.js";
import { axesOf, ellipseAlong, movedHill } from "./geometry.js";

const REACH = 28; // pixels: a finger's width
const FARTHEST = 6000; // pixels
const LEVELS = [0.04, 0.15, 0.35, 0.6, 0.85]; // of P's peak
const ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth"];
const DEGREES = 180 / Math.PI;

export class PlanePane {
  /** @type {any} what Python has told of it last */
  spec = null;

  /** @type {any} */
  scene = null;

  /** @type {{ value: number[], ellipse: number[][] }} */
  path = { value: [], ellipse: [] };

  /** @type {Float32Array} */
  density = new Float32Array();

  /** @type {Map<string, SVGElement>} */
  nodes = new Map();

  /** @type {any[]} */
  handles = [];

  /** @type {[string, number[]][]} */
  places = [];

  /** @type {number | null} the hill that shows its axes */
  active = null;

  /** @type {string | null} the handle under the hand */
  grip = null;

  painted = false;
  width = 0;
  height = 0;

  // host: {hill(index, hill, done), start(start, done)}; quiet: the second pane repeats the first's handles for the eye alone.
  constructor(spec, host, quiet) {
    this.key = spec.key;
    this.host = host;
    this.quiet = quiet;
    this.number = make("output", { "data-quantity": spec.key, "aria-live": "off" });
    this.unit = make("span", { class: "unit" });
    this.state = make("span", { class: "state" });
    this.words = make("span", { class: "parameters" });
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.others = draw("g");
    this.far = draw("ellipse", { class: "q-far" });
    this.near = draw("ellipse", { class: "q-near" });
    this.begun = draw("ellipse", { class: "q-begun" });
    this.held = draw("ellipse", { class: "p-held" });
    this.middle = draw("circle", { class: "q-middle", r: 3.5 });
    this.layer = draw("g");
    this.svg = draw("svg", { class: "plane", role: "group", "aria-label": spec.label }, [this.others, this.begun, this.far, this.near, this.middle, this.held, this.layer]);
    this.list = make("p", { class: "minima-words" });
    const formula = spec.formula.map(([text, style]) => make("span", { class: style, text }));
    this.node = make("section", { class: "pane", "data-pane": spec.key }, [
      make("header", { class: "pane-head" }, [make("b", {}, [document.createTextNode(`${spec.title} `), ...formula]), this.words]),
      make("p", { class: "big" }, [this.number, this.unit, this.state]),
      make("div", { class: "plane-map" }, [this.canvas, this.svg]), this.list,
    ]);
    this.listen();
  }

  update(spec, scene) {
    this.spec = spec;
    this.follow(spec);
    this.density = decode(scene.density.values, Float32Array);
    this.scene = scene;
    this.painted = false;
    this.showMinima(spec.minima, scene);
  }

  // The run alone.
  follow(spec) {
    const track = (text) => Array.from(decode(text, Float64Array));
    this.path = { value: track(spec.path.value), ellipse: spec.path.ellipse.map(track) };
  }

  showMinima(minima, { unit, drawn }) {
    this.places = [...minima.map(({ ellipse }) => ["minimum", ellipse]), ...(this.key === "kl_reverse" ? drawn.map(({ ellipse }) => ["drawn", ellipse]) : [])];
    const words = minima.slice(0, 5).map(({ value, ellipse: [x, y] }) => `${three(value * unit.per_nat)} at (${parameter(x)}, ${parameter(y)})`);
    const more = minima.length > 5 ? ` and ${minima.length - 5} more` : "";
    const head = minima.length === 1 ? "One minimum" : `${minima.length} minima`;
    put(this.list, { text: minima.length ? `${head}: ${words.join(" · ")}${more}` : "\u00a0" });
  }

  measure() {
    [this.width, this.height] = [this.svg.clientWidth, this.svg.clientHeight];
    this.painted = false;
  }

  get scale() {
    return this.height / (2 * this.scene.reach);
  }

  toPixels(/** @type {number[]} */ [x, y]) {
    return [this.width / 2 + x * this.scale, this.height / 2 - y * this.scale];
  }

  toPlace(event) {
    const box = this.svg.getBoundingClientRect();
    const round = (value) => Number(Math.min(Math.max(value, -12), 12).toFixed(2));
    return [round((event.clientX - box.left - this.width / 2) / this.scale), round((this.height / 2 - event.clientY + box.top) / this.scale)];
  }

  ellipse(node, /** @type {number[]} */ [x, y, ...covariance], sds) {
    const { major, minor, angle } = axesOf(covariance);
    const [px, py] = this.toPixels([x, y]);
    // A diverging Q leaves the picture; a browser counts every dash of its outline, so it is not drawn out there.
    const far = Math.max(sds * major * this.scale, Math.abs(px), Math.abs(py)) > FARTHEST;
    put(node, { visibility: far ? "hidden" : "visible" });
    if (far) return node;
    put(node, { rx: tenth(sds * major * this.scale), ry: tenth(sds * minor * this.scale), transform: `translate(${tenth(px)} ${tenth(py)}) rotate(${tenth(-angle * DEGREES)})` });
    return node;
  }

  draw({ hills, start, startMoved, targetMoved, place, unit }) {
    if (!this.width || !this.scene) return;
    if (!this.painted) this.paint();
    const begin = [start[0], start[1], start[2] ** 2, 0, start[2] ** 2];
    const q = startMoved ? begin : ellipseAlong(this.path, place);
    this.others.replaceChildren(...this.places.map(([style, ellipse]) => this.ellipse(draw("ellipse", { class: style }), ellipse, 1)));
    this.ellipse(this.near, q, 1);
    this.ellipse(this.far, q, 2);
    this.ellipse(this.begun, begin, 1);
    put(this.begun, { visibility: place > 0 ? "visible" : "hidden" });
    const [px, py] = this.toPixels(q);
    put(this.middle, { cx: tenth(px), cy: tenth(py) });
    const held = hills[this.active];
    put(this.held, { visibility: held ? "visible" : "hidden" });
    if (held) this.ellipse(this.held, held.slice(1), 1);
    this.showHandles(hills, start, place > 0 && !startMoved);
    const settled = !startMoved && !targetMoved;
    const lost = Boolean(this.spec.stopped) && !startMoved && place >= this.spec.stopped;
    const value = settled && !lost ? valueAlong(this.path, place) * unit.per_nat : NaN;
    put(this.number, { text: lost ? "no result" : settled ? three(value) : "…", "data-value": String(value), "data-state": settled ? "settled" : "preview" });
    put(this.unit, { text: lost ? "" : ` ${unit.name}` });
    put(this.state, { text: lost ? `diverged at step ${this.spec.stopped}` : "" });
    this.node.classList.toggle("lost", lost);
    const [sx, sy] = [Math.sqrt(q[2]), Math.sqrt(q[4])];
    put(this.words, { text: `mean (${parameter(q[0])}, ${parameter(q[1])}), sd ${parameter(sx)} and ${parameter(sy)}, correlation ${(q[3] / (sx * sy)).toFixed(2).replace("-", "−").replace("−0.00", "0")}` });
  }

  // P in bands of one colour, deeper where p is larger.
  paint() {
    const [columns, rows] = this.scene.density.size;
    const [width, height] = [Math.round(this.width), Math.round(this.height)];
    this.canvas.width = width;
    this.canvas.height = height;
    const peak = this.density.reduce((most, value) => Math.max(most, value), 0);
    const context = this.canvas.getContext("2d");
    const image = context.createImageData(width, height);
    const [r, g, b] = (getComputedStyle(this.svg).getPropertyValue("--p").match(/[\da-f]{2}/gi) ?? ["1d", "4f", "d8"]).map((hex) => parseInt(hex, 16));
    const across = this.scene.density.aspect * this.scene.reach;
    const places = Float64Array.from({ length: width }, (_, x) => (((x + 0.5 - width / 2) / this.scale + across) / (2 * across)) * (columns - 1));
    const within = places.map((place) => Math.min(Math.max(place, 0), columns - 1));
    const levels = LEVELS.map((least) => least * peak);
    resampled(this.density, columns, pixelMiddles(height, rows).reverse(), within).forEach((value, i) => {
      if (within[i % width] !== places[i % width]) return;
      image.data[4 * i] = r;
      image.data[4 * i + 1] = g;
      image.data[4 * i + 2] = b;
      for (const least of levels) if (value >= least) image.data[4 * i + 3] += 26;
    });
    context.putImageData(image, 0, 0);
    this.painted = true;
  }

  // ---- handles -------------------------------------------------------------------------------------------------
  specs(hills, start, running) {
    const specs = hills.flatMap((hill, index) => {
      const [, x, y, ...covariance] = hill;
      const { major, minor, angle } = axesOf(covariance);
      const name = `P ${ORDINALS[index]} hill`;
      const end = (radius, turn) => [x + radius * Math.cos(angle + turn), y + radius * Math.sin(angle + turn)];
      const at = (kind, place, label, now, words) => ({ key: `${kind}${index}`, style: "p", kind, index, place, name: label, now, words,
        put: (to, done) => this.host.hill(index, movedHill(hill, kind, to), done) });
      const middle = at("loc", [x, y], `${name} mean`, x, `x ${parameter(x)}, y ${parameter(y)}`);
      if (this.active !== index) return [middle];
      return [middle, at("major", end(major, 0), `${name} longer axis`, major, `${three(major)}, turned ${Math.round(angle * DEGREES)} degrees`),
        at("minor", end(minor, Math.PI / 2), `${name} shorter axis`, minor, three(minor))];
    });
    if (running) return specs;
    const [x, y, width] = start;
    const q = (kind, place, name, now, words, after) => ({ key: `q${kind}`, style: "q", kind, index: -1, place, name, now, words, put: (to, done) => this.host.start(after(to), done) });
    return [...specs, q("loc", [x, y], "Q mean at the start", x, `x ${parameter(x)}, y ${parameter(y)}`, (to) => [...to, width]),
      q("scale", [x + width, y], "Q standard deviation at the start", width, three(width), ([toX, toY]) => [x, y, Math.min(Math.max(Math.hypot(toX - x, toY - y), 0.2), 4)])];
  }

  showHandles(hills, start, running) {
    this.handles = this.specs(hills, start, running);
    const keys = new Set(this.handles.map(({ key }) => key));
    for (const [key, node] of this.nodes) if (!keys.has(key)) { node.remove(); this.nodes.delete(key); }
    for (const spec of this.handles) {
      const node = this.nodes.get(spec.key) ?? this.makeHandle(spec);
      const [x, y] = this.toPixels(spec.place);
      put(node, { transform: `translate(${tenth(x)} ${tenth(y)})` });
      if (!this.quiet) put(node, { "aria-valuenow": Number(spec.now.toFixed(3)), "aria-valuemin": spec.kind === "loc" ? -12 : 0.2, "aria-valuemax": spec.kind === "loc" ? 12 : 4, "aria-valuetext": spec.words });
    }
  }

  makeHandle(spec) {
    const knob = spec.style === "q" ? draw("rect", { class: "knob", x: -6, y: -6, width: 12, height: 12, rx: 2 }) : draw("circle", { class: "knob", r: spec.kind === "loc" ? 7 : 5 });
    const role = this.quiet ? { "aria-hidden": "true" } : { role: "slider", tabindex: 0, "aria-label": spec.name };
    const node = draw("g", { class: `hold ${spec.style} ${spec.kind === "loc" ? "loc" : "scale"}`, ...role }, [draw("circle", { class: "reach", r: 20 }), knob]);
    node.addEventListener("keydown", (event) => this.pressed(spec.key, event));
    node.addEventListener("focus", () => this.activate(spec));
    this.nodes.set(spec.key, node);
    this.layer.append(node);
    return node;
  }

  activate({ style, index }) {
    this.active = style === "p" ? index : null;
    this.host.redraw();
  }

  nearest(event) {
    const box = this.svg.getBoundingClientRect();
    let [best, reach] = [null, REACH];
    for (const spec of this.handles) {
      const [x, y] = this.toPixels(spec.place);
      const distance = Math.hypot(x - event.clientX + box.left, y - event.clientY + box.top);
      if (distance < reach) [best, reach] = [spec, distance];
    }
    return best;
  }

  listen() {
    this.svg.addEventListener("pointerdown", (event) => {
      const spec = event.button ? null : this.nearest(event);
      if (!spec) return;
      event.preventDefault();
      this.svg.setPointerCapture(event.pointerId);
      this.grip = spec.key;
      this.activate(spec);
      this.nodes.get(spec.key)?.focus({ preventScroll: true });
    });
    this.svg.addEventListener("pointermove", (event) => this.drag(event, false));
    for (const end of ["pointerup", "pointercancel"]) this.svg.addEventListener(end, (event) => { this.drag(event, true); this.grip = null; });
    this.svg.addEventListener("touchstart", (event) => this.nearest(event.touches[0]) && event.preventDefault(), { passive: false });
  }

  drag(event, done) {
    const spec = this.grip && this.handles.find(({ key }) => key === this.grip);
    if (spec) spec.put(done && event.type === "pointercancel" ? spec.place : this.toPlace(event), done);
  }

  // Arrows move a middle; on an axis up and down change its length, left and right turn it.
  pressed(key, event) {
    const spec = this.handles.find((other) => other.key === key);
    const [right, up] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [0, 0];
    if (!spec || (!right && !up)) return;
    event.preventDefault();
    const step = event.shiftKey ? 1 : 0.1;
    const [x, y] = spec.place;
    if (spec.kind === "loc") return spec.put([x + right * step, y + up * step], true);
    const middle = this.handles.find(({ kind, index, style }) => kind === "loc" && index === spec.index && style === spec.style).place;
    const [length, angle] = [Math.hypot(x - middle[0], y - middle[1]) + up * step, Math.atan2(y - middle[1], x - middle[0]) - (right * step) / 1.5];
    spec.put([middle[0] + length * Math.cos(angle), middle[1] + length * Math.sin(angle)], true);
  }
}
