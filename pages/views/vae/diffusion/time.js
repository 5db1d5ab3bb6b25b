// @ts-check
// Time from data (left) to noise (right), three pictures over one axis: the schedule with its handles, the densities with walks, the bars.

import { draw, inkOf, make, put, tenth } from "../../../shared/live/draw.js";
import { decode } from "../../../shared/live/tables.js";
import { Rail } from "./rail.js";
import { digits, state } from "./words.js";

const [LEFT, RIGHT] = [52, 58];
const STRIPS = { schedule: [22, 94], flow: [132, 306], bars: [350, 458] }; // top and bottom of each, in pixels
const [HEIGHT, RAIL, TICKS] = [514, 496, 474];
const NARROW = 560;
const KNOTS = [0.25, 0.5, 0.75, 1];
const SECONDS = 5;
const KEYS = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 };
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

export class Time {
  held = -1; // the level under the hand

  levelHeld = 0; // and its height

  position = Infinity; // of what is generated: the time that it has reached

  constructor(tell, look) {
    this.tell = tell;
    this.look = look;
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.shapes = draw("g");
    this.hands = draw("g");
    const hatch = draw("pattern", { id: "diffusion-hatch", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, [
      draw("rect", { width: 6, height: 6, class: "hatch-ground" }), draw("line", { x1: 0, x2: 0, y1: 0, y2: 6, class: "hatch-line" })]);
    this.svg = draw("svg", { role: "group", "aria-label": "The noise schedule, the densities from data to noise, and the KL of each step" }, [
      draw("defs", {}, [hatch]), this.shapes, this.hands]);
    this.rail = new Rail((at) => this.look(at, true));
    this.tint = make("i", { class: "tint" });
    this.node = make("div", { class: "time" }, [this.canvas, this.svg, this.tint]);
    this.handles = KNOTS.map((_, i) => this.handle(i));
    this.hands.append(...this.handles, this.rail.node);
    this.scrubs();
    new ResizeObserver(() => this.scene && this.draw()).observe(this.node);
  }

  // The picture below the schedule is looked at where it is touched.
  scrubs() {
    let down = false;
    const to = (event) => {
      const box = this.node.getBoundingClientRect();
      if (event.clientY - box.top > STRIPS.schedule[1] + 14) this.look(this.termAt(event.clientX - box.left));
    };
    this.svg.addEventListener("pointerdown", (event) => { down = true; this.svg.setPointerCapture(event.pointerId); to(event); });
    this.svg.addEventListener("pointermove", (event) => { if (down && this.held < 0) to(event); });
    for (const name of ["pointerup", "pointercancel", "pointerleave"]) this.svg.addEventListener(name, () => { if (down) this.look(this.at, true); down = false; });
  }

  handle(place) {
    const node = draw("g", { class: "handle", role: "slider", tabindex: 0, "aria-label": `Signal at ${["a quarter", "half", "three quarters", "the end"][place]} of the time`, "aria-valuemin": 0, "aria-valuemax": 1 }, [
      draw("circle", { class: "reach", r: 22 }), draw("circle", { class: "knob", r: 8 })]);
    const level = (event) => Math.min(Math.max(this.levelAt(event.clientY - this.node.getBoundingClientRect().top), 0), 1);
    node.addEventListener("pointerdown", (event) => {
      node.setPointerCapture(event.pointerId);
      this.held = place;
      this.levelHeld = this.scene.levels[place];
      event.preventDefault();
      event.stopPropagation();
      node.focus({ preventScroll: true });
    });
    node.addEventListener("pointermove", (event) => {
      if (this.held !== place) return;
      this.levelHeld = level(event);
      this.tell("move", { level: place, to: this.levelHeld });
    });
    const left = () => { // a cancelled pointer says nothing of its place
      if (this.held !== place) return;
      this.held = -1;
      this.tell("settle", { level: place, to: this.levelHeld });
    };
    node.addEventListener("pointerup", left);
    node.addEventListener("pointercancel", left);
    node.addEventListener("keydown", (event) => {
      const by = event.key in KEYS ? KEYS[event.key] * (event.shiftKey ? 0.1 : 0.02) : null;
      const end = { Home: 0, End: 1 }[event.key];
      if (by === null && end === undefined) return;
      event.preventDefault();
      const to = Math.min(Math.max(end ?? this.scene.levels[place] + by, 0), 1);
      this.scene.levels[place] = to; // the next key goes on from here, before the answer
      this.tell("settle", { level: place, to });
    });
    return node;
  }

  get last() { return this.scene.signal.length - 1; }

  x(t) { return tenth(LEFT + (t / this.last) * (this.width - LEFT - RIGHT)); }

  termAt(pixel) { return Math.min(Math.max(Math.ceil(((pixel - LEFT) / (this.width - LEFT - RIGHT)) * this.last), 1), this.last + 1); }

  levelAt(pixel) { return (STRIPS.schedule[1] - pixel) / (STRIPS.schedule[1] - STRIPS.schedule[0]); }

  yOfLevel(level) { return tenth(STRIPS.schedule[1] - level * (STRIPS.schedule[1] - STRIPS.schedule[0])); }

  yOf(x) { return tenth((STRIPS.flow[0] + STRIPS.flow[1]) / 2 - (x / this.scene.span) * (STRIPS.flow[1] - STRIPS.flow[0]) / 2); }

  show(scene, at) {
    this.scene = scene;
    this.at = at;
    this.draw();
  }

  play() {
    cancelAnimationFrame(this.frame);
    if (STILL.matches) { this.position = 0; this.draw(); this.look(1, true); return; }
    const start = performance.now();
    const step = (now) => {
      this.position = Math.max(this.last * (1 - (now - start) / (1000 * SECONDS)), 0);
      const at = Math.max(Math.ceil(this.position), 1);
      if (at !== this.at || this.position === 0) this.look(at, this.position === 0);
      else this.paint();
      if (this.position > 0 && this.node.isConnected) this.frame = requestAnimationFrame(step);
    };
    this.frame = requestAnimationFrame(step);
  }

  get playing() { return this.position > 0 && Number.isFinite(this.position); }

  draw() {
    this.width = this.node.clientWidth || 600;
    put(this.svg, { viewBox: `0 0 ${this.width} ${HEIGHT}` });
    this.paint();
    this.shapes.replaceChildren(...this.frameOf(), ...this.scheduleShapes(), ...this.flowShapes(), ...this.barShapes());
    this.handles.forEach((handle, i) => put(handle, {
      transform: `translate(${this.x(KNOTS[i] * this.last)} ${this.yOfLevel(this.scene.levels[i])})`, "aria-valuenow": this.scene.levels[i], "aria-valuetext": `${Math.round(100 * this.scene.levels[i])} %`,
    }));
    const middles = this.scene.terms.map((_, i) => this.box(i)).map(([x, width]) => x + width / 2);
    this.rail.show(middles, this.at, RAIL);
  }

  // What is looked at, the axis and the names of the strips.
  frameOf() {
    const { at, last } = this;
    const [left, right] = at > last ? [this.x(last), this.width] : [this.x(at - 1), this.x(at)];
    const title = (strip, text) => draw("text", { class: "strip", x: LEFT, y: STRIPS[strip][0] - (strip === "bars" ? 16 : 8), text });
    const every = Math.max(Math.ceil(last / Math.max(Math.floor((this.width - LEFT - RIGHT) / 46), 1)), 1);
    const ticks = Array.from({ length: last + 1 }, (_, t) => t).filter((t) => t === last || (t % every === 0 && last - t >= every));
    return [
      draw("rect", { class: "looked", x: left, width: Math.max(right - left, 2), y: STRIPS.schedule[0], height: STRIPS.bars[1] - STRIPS.schedule[0] }),
      title("schedule", "Signal ᾱₜ: drag the curve"), title("flow", "From data (left) to noise (right)"), title("bars", this.nameOfBars()),
      ...ticks.map((t) => draw("text", { class: "tick", x: this.x(t), y: TICKS, "text-anchor": "middle", text: t === 0 ? "t = 0" : String(t) })),
      draw("text", { class: "tick", x: this.width - 2, y: TICKS, "text-anchor": "end", text: "prior" }),
    ];
  }

  nameOfBars() {
    const { name } = this.scene.unit;
    return this.width < NARROW ? `Each KL, in ${name}; first: −log p(x₀|x₁)` : `Each step’s KL, in ${name}; the first bar is −log p(x₀|x₁)`;
  }

  scheduleShapes() {
    const { signal } = this.scene;
    const [top, low] = STRIPS.schedule;
    const tick = (level, text) => draw("text", { class: "tick", x: LEFT - 8, y: this.yOfLevel(level) + 4, "text-anchor": "end", text });
    return [
      draw("line", { class: "axis", x1: LEFT, x2: this.x(this.last), y1: low, y2: low }), draw("line", { class: "grid", x1: LEFT, x2: this.x(this.last), y1: top, y2: top }),
      tick(1, "100 %"), tick(0, "0"),
      draw("path", { class: "signal", d: `M${signal.map((level, t) => `${this.x(t)} ${this.yOfLevel(level)}`).join("L")}` }),
      ...signal.map((level, t) => draw("circle", { class: "signal", cx: this.x(t), cy: this.yOfLevel(level), r: this.last > 20 ? 2 : 3 })),
    ];
  }

  flowShapes() {
    const { path, density, prior, span } = this.scene;
    const { at, last } = this;
    const table = decode(density, Uint8Array);
    const places = 121;
    const side = (row, edge, reach) => `M${edge} ${this.yOf(-span)}L${[...row].map((value, i) => `${tenth(edge + (value / 255) * reach)} ${this.yOf(-span + (2 * span * i) / (places - 1))}`).join("L")}L${edge} ${this.yOf(span)}`;
    const states = path.map((value, t) => `${this.x(t)} ${this.yOf(value)}`);
    const dot = (t, kind) => draw("circle", { class: kind, cx: this.x(t), cy: this.yOf(path[t]), r: 4.5 });
    const [from, to] = [Math.min(at, last), Math.min(at, last) - (at > last ? 0 : 1)];
    return [
      draw("path", { class: "side q", d: side(table.subarray(0, places), LEFT, -(LEFT - 6)) }),
      draw("path", { class: "side q", d: side(table.subarray(table.length - places), this.x(last), 0.9 * RIGHT) }),
      draw("path", { class: "side p", d: side(decode(prior, Uint8Array), this.x(last), 0.9 * RIGHT) }),
      ...(Number.isFinite(this.position) && this.position === 0 ? this.landed() : []),
      ...(this.playing ? [] : [draw("path", { class: "walk", d: `M${states.join("L")}` }), dot(0, "start"), ...(to > 0 ? [dot(to, "state")] : []), dot(from, "state")]),
      draw("text", { class: "tick q", x: LEFT / 2 + 4, y: STRIPS.flow[1] + 14, "text-anchor": "middle", text: "data" }),
      draw("text", { class: "tick q", x: this.width - 2, y: STRIPS.flow[1] + 14, "text-anchor": "end", text: state(last) }),
      draw("text", { class: "tick p", x: this.width - 2, y: STRIPS.flow[1] + 29, "text-anchor": "end", text: "N(0, 1)" }),
    ];
  }

  // How many of what was generated ended where, as the share per bin beside the data's density.
  landed() {
    const samples = decode(this.scene.samples, Int16Array);
    const count = samples.length / (this.last + 1);
    const [bins, { span }] = [30, this.scene];
    const counts = new Array(bins).fill(0);
    for (const value of samples.subarray(0, count)) {
      const bin = Math.floor(((value / 1000 + span) / (2 * span)) * bins);
      if (bin >= 0 && bin < bins) counts[bin] += 1;
    }
    const top = Math.max(...counts);
    return counts.map((number, i) => {
      const wide = (number / top) * (LEFT - 8);
      return draw("rect", { class: "landed", x: tenth(LEFT - wide), width: tenth(wide), y: this.yOf(-span + (2 * span * (i + 1)) / bins), height: tenth((STRIPS.flow[1] - STRIPS.flow[0]) / bins - 1) });
    });
  }

  // From where a bar is and how wide.
  box(i) {
    const [a, b] = i > this.last - 1 ? [this.x(this.last) + 8, this.width - 6] : [this.x(i), this.x(i + 1)];
    const gap = Math.min(0.12 * (b - a), 4);
    return [a + gap, b - a - 2 * gap];
  }

  barShapes() {
    const { terms, information, unit, left_out: left } = this.scene;
    const [top, low] = STRIPS.bars;
    const most = 1.16 * Math.max(...terms, 0.02);
    const least = Math.max(Math.min(...terms, ...information, 0), -0.5 * most);
    const y = (value) => tenth(low - ((Math.min(Math.max(value, least), most) - least) / (most - least)) * (low - top));
    const bars = terms.flatMap((term, i) => {
      const [x, width] = this.box(i);
      const rect = (kind, from, to) => draw("rect", { class: kind, x: tenth(x), width: tenth(width), y: y(Math.max(from, to)), height: Math.max(y(Math.min(from, to)) - y(Math.max(from, to)), 0) });
      return [rect("paid", 0, information[i]), ...(left[i] > 0 ? [rect("left-out", information[i], term)] : [])];
    });
    const [x, width] = this.box(this.at - 1);
    const shown = terms[this.at - 1];
    return [
      ...bars, draw("line", { class: "axis", x1: LEFT, x2: this.width, y1: y(0), y2: y(0) }),
      ...(information[0] < least ? [draw("text", { class: "tick", x: LEFT - 6, y: low, "text-anchor": "end", text: `to ${digits(unit.per_nat * information[0])}` })] : []),
      draw("text", { class: "value", x: Math.min(tenth(x + width / 2), this.width - 18), y: Math.max(y(Math.max(shown, 0)) - 4, top + 6), "text-anchor": "middle", text: digits(unit.per_nat * shown) }),
    ];
  }

  // The densities and what is generated.
  paint() {
    const ratio = window.devicePixelRatio || 1;
    const { canvas, width } = this;
    if (canvas.width !== Math.round(width * ratio)) [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(HEIGHT * ratio)];
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, HEIGHT);
    const [top, low] = STRIPS.flow;
    pen.save();
    pen.beginPath();
    pen.rect(LEFT, top, this.x(this.last) - LEFT, low - top);
    pen.clip();
    pen.drawImage(this.heat(), LEFT, top, this.x(this.last) - LEFT, low - top);
    pen.restore();
    if (Number.isFinite(this.position)) this.paintGenerated(pen);
  }

