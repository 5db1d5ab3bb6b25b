// @ts-check
// Every possible Q as a map: mean across, standard deviation up, its divergence in colour, and Q as a ball that rolls.

import { draw, make, put, tenth } from "../../../shared/live/draw.js";
import { LocationScale } from "../../../shared/live/location_scale.js";
import { bilinear, decode, pixelMiddles, resampled } from "../../../shared/live/tables.js";

const BANDS = 9;
const REACH = 28; // pixels: a finger's width
const REST = 250; // ms after which a finger that has not moved holds the ball
const SLOP = 8; // pixels that a finger moves before its way says what it wants
const EDGE = 10; // pixels: the ball stays inside the map

// Which band a value lies in: 0 is the valley's floor, BANDS is the page. The bands widen upwards, as the valleys are flat.
// depth: nats above the lowest at which the colour has faded into the page.
export const bandOf = (value, lowest, depth) => {
  const above = Math.sqrt(Math.max(value - lowest, 0) / depth);
  return Number.isFinite(value) ? Math.min(Math.floor(above * BANDS), BANDS) : BANDS;
};

// Whether a finger that came down on the ball, and has gone so far since, takes it along; up or down it scrolls the page.
export const takesBall = (dx, dy) => Math.abs(dx) > SLOP && Math.abs(dx) > Math.abs(dy);

// One colour per band, from the valley's floor by way of the slope to the page: lightness falls evenly, for every kind of eye.
const colours = (node) => {
  const style = getComputedStyle(node);
  const channel = (name) => style.getPropertyValue(name).trim().match(/[\da-f]{2}/gi).map((hex) => parseInt(hex, 16));
  const [deep, slope, page] = ["--valley", "--slope", "--ridge"].map(channel);
  const mix = (from, to, part) => from.map((value, i) => value + part * (to[i] - value));
  return Array.from({ length: BANDS + 1 }, (_, band) => {
    const part = band / BANDS;
    return part < 0.45 ? mix(deep, slope, part / 0.45) : mix(slope, page, (part - 0.45) / 0.55);
  });
};

// Balls that were dropped: where each began, its way to the step on screen, and itself, in the colour of the valley that catches it.
const droppedBalls = (land, { paths, reached }, part) => paths.flatMap((path, k) => {
  const last = Math.min(Math.round(part * (path.length - 1)), path.length - 1);
  const style = reached[k] < 0 ? "lost" : `valley${reached[k] % 4}`;
  const at = ({ loc, scale }) => `${tenth(land.x(loc))} ${tenth(land.y(scale))}`;
  const circle = (place, r, kind) => draw("circle", { class: `${kind} ${style}`, r, cx: tenth(land.x(place.loc)), cy: tenth(land.y(place.scale)) });
  return path.length ? [
    draw("path", { class: `way ${style}`, d: `M${path.slice(0, last + 1).map(at).join("L")}` }), circle(path[0], 2.5, "from"), circle(path[last], 5, "dropped"),
  ] : [];
});

export class Landscape extends LocationScale {
  /** @type {Float32Array | null} */
  values = null;

  /** @type {{ name: string, per_nat: number } | null} */
  unit = null;

  decimals = 2;
  painted = false;
  look = ""; // size and colours that it was painted with

  /** @type {[number, number] | null} where the finger or the mouse came down */
  tapped = null;

  held = false; // the ball is in hand
  armed = false; // a finger is on the ball, and has neither moved sideways nor rested

  /** @type {number | undefined} */
  rest;

  /** @type {{ loc: number, scale: number }} where Q begins */
  began = { loc: 0, scale: 1 };

