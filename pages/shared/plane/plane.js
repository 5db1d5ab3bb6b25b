// @ts-check
// Lines in a plane with their names at their ends, single points, a rule, and a function of both axes behind them.

import { draw, make, put, tenth } from "../live/draw.js";
import { widthOf } from "../live/typeset.js";
import { painted } from "./surface.js";
import { along, placed, roomFor } from "./labels.js";
import { short, ticksOf, widened } from "./places.js";

const [LEFT, TOP, BOTTOM] = [46, 12, 44];
const PER_CHARACTER = 7.6; // pixels of a name
const NARROW = 480; // pixels: in a narrower picture the lines have its whole width
const LONGEST = 0.3; // of the width: in a narrow picture longer names stand above it, with their colours; of a wide one, what they get
const NARROWEST = 0.12; // of the width, what names get of a narrow picture

export class Plane {
  width = 400;

  height = 300;

  constructor(root) {
    this.title = make("h3");
    this.key = make("p", { class: "key" });
    this.scale = make("p", { class: "scale" }); // of a surface, whose greatest values are darkest on white and brightest on black
    this.svg = draw("svg", { class: "picture", role: "img" });
    this.node = make("div", { class: "plane" }, [this.title, this.key, this.scale, this.svg]);
    root.replaceChildren(this.node);
    new ResizeObserver(() => this.draw()).observe(root);
  }

  update(data) {
    this.data = data;
    put(this.title, { text: data.title });
    this.scale.replaceChildren(...(data.surface ? [make("b", { text: "lower" }), make("i"), make("b", { text: "higher" })] : []));
    for (const size of ["small", "medium"]) this.node.classList.toggle(size, Boolean(data[size]));
    const names = data.lines.map((line) => line.name).filter(Boolean).join(", ");
    put(this.svg, { "aria-label": `${data.title}: ${data.y[0]} against ${data.x[0]}, ${names}` });
    this.draw();
  }

  draw() {
    if (!this.data) return;
    const { data } = this;
    const width = this.svg.clientWidth || 400;
    this.narrow = width < NARROW;
    this.above = this.narrow && this.named().some(({ name }) => PER_CHARACTER * widthOf(name) > LONGEST * width);
    this.key.replaceChildren(...(this.above ? this.named().map((line) => make("span", { class: `c${line.colour} ${line.style}` }, [make("i"), make("b", { text: line.name })])) : []));
    this.measure();
    this.svg.replaceChildren(
      ...this.surface(), ...this.grid(), ...this.rule(), ...data.lines.flatMap((line) => this.line(line)), ...this.points(), ...this.names(),
    );
  }

  measure() {
    const { data } = this;
    [this.width, this.height] = [this.svg.clientWidth || 400, this.svg.clientHeight || 300];
    this.right = this.aside();
    const [wide, high] = [this.width - LEFT - this.right, this.height - TOP - BOTTOM];
    this.across = data.x.slice(1);
    this.up = data.y.slice(1);
    if (data.equal) {
      const perPixel = Math.max((this.across[1] - this.across[0]) / wide, (this.up[1] - this.up[0]) / high);
      [this.across, this.up] = [widened(this.across, wide, perPixel), widened(this.up, high, perPixel)];
    }
    const [[left, right], [bottom, top]] = [this.across, this.up];
    this.place = (value) => LEFT + ((value - left) / (right - left)) * wide;
    this.x = (value) => this.place(Math.min(value, right));
    this.y = (value) => TOP + ((top - value) / (top - bottom)) * high;
  }

  named() {
    if (this.data.small || this.data.nameless) return [];
    const shown = this.data.lines.filter((line) => line.name && line.xs.length);
    return this.narrow ? shown.map((line) => ({ ...line, name: line.short || line.name })) : shown;
  }

  // Room for names right of the axes; little where the picture is narrow.
  aside() {
    const [low, high] = this.data.x.slice(1);
    if (this.data.small || this.data.nameless || this.above) return 12;
    const ends = this.named().map(({ name, xs }) => [Math.min((xs[xs.length - 1] - low) / (high - low), 1), PER_CHARACTER * widthOf(name)]);
    return Math.min(Math.max(roomFor(ends, this.width - LEFT), 12), (this.narrow ? NARROWEST : LONGEST) * this.width);
  }

  surface() {
    const { surface } = this.data;
    if (!surface) return [];
    const { color } = getComputedStyle(this.scale);
    if (this.painted?.of !== surface.values || this.painted.color !== color) this.painted = { of: surface.values, color, url: painted(surface, color) };
    const [[left, right], [bottom, top]] = [surface.x, surface.y];
    const [x, y] = [this.place(left) - LEFT, this.y(top) - TOP];
    const image = draw("image", {
      href: this.painted.url, x: tenth(x), y: tenth(y), width: tenth(this.place(right) - this.place(left)), height: tenth(this.y(bottom) - this.y(top)), preserveAspectRatio: "none" });
    // An svg within an svg cuts off what lies outside the axes.
    return [draw("svg", { x: LEFT, y: TOP, width: tenth(this.width - LEFT - this.right), height: this.height - TOP - BOTTOM }, [image])];
  }