  heat() {
    const [red, green, blue] = inkOf(this.tint);
    const key = `${this.scene.density.length} ${red} ${green} ${blue}`;
    if (this.heatOf === this.scene.density && this.heatKey === key) return this.heatImage;
    const table = decode(this.scene.density, Uint8Array);
    const rows = 121;
    const columns = table.length / rows;
    const canvas = make("canvas", { width: columns, height: rows });
    const pen = canvas.getContext("2d");
    const image = pen.createImageData(columns, rows);
    for (let i = 0; i < table.length; i += 1) image.data.set([red, green, blue, 235 * (table[i] / 255) ** 0.75], 4 * ((rows - 1 - (i % rows)) * columns + Math.floor(i / rows)));
    pen.putImageData(image, 0, 0);
    this.heatOf = this.scene.density;
    this.heatKey = key;
    this.heatImage = canvas;
    return canvas;
  }

  paintGenerated(pen) {
    const samples = decode(this.scene.samples, Int16Array);
    const count = samples.length / (this.last + 1);
    const reached = Math.floor(this.position);
    const share = this.position - reached;
    const [red, green, blue] = inkOf(this.svg);
    const value = (t, i) => samples[t * count + i] / 1000;
    const now = (i) => (share ? share * value(reached + 1, i) + (1 - share) * value(reached, i) : value(reached, i));
    pen.strokeStyle = `rgb(${red} ${green} ${blue} / 0.09)`;
    pen.beginPath();
    for (let i = 0; i < count; i += 1) {
      pen.moveTo(this.x(this.position), this.yOf(now(i)));
      for (let t = share ? reached + 1 : reached; t <= this.last; t += 1) pen.lineTo(this.x(t), this.yOf(value(t, i)));
    }
    pen.stroke();
    pen.fillStyle = `rgb(${red} ${green} ${blue} / 0.75)`;
    for (let i = 0; i < count; i += 1) {
      pen.beginPath();
      pen.arc(this.x(this.position), this.yOf(now(i)), 2, 0, 7);
      pen.fill();
    }
  }
}
