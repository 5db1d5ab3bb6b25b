// Policies as points of a plane: lines with their names at their ends.

import { draw, make, put, tenth } from "../../../shared/live/draw.js";
import { apart, short, ticksOf } from "./places.js";

const [LEFT, TOP, BOTTOM, GAP] = [46, 12, 44, 17];

export class Plane {
  constructor(root) {
    this.title = make("h3");
    this.svg = draw("svg", { class: "picture", role: "img" });
    this.node = make("div", { class: "beta-screen plane" }, [this.title, this.svg]);
    root.replaceChildren(this.node);
    new ResizeObserver(() => this.draw()).observe(root);
  }

  update(data) {
    this.data = data;
    put(this.title, { text: data.title });
    this.node.classList.toggle("small", data.small);
    this.node.classList.toggle("medium", data.medium);
    put(this.svg, { "aria-label": `${data.title}: ${data.y[0]} against ${data.x[0]}, ${data.lines.map((line) => line.name).filter(Boolean).join(", ")}` });
    this.draw();
  }

  draw() {
    if (!this.data) return;
    const { data } = this;
    [this.width, this.height] = [this.svg.clientWidth || 400, this.svg.clientHeight || 300];
    const longest = Math.max(0, ...data.lines.filter((line) => line.xs.length).map((line) => line.name.length));
    this.right = data.small ? 12 : Math.min(8 * longest + 16, 0.3 * this.width);
    const [[, left, right], [, low, high]] = [data.x, data.y];
    this.x = (value) => LEFT + ((Math.min(value, right) - left) / (right - left)) * (this.width - LEFT - this.right);
    this.y = (value) => TOP + ((high - value) / (high - low)) * (this.height - TOP - BOTTOM);
    this.svg.replaceChildren(...this.grid(), ...this.rule(), ...data.lines.flatMap((line) => this.line(line)), ...this.points(), ...this.names());
  }

  grid() {
    const { data } = this;
    const [end, floor] = [this.width - this.right, this.height - BOTTOM];
    const level = ({ value, text }) => [
      draw("line", { class: "grid", x1: LEFT, x2: end, y1: tenth(this.y(value)), y2: tenth(this.y(value)) }),
      draw("text", { class: "tick", x: LEFT - 6, y: tenth(this.y(value)) + 4, "text-anchor": "end", text })];
    const place = ({ value, text }) => draw("text", { class: "tick", x: tenth(this.x(value)), y: floor + 17, "text-anchor": "middle", text });
    return [
      ...ticksOf(data.y[1], data.y[2], this.height / 60, data.percent).flatMap(level),
      ...ticksOf(data.x[1], data.x[2], Math.min(this.width / 80, 8), false).map(place),
      draw("line", { class: "axis", x1: LEFT, x2: end, y1: floor, y2: floor }),
      draw("text", { class: "axis-name", x: end, y: floor + 36, "text-anchor": "end", text: data.x[0] }),
    ];
  }

  rule() {
    if (!this.data.rule) return [];
    const [value, text] = this.data.rule;
    const x = tenth(this.x(value));
    const tight = x + 8 * text.length > this.width;
    return [draw("line", { class: "rule", x1: x, x2: x, y1: TOP, y2: this.height - BOTTOM }), draw("text", {
      class: "rule-name", x: x + (tight ? -6 : 6), y: TOP + 12, "text-anchor": tight ? "end" : "start", text })];
  }

  line({ name, xs, ys, style, colour, dots, joined }) {
    const look = `${style} c${colour}`;
    const at = xs.map((x, i) => [tenth(this.x(x)), tenth(this.y(ys[i]))]);
    const path = joined && at.length > 1 ? [draw("path", { class: look, d: `M${at.map((place) => place.join(" ")).join("L")}` })] : [];
    const shown = dots ? at : style === "run" ? at.slice(-1) : [];
    const offset = at.length - shown.length;
    return [...path, ...shown.map(([cx, cy], i) => draw("circle", { class: look, cx, cy, r: joined && dots ? 4 : 5 }, [
      draw("title", { text: `${name}: ${short(xs[i + offset])}, ${this.data.percent ? `${short(100 * ys[i + offset])} %` : short(ys[i + offset])}` })]))];
  }

  points() {
    return this.data.points.flatMap(([x, y, text]) => [
      draw("circle", { class: "point", cx: tenth(this.x(x)), cy: tenth(this.y(y)), r: 6 }),
      draw("text", { class: "point-name", x: tenth(this.x(x)) + 10, y: tenth(this.y(y)) + 22, text })]);
  }

  names() {
    if (this.data.small) return [];
    const named = this.data.lines.filter((line) => line.name && line.xs.length).map((line) => {
      const last = line.xs.length - 1;
      return { line, x: tenth(this.x(line.xs[last])) + 10, y: this.y(line.ys[last]) + 4 };
    });
    return apart(named, GAP, TOP + 8, this.height - BOTTOM - 4).map(({ line, x, y }) => {
      const room = this.width - 8 * line.name.length;
      return draw("text", { class: `line-name c${line.colour}`, x: Math.min(x, Math.max(room, LEFT)), y: tenth(y), text: line.name });
    });
  }
}