  // moved(place, done): a finger, the mouse or a key has put the start of Q somewhere; done when it lets go.
  constructor(title, moved) {
    super();
    this.moved = moved;
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.scales = draw("g", { class: "sds" });
    this.trail = draw("path", { class: "trail" });
    this.casing = draw("path", { class: "casing" });
    this.minima = draw("g", { class: "minima" });
    this.balls = draw("g", { class: "balls" });
    this.counts = draw("g");
    this.start = draw("circle", { class: "began", r: 6 });
    this.ball = draw("circle", { class: "ball", r: 9 });
    this.names = [draw("text", { class: "axis-name", text: "mean of Q →", "text-anchor": "end" }), draw("text", { class: "axis-name", x: 8, y: 14, text: "↑ sd of Q" })];
    this.svg = draw("svg", { class: "land", tabindex: 0, role: "application",
      "aria-label": `${title}: every possible Q. Arrow keys move where Q begins.` },
    [this.casing, this.trail, this.minima, this.balls, this.counts, this.start, this.ball, this.scales, ...this.names]);
    this.tip = make("p", { class: "tip", hidden: "" });
    this.node = make("div", { class: "landscape" }, [this.canvas, this.svg, this.tip]);
    this.listen();
  }

  show(map, unit) {
    this.map = map;
    this.unit = unit;
    this.values = map ? decode(map.values, Float32Array) : null;
    this.node.hidden = !map;
    this.painted = false;
  }

  measure() {
    const valley = getComputedStyle(this.node).getPropertyValue("--valley");
    [this.width, this.height] = valley ? [this.svg.clientWidth, this.svg.clientHeight] : [0, 0]; // nothing has its size before its style is there
    const look = `${this.width} ${this.height} ${valley}`;
    if (look !== this.look) this.painted = false; // a picture of the same size in the same theme stands
    this.look = look;
  }

  // Where a ball is drawn.
  inside({ loc, scale }) {
    const kept = (pixel, size) => tenth(Math.min(Math.max(pixel, EDGE), size - EDGE));
    return { cx: kept(this.x(loc), this.width), cy: kept(this.y(scale), this.height) };
  }

  // The value under a place, between the table's entries.
  valueAt({ loc, scale }) {
    const [columns, rows] = this.map.size;
    const row = Math.min(Math.max(1 - this.y(scale) / this.height, 0), 1) * (rows - 1);
    return bilinear(this.values, columns, row, Math.min(Math.max(this.x(loc) / this.width, 0), 1) * (columns - 1));
  }

  // path: the run's components; place: the step that is shown; q: where Q is now; balls: dropped beside it, shown at `part` of their way.
  draw({ path, place, start, q, balls, part }) {
    if (!this.map || !this.width) return;
    if (!this.painted) this.paint();
    let d = "";
    if (path) {
      const { loc, scale } = path.components[0];
      for (let i = 0; i <= Math.min(Math.floor(place), loc.length - 1); i += 1) d += `${i ? "L" : "M"}${tenth(this.x(loc[i]))} ${tenth(this.y(scale[i]))}`;
      if (d) d += `L${tenth(this.x(q.loc))} ${tenth(this.y(q.scale))}`;
    }
    put(this.trail, { d });
    put(this.casing, { d });
    this.began = start;
    put(this.start, this.inside(start));
    put(this.ball, this.inside(q));
    this.balls.replaceChildren(...(balls ? droppedBalls(this, balls, part) : []));
    this.counts.replaceChildren(...(balls && part >= 1 ? this.caught(balls) : []));
  }

  // How many balls each valley has caught, beside its floor.
  caught({ reached, minima }) {
    return minima.map(({ loc, scale }, k) => draw("text", {
      class: "count", x: tenth(Math.min(this.x(loc) + 12, this.width - 24)), y: tenth(Math.max(this.y(scale) - 8, 14)), text: String(reached.filter((place) => place === k).length),
    }));
  }

  paint() {
    const [columns, rows] = this.map.size;
    const [width, height] = [Math.round(this.width), Math.round(this.height)];
    this.canvas.width = width;
    this.canvas.height = height;
    const shades = colours(this.node);
    const context = this.canvas.getContext("2d");
    const image = context.createImageData(width, height);
    const values = resampled(this.values, columns, pixelMiddles(height, rows).reverse(), pixelMiddles(width, columns));
    values.forEach((value, i) => {
      const [red, green, blue] = shades[bandOf(value, this.map.lowest, this.map.depth)];
      image.data[4 * i] = red;
      image.data[4 * i + 1] = green;
      image.data[4 * i + 2] = blue;
      image.data[4 * i + 3] = 255;
    });
    context.putImageData(image, 0, 0);
    this.minima.replaceChildren(...this.map.minima.map(({ loc, scale }) => draw("circle", {
      r: 2.5, cx: tenth(this.x(loc)), cy: tenth(this.y(scale)),
    })));
    const { centre, width: kind, sd_per_scale: stretch } = this.map.axes;
    const marks = [0.25, 0.5, 1, 2, 4, 8].filter((width) => this.y(width / stretch) > 26 && this.y(width / stretch) < this.height - 6);
    this.scales.replaceChildren(...marks.map((width) => draw("text", { x: 8, y: tenth(this.y(width / stretch) + 5), text: String(width) })));
    put(this.names[0], { x: this.width - 8, y: this.height - 7, text: `${centre} of Q →` });
    put(this.names[1], { text: `↑ ${kind} of Q` });
    this.painted = true;
  }

