// @ts-check
// A sum whose terms have signs, as a stacked bar: what is added end to end, what is taken off it coming back, and what
// is left. And the force that its gradient is, as arrows at the handles. Each depends on one parameter, by a table.

import { draw, make, MARGIN, put, scales, tenth } from "./draw.js";
import { short, written4 } from "./numbers.js";
import { Plot, titled } from "./plot.js";
import { along, decode, spot } from "./tables.js";

/**
 * @param {import("./curve").Curve} curve
 * @param {import("./types").Term} term
 * @param {boolean} previewing
 */
const lookedUp = (curve, { key, at, table, value }, previewing) => {
  if (!key || !previewing) return value;
  return along(decode(table), spot(decode(at), curve.get(key)));
};

/** @extends {Plot<import("./types").TermsPanel>} */
export class TermsPanel extends Plot {
  constructor(spec) {
    super(spec, spec.label);
    this.listens = false;
    const label = (text) => draw("text", { class: "length", text });
    this.bars = spec.names.map((name, i) => ({ style: `term t${i}`, node: draw("rect"), label: label(name) }));
    this.left = { node: draw("rect", { class: "gain q" }), label: label(spec.total) };
    this.rows = ["added", "taken off", "left"].map((text) => draw("text", { class: "row-name", text }));
    this.marks.append(...this.rows, ...[...this.bars, this.left].flatMap(({ node, label }) => [node, label]));
    this.words = make("p", { class: "caption terms-in-words" });
    this.node = titled(spec, this.svg);
    this.node.append(this.words);
  }

  /** @param {import("./computed").Computed} state */
  draw(state) {
    const { curve, parts } = state.scene.terms;
    const values = parts.map((part) => lookedUp(state.curves[curve], part, state.previewing) * state.unit.per_nat);
    const added = values.reduce((sum, value) => sum + Math.max(value, 0), 0);
    const total = values.reduce((sum, value) => sum + value, 0);
    const { width, height } = this.size();
    this.scale = scales(width, height, [-0.17 * Math.max(1.1 * added, 2), Math.max(1.1 * added, 2)], [0, 3]);
    this.rows.forEach((node, i) => put(node, { x: tenth(this.scale.x(0)) - 8, y: tenth(this.scale.y(2.5 - i)) + 4 }));
    let [front, back] = [0, added];
    this.bars.forEach((bar, i) => {
      const value = values[i];
      const [from, to] = value >= 0 ? [front, front + value] : [back + value, back];
      if (value >= 0) front = to;
      else back = from;
      this.place(bar, from, to, value >= 0 ? 2 : 1, bar.style);
    });
    this.place(this.left, 0, total, 0, "term total");
    const said = this.spec.names.map((name, i) => `${name} = ${written4(values[i])}`).join(" · ");
    put(this.words, { text: `${said}; together ${written4(total)} ${state.unit.name}` });
    const zero = tenth(this.scale.x(0));
    put(this.zero, { x1: zero, x2: zero, y1: MARGIN.top, y2: height - MARGIN.bottom });
  }

  place({ node, label }, from, to, row, style) {
    const [left, right] = [this.scale.x(from), this.scale.x(Math.max(to, from))];
    const [top, bottom] = [this.scale.y(row + 0.92), this.scale.y(row + 0.08)];
    put(node, { class: style, x: tenth(left), width: tenth(right - left), y: tenth(top), height: tenth(bottom - top) });
    const fits = right - left > 8 * label.textContent.length;
    put(label, { x: tenth((left + right) / 2), y: tenth((top + bottom) / 2) + 4, visibility: fits ? "visible" : "hidden" });
  }
}

const LONGEST = 170; // pixels of an arrow
const PER_UNIT = 70; // pixels for a force of one

// Arrows from a curve's handles, as long as the force on each is large.
export const drawForces = (panel, state) => {
  const { curve, forces } = state.scene.terms;
  panel.arrows ??= forces.map(() => {
    const arrow = { line: draw("path", { class: "force" }), text: draw("text", { class: "force-name" }) };
    panel.marks.append(arrow.line, arrow.text);
    return arrow;
  });
  forces.forEach((force, i) => {
    const size = lookedUp(state.curves[curve], force, state.previewing);
    const handle = state.handles.find((other) => other.curveId === curve && other.key === force.key);
    handle.place(state.curves[curve], panel.scale, state, state.held); // it is drawn after the panel, and the arrow starts at it
    const length = Math.sign(size) * Math.min(Math.abs(size) * PER_UNIT, LONGEST);
    const there = Math.abs(length) > 6;
    for (const node of Object.values(panel.arrows[i])) put(node, { visibility: there ? "visible" : "hidden" });
    if (!there) return;
    const way = Math.sign(length);
    const [x, y] = [handle.x + 12 * way, handle.y];
    put(panel.arrows[i].line, { d: `M${tenth(x)} ${tenth(y)}h${tenth(length)}m${-8 * way} -5l${8 * way} 5l${-8 * way} 5` });
    const value = short(Number(size.toPrecision(3)));
    const tip = x + length + 8 * way;
    const room = (way > 0 ? panel.size().width - tip : tip) / 7; // letters
    const words = room > force.label.length + value.length + 3 ? `${force.label} = ${value}` : value; // on a phone the number alone
    const fits = room > words.length;
    put(panel.arrows[i].text, { text: words, ...(fits ? { x: tenth(tip), y: tenth(y + 4) } : { x: tenth(x), y: tenth(y + 24) }),
      style: `text-anchor: ${fits === way > 0 ? "start" : "end"}` });
  });
};