  grid() {
    const { data } = this;
    const [end, floor] = [this.width - this.right, this.height - BOTTOM];
    const level = ({ value, text }) => [
      draw("line", { class: "grid", x1: LEFT, x2: end, y1: tenth(this.y(value)), y2: tenth(this.y(value)) }),
      draw("text", { class: "tick", x: LEFT - 6, y: tenth(this.y(value)) + 4, "text-anchor": "end", text })];
    const place = ({ value, text }) => draw("text", { class: "tick", x: tenth(this.x(value)), y: floor + 17, "text-anchor": "middle", text });
    const aside = data.equal ? [draw("text", { class: "axis-name", x: LEFT + 6, y: TOP + 10, text: data.y[0] })] : [];
    return [
      ...ticksOf(this.up[0], this.up[1], this.height / 60, data.percent).flatMap(level),
      ...ticksOf(this.across[0], this.across[1], Math.min(this.width / 80, 8), false).map(place),
      draw("line", { class: "axis", x1: LEFT, x2: end, y1: floor, y2: floor }),
      draw("text", { class: "axis-name", x: end, y: floor + 36, "text-anchor": "end", text: data.x[0] }), ...aside,
    ];
  }

  rule() {
    if (!this.data.rule) return [];
    const [value, text] = this.data.rule;
    const x = tenth(this.x(value));
    const tight = x + PER_CHARACTER * widthOf(text) > this.width;
    return [draw("line", { class: "rule", x1: x, x2: x, y1: TOP, y2: this.height - BOTTOM }), draw("text", {
      class: "rule-name", x: x + (tight ? -6 : 6), y: TOP + 12, "text-anchor": tight ? "end" : "start", text })];
  }

  line({ name, xs, ys, style, colour, dots, joined, marks }) {
    const look = `${style} c${colour}`;
    const at = xs.map((x, i) => [tenth(this.x(x)), tenth(this.y(ys[i]))]);
    const path = joined && at.length > 1 ? [draw("path", { class: look, d: `M${at.map((place) => place.join(" ")).join("L")}` })] : [];
    const shown = dots ? at : style === "run" || style === "arrow" ? at.slice(-1) : [];
    const offset = at.length - shown.length;
    const told = (i) => marks?.[i] ?? `${short(xs[i])}, ${this.data.percent ? `${short(100 * ys[i])} %` : short(ys[i])}`;
    return [...path, ...shown.map(([cx, cy], i) => draw("circle", { class: look, cx, cy, r: joined && dots ? 4 : 5 }, [
      draw("title", { text: `${name}: ${told(i + offset)}` })]))];
  }

  points() {
    return this.data.points.map(([x, y]) => draw("circle", { class: "point", cx: tenth(this.x(x)), cy: tenth(this.y(y)), r: 6 }));
  }

  // Names of points, then of lines at their ends, none on another.
  names() {
    const { points, lines } = this.data;
    const named = this.above ? [] : this.named();
    const wanted = [
      ...points.map(([x, y, text]) => this.wanted(x, y, text, "point-name")),
      ...named.map(({ name, short: brief, xs, ys, colour }) => this.wanted(xs[xs.length - 1], ys[ys.length - 1], name, `line-name c${colour}`, brief)),
    ];
    const marks = lines.flatMap(({ xs, ys, joined }) => {
      const places = xs.map((x, i) => [this.x(x), this.y(ys[i])]);
      return joined ? along(places) : places;
    });
    const frame = { x: LEFT, y: TOP - 10, width: this.width - LEFT, height: this.height - TOP - BOTTOM + 8 };
    return placed(wanted, [...marks, ...this.corners(points)], frame, this.ruleName()).map((box, i) => draw("text", {
      class: wanted[i].look, x: tenth(box.x), y: tenth(box.y + 12), text: box.text }));
  }

  wanted(x, y, text, look, brief = "") {
    const written = (name) => ({ text: name, width: PER_CHARACTER * widthOf(name) });
    return { x: this.x(x), y: this.y(y), ...written(text), look, ...(brief && brief !== text ? { short: written(brief) } : {}) };
  }

  // Rings of points are full, too.
  corners(points) {
    return points.flatMap(([x, y]) => [[-5, -5], [5, -5], [-5, 5], [5, 5]].map(([dx, dy]) => [this.x(x) + dx, this.y(y) + dy]));
  }

  ruleName() {
    if (!this.data.rule) return [];
    const [value, text] = this.data.rule;
    const width = PER_CHARACTER * widthOf(text);
    const x = this.x(value) + width > this.width ? this.x(value) - 6 - width : this.x(value) + 6;
    return [{ x, y: TOP, width, height: 16 }];
  }
}
