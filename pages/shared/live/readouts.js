// @ts-check
// Numbers in words and as lengths: what each is, its value, its unit, and whether it is exact or a preview.

import { draw, make, put, tenth } from "./draw.js";
import { written4 } from "./numbers.js";

// A few digits to read; all of them in the data and, once they stay, on hover.
const show = (node, value, settled) => put(node, {
  text: written4(value), title: settled ? String(value) : "", "data-value": String(value), "data-state": settled ? "settled" : "preview",
});

// One number: what it is, its value, its unit, and whether it is exact or a preview.
export class Readout {
  constructor(spec, style = "") {
    this.spec = spec;
    this.output = make("output", { "data-quantity": spec.quantity });
    this.unit = make("span", { class: "unit" });
    this.status = make("span", { class: "status" });
    this.reason = make("p", { class: "reason" });
    this.node = make("header", { class: `readout ${style} ${spec.size ?? ""}` }, [
      make("span", { class: "title", text: spec.title }),
      make("span", { class: "note", text: spec.note ?? "" }),
      make("span", { class: "number" }, [make("span", {}, [this.output, this.unit])]),
      this.status,
    ]);
  }

  /** @param {{ value: number, settled: boolean, unit: import("./types").Unit, status?: string, reason?: string, about?: string }} said */
  show({ value, settled, status, reason, unit, about }) {
    const scaled = this.spec.plain ? value : value * unit.per_nat;
    show(this.output, scaled, settled);
    if (this.spec.whole && Number.isFinite(scaled)) put(this.output, { text: String(Math.round(scaled)) });
    const plain = about === undefined ? "" : `for ${about}`;
    put(this.unit, { text: this.spec.plain ? plain : unit.name });
    put(this.status, { text: settled ? status ?? "" : "preview" });
    put(this.reason, { text: reason ?? "" });
  }
}

// Cross-entropy as entropy plus KL: two lengths end to end. A differential entropy may be negative; then the two lie
// below each other, the second beginning where the first has ended.
export class StackPanel {
  constructor(spec) {
    this.spec = spec;
    const label = (text) => draw("text", { class: "length", text });
    this.bars = ["entropy", "extra"].map((kind, i) => ({
      rect: draw("rect", { class: `${kind} ${spec.style}` }), label: label(spec.names[i].split(" ").pop()),
    }));
    this.zero = draw("line", { class: "zero" });
    this.svg = draw("svg", { class: "plot stack", "aria-hidden": "true" }, [
      ...this.bars.flatMap(({ rect, label: text }) => [rect, text]), this.zero,
    ]);
    this.words = make("p", { class: "sum" });
    // KL has its own, larger readout: here it is only a word of the sum.
    this.parts = [...spec.parts, spec.total].map((quantity, i) => {
      const output = i === 1 ? make("b") : make("output", { "data-quantity": quantity });
      return { quantity, output };
    });
    this.unit = make("span");
    const [entropy, extra, total] = this.parts.map((part) => part.output);
    const dash = (text) => make("span", { text });
    this.words.append(dash(`${spec.names[2]} `), total, dash(` = ${spec.names[0]} `), entropy, dash(` + ${spec.names[1]} `), extra, this.unit);
    this.node = make("div", { class: `stacked ${spec.style}` }, [this.svg, this.words]);
  }

  measure() {
    this.width = this.svg.clientWidth || 300;
  }

  /** @param {import("./computed").Computed} state */
  draw(state) {
    const values = this.parts.map(({ quantity }) => state.numbers[quantity]);
    this.parts.forEach(({ output }, i) => show(output, values[i].value * state.unit.per_nat, values[i].settled));
    put(this.unit, { text: ` ${state.unit.name}` });
    const [low, high] = state.stackRange;
    const x = (value) => tenth(((Math.min(Math.max(value, low), high) - low) / (high - low)) * (this.width ?? 300));
    const [entropy, extra] = values.map(({ value }) => value);
    const below = entropy < 0;
    [[0, entropy], [entropy, entropy + extra]].forEach(([from, to], i) => {
      const [left, right] = [x(Math.min(from, to)), x(Math.max(from, to))];
      const { rect, label } = this.bars[i];
      put(rect, { x: left, width: tenth(right - left), y: below ? 2 + 12 * i : 4, height: below ? 10 : 18 });
      put(label, { x: tenth((left + right) / 2), y: below ? 11 + 12 * i : 17, visibility: right - left > 52 ? "visible" : "hidden" });
    });
    put(this.zero, { x1: x(0), x2: x(0), y1: 0, y2: 26 });
  }
}
