// @ts-check
// Lines in a plane with their names at their ends, single points, a rule, and a function of both axes behind them.

import { draw, make, put, tenth } from "../live/draw.js";
import { widthOf } from "../live/typeset.js";
import { painted } from "./surface.js";
import { apart, short, ticksOf, widened } from "./places.js";

const [LEFT, TOP, BOTTOM, GAP] = [46, 12, 44, 17];
const PER_CHARACTER = 8; // pixels of a name
const NARROW = 480; // pixels: in a narrower picture the names stand above it, and the lines have its whole width

export class Plane {
  width = 400;

  height = 300;

  constructor(root) {
    this.title = make("h3");
    this.key = make("p", { class: "key" });
    this.svg = draw("svg", { class: "picture", role: "img" });
    this.node = make("div", { class: "beta-screen plane" }, [this.title, this.key, this.svg]);
    root.replaceChildren(this.node);
    new ResizeObserver(() => this.draw()).observe(root);
  }

  update(data) {
    this.data = data;
    put(this.title, { text: data.title });
    for (const size of ["small", "medium"]) this.node.classList.toggle(size, Boolean(data[size]));
    const names = data.lines.map((line) => line.name).filter(Boolean).join(", ");
    put(this.svg, { "aria-label": `${data.title}: ${data.y[0]} against ${data.x[0]}, ${names}` });
    this.draw();
  }

  draw() {
    if (!this.data) return;
    const { data } = this;
    this.narrow = (this.svg.clientWidth || 400) < NARROW;
    this.key.replaceChildren(...(this.narrow ? this.named().map((line) => make("span", { class: `c${line.colour} ${line.style}` }, [make("i"), make("b", { text: line.name })])) : []));
    this.measure();
    this.svg.replaceChildren(
      ...this.surface(), ...this.grid(), ...this.rule(), ...data.lines.flatMap((line) => this.line(line)), ...this.points(), ...this.names(),
    );
  }

  measure() {
    const { data } = this;
    [this.width, this.height] = [this.svg.clientWidth || 400, this.svg.clientHeight || 300];
    const longest = Math.max(0, ...this.named().map((line) => widthOf(line.name)));
    this.right = data.small || this.narrow ? 12 : Math.min(PER_CHARACTER * longest + 16, 0.3 * this.width);
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

  named() { return this.data.small ? [] : this.data.lines.filter((line) => line.name && line.xs.length); }

  surface() {
    const { surface } = this.data;
    if (!surface) return [];
    if (this.painted?.of !== surface.values) this.painted = { of: surface.values, url: painted(surface, getComputedStyle(this.node).getPropertyValue("--surface")) };
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

  // Each with its name on the side where fewer of the lines are.
  points() {
    return this.data.points.flatMap(([x, y, text]) => {
      const [cx, cy] = [tenth(this.x(x)), tenth(this.y(y))];
      const ahead = this.data.lines.flatMap(({ xs }) => xs).reduce((sum, other) => sum + Math.sign(other - x), 0);
      const [dx, dy, anchor] = ahead <= 0 ? [10, 22, "start"] : cx > LEFT + 50 ? [-10, -8, "end"] : [10, -8, "start"];
      return [draw("circle", { class: "point", cx, cy, r: 6 }), draw("text", { class: "point-name", x: cx + dx, y: cy + dy, "text-anchor": anchor, text })];
    });
  }

  names() {
    if (this.narrow) return [];
    const named = this.named().map((line) => {
      const last = line.xs.length - 1;
      return { line, x: tenth(this.x(line.xs[last])) + 10, y: this.y(line.ys[last]) + 4 };
    });
    return apart(named, GAP, TOP + 8, this.height - BOTTOM - 4).map(({ line, x, y }) => {
      const room = this.width - PER_CHARACTER * widthOf(line.name);
      return draw("text", { class: `line-name c${line.colour}`, x: Math.min(x, Math.max(room, LEFT)), y: tenth(y), text: line.name });
    });
  }
}