  place(event) {
    const box = this.svg.getBoundingClientRect();
    return this.at(event.clientX - box.left, event.clientY - box.top);
  }

  listen() {
    this.svg.addEventListener("pointerdown", (event) => this.down(event));
    this.svg.addEventListener("pointermove", (event) => this.move(event));
    this.svg.addEventListener("pointerup", (event) => this.up(event));
    this.svg.addEventListener("pointercancel", () => { if (this.held) this.moved(this.began, true); this.letGo(); });
    this.svg.addEventListener("pointerleave", () => (this.tip.hidden = true));
    this.svg.addEventListener("touchmove", (event) => this.held && event.cancelable && event.preventDefault(), { passive: false });
    this.svg.addEventListener("contextmenu", (event) => this.held && event.preventDefault()); // a finger that rests asks for no menu
    this.svg.addEventListener("keydown", (event) => this.pressed(event));
  }

  // The mouse takes the ball at once. A finger takes it by moving sideways or by resting on it; else its swipe scrolls the page.
  down(event) {
    if (event.button) return;
    this.tapped = [event.clientX, event.clientY];
    if (event.pointerType === "mouse") return this.take(event);
    this.armed = this.isNearStart(event);
    if (this.armed) this.rest = window.setTimeout(() => this.take(event), REST);
  }

  move(event) {
    if (this.armed && this.tapped) {
      const [dx, dy] = [event.clientX - this.tapped[0], event.clientY - this.tapped[1]];
      if (takesBall(dx, dy)) this.take(event);
      else if (Math.hypot(dx, dy) > SLOP) this.letGo();
    }
    if (this.held) this.moved(this.place(event), false);
    else if (event.pointerType === "mouse") this.say(event);
  }

  take(event) {
    this.letGo();
    this.held = true;
    this.svg.setPointerCapture(event.pointerId);
    this.moved(this.place(event), false);
  }

  // A tap sets where Q begins, wherever it is.
  up(event) {
    const still = this.tapped && Math.hypot(event.clientX - this.tapped[0], event.clientY - this.tapped[1]) < 10;
    if (this.held || still) this.moved(this.place(event), true);
    this.letGo();
  }

  letGo() {
    clearTimeout(this.rest);
    this.held = this.armed = false;
  }

  isNearStart(event) {
    const box = this.svg.getBoundingClientRect();
    const near = (node) => Math.hypot(event.clientX - box.left - node.getAttribute("cx"), event.clientY - box.top - node.getAttribute("cy")) < REACH;
    return near(this.start) || near(this.ball);
  }

  pressed(event) {
    const place = this.stepped(event, this.began);
    if (!place) return;
    event.preventDefault();
    this.moved(place, true);
  }

  say(event) {
    const place = this.place(event);
    const value = this.valueAt(place);
    const box = this.svg.getBoundingClientRect();
    const { centre, width, sd_per_scale: sd } = this.map.axes;
    this.tip.hidden = false;
    this.tip.textContent = `${centre} ${place.loc}, ${width} ${Number((place.scale * sd).toPrecision(3))}: ${Number.isFinite(value) ? `about ${(value * this.unit.per_nat).toFixed(2)} ${this.unit.name}` : "∞"}`;
    this.tip.style.left = `${Math.min(event.clientX - box.left + 12, this.width - 210)}px`;
    this.tip.style.top = `${Math.max(event.clientY - box.top - 34, 4)}px`;
  }
}
