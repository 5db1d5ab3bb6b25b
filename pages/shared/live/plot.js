// @ts-check
// What every plot shares: its frame, axes, the infinite region and the cursor.

import { draw, make, MARGIN, put, scales, tenth, ticks } from "./draw.js";
import { short } from "./numbers.js";

export const cut = (text, room) => (text.length <= room ? text : `${text.slice(0, Math.max(room - 1, 1))}${room > 2 ? "…" : ""}`);

// A plot below its title.
export const titled = (spec, svg) => make("section", { class: `panel ${spec.half ? "half" : ""}` }, [
  ...(spec.title ? [make("h3", { text: spec.title })] : []), ...(spec.note ? [make("p", { class: "caption", text: spec.note })] : []), svg,
]);

/** @template {import("./types").Panel} Spec */
export class Plot {
  /** @param {Spec} spec */
  constructor(spec, name) {
    this.spec = spec;
    this.listens = spec.kind !== "chart"; // to hands and to the pointer
    this.axis = draw("g", { class: "axis" });
    this.marks = draw("g");
    this.region = draw("path", { class: "region", "data-region": "infinite" });
    this.zero = draw("line", { class: "zero" });
    this.cursor = draw("line", { class: "cursor" });
    this.svg = draw("svg", { class: `plot ${spec.kind}`, role: "group", "aria-label": name }, [
      this.axis, this.region, this.marks, this.zero, this.cursor,
    ]);
  }

  size() {
    // The same answer for the whole frame: reading layout between writes would force it anew each time.
    return { width: this.width ?? 600, height: this.height ?? 200 };
  }

  measure() {
    this.width = this.svg.clientWidth || 600;
    this.height = this.svg.clientHeight || 200;
    this.type = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  }

  frame(state, range) {
    const { width, height } = this.size();
    this.scale = scales(width, height, state.view, range);
    const signature = `${width} ${height} ${state.view} ${range} ${state.names} ${state.unit.name}`;
    if (signature !== this.drawnAxis) this.drawAxis(state, width, height, range);
    this.drawnAxis = signature;
    const y = tenth(this.scale.y(0));
    put(this.zero, { x1: 0, x2: width, y1: y, y2: y });
    this.drawRegion(state);
    this.drawCursor(state, height);
  }

  drawAxis(state, width, height, range) {
    const values = state.discrete && state.names
      ? state.names.map((_, k) => k)
      : ticks(state.view, Math.max(3, Math.floor(width / 60)), state.discrete);
    const inside = values.filter((value) => Math.abs(this.scale.x(value) - width / 2) < width / 2 - 12);
    const room = Math.max(Math.floor(this.scale.perX / 7), 1); // letters that fit below one outcome
    this.axis.replaceChildren(...this.heights(range, width, 1e-300, this.marked(state, range)), ...inside.map((value) => draw("text", {
      x: tenth(this.scale.x(value)), y: height - 6, "text-anchor": "middle",
      text: state.names ? cut(state.names[value] ?? "", room) : short(value),
    })));
  }

  // The numbers of the vertical scale and what stands for each, where they are not those of the range itself.
  /**
   * @param {import("./computed").Computed} state
   * @param {number[]} range
   * @returns {Array<[number, string]> | null}
   */
  marked(state, range) { // eslint-disable-line no-unused-vars
    return null;
  }

  // The vertical scale: a few numbers and faint lines.
  heights(range, width, least = 1e-300, marked = null) {
    const values = marked ?? ticks(range, 5).filter((value) => value >= least).map((value) => [value, short(value)]);
    const inside = values.filter(([value]) => value >= range[0] && this.scale.y(value) > MARGIN.top + 4);
    return inside.flatMap(([value, text]) => {
      const y = tenth(this.scale.y(value));
      return [draw("line", { class: "grid", x1: 0, x2: width, y1: y, y2: y }), draw("text", { x: 2, y: y - 3, text })];
    });
  }

  drawRegion(state) {
    const { height } = this.size();
    const spans = this.spec.kind === "integrand" ? state.regions[this.spec.quantity] ?? [] : Object.values(state.regions).flat();
    put(this.region, {
      d: spans.map(([low, high]) => {
        const left = tenth(this.scale.x(low));
        return `M${left} ${MARGIN.top}H${tenth(Math.max(this.scale.x(high), left + 2))}V${height - MARGIN.bottom}H${left}Z`;
      }).join(""),
    });
  }

  drawCursor(state, height) {
    if (state.cursor === null) return put(this.cursor, { visibility: "hidden" });
    const x = tenth(this.scale.x(state.cursor));
    return put(this.cursor, { visibility: "visible", x1: x, x2: x, y1: MARGIN.top, y2: height - MARGIN.bottom });
  }
}
