// @ts-check
// log p(x) as one bar: the ELBO, what a better Gaussian would add, what no Gaussian reaches.

import { draw, make, put, tenth, ticks } from "../../../shared/live/draw.js";
import { written4 } from "../../../shared/live/numbers.js";
import { gapInWords } from "./words.js";

const [TOP, HIGH, SIDE] = [26, 44, 2];
const GAP = "KL(q‖p(z|x))";
const teeth = [0, 1, 2, 3, 4];

const hatch = () => draw("defs", {}, [draw("pattern", { id: "elbo-hatch", width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, [
  draw("rect", { width: 7, height: 7, class: "hatch-ground" }), draw("line", { x1: 0, x2: 0, y1: 0, y2: 7, class: "hatch-line" })])]);

export class Bar {
  /** @type {any} */
  told = null;

  constructor() {
    this.svg = draw("svg", { class: "whole", role: "img" });
    this.parts = Object.fromEntries(["evidence", "gap", "approximation", "amortisation", "elbo"].map((kind) => [kind, {
      name: make("b"), value: make("output", { "data-quantity": kind }), note: make("small"),
    }]));
    this.key = make("div", { class: "parts" }, Object.entries(this.parts).map(([kind, { name, value, note }]) =>
      make("div", { class: kind }, [make("i"), make("span", {}, [name, value]), note])));
    this.node = make("div", { class: "bar" }, [this.svg, this.key]);
    new ResizeObserver(() => this.told && this.draw()).observe(this.svg);
  }

  // told: {evidence, best, elbo, encoder, unit, byEncoder}
  show(told) {
    this.told = told;
    this.draw();
  }

  draw() {
    const { evidence, elbo, encoder, unit } = this.told;
    const [width, height] = [this.svg.clientWidth || 600, this.svg.clientHeight || 94];
    // The ELBO's own end is cut off: the bar begins as far below log p(x) as shows the encoder's gap with some ELBO before it.
    const low = evidence - Math.max(2.6 * (evidence - encoder), 3);
    const share = (value) => Math.max(value - low, 0) / (evidence - low);
    const marks = (count) => ticks([low * unit.per_nat, evidence * unit.per_nat], count).map((value) => ({ share: share(value / unit.per_nat), text: written4(value).replace(/\.0+$/, "") }));
    const drawn = { low, share, from: share(elbo), width, height };
    this.svg.replaceChildren(hatch(), ...(height > width ? this.upright({ ...drawn, marks: marks(height / 70) }) : this.flat({ ...drawn, marks: marks(Math.min(width / 110, 8)) })));
    put(this.svg, { "aria-label": `log p(x) ${written4(evidence * unit.per_nat)} is the ELBO ${written4(elbo * unit.per_nat)} plus a gap of ${gapInWords(evidence - elbo, unit)} ${unit.name}` });
    this.tell();
  }

  parted(share) {
    const { evidence, best, elbo } = this.told;
    return /** @type {[string, number, number][]} */ ([["elbo", 0, share(elbo)], ["amortisation", share(elbo), share(best)], ["approximation", share(best), share(evidence)]]);
  }

  flat({ share, from, width, marks }) {
    const x = (part) => tenth(SIDE + part * (width - 2 * SIDE));
    const [left, right] = [x(from), x(1)];
    return [
      ...this.parted(share).map(([kind, start, end]) => draw("rect", { class: kind, x: x(start), width: Math.max(tenth(x(end) - x(start)), 0), y: TOP, height: HIGH })),
      ...(from > 0 ? [draw("path", { class: "cut", d: `M${SIDE - 2} ${TOP - 1}L${SIDE + 6} ${TOP}${teeth.map((i) => `L${SIDE + (i % 2 ? 0 : 6)} ${TOP + ((i + 1) * HIGH) / 5}`).join("")}L${SIDE - 2} ${TOP + HIGH + 1}Z` })] : []),
      draw("line", { class: "end", x1: right, x2: right, y1: TOP - 8, y2: TOP + HIGH + 8 }),
      draw("text", { class: "over", x: right, y: TOP - 12, "text-anchor": "end", text: "log p(x)" }),
      ...(right - left > 190 ? [draw("text", { class: "over gap", x: tenth((left + right - 70) / 2), y: TOP - 12, "text-anchor": "middle", text: GAP })] : []),
      ...marks.flatMap(({ share: at, text }) => [draw("line", { class: "notch", x1: x(at), x2: x(at), y1: TOP + HIGH, y2: TOP + HIGH + 5 }),
        draw("text", { class: "tick", x: x(at), y: TOP + HIGH + 20, "text-anchor": x(at) < 20 ? "start" : x(at) > width - 20 ? "end" : "middle", text })]),
    ];
  }

  upright({ share, from, width, height, marks }) {
    const [left, right] = [44, width - 4];
    const y = (part) => tenth(height - SIDE - part * (height - TOP - SIDE));
    const [end, floor, across] = [y(1), y(0), (right - left) / 5];
    return [
      ...this.parted(share).map(([kind, start, stop]) => draw("rect", { class: kind, x: left, width: right - left, y: y(stop), height: Math.max(tenth(y(start) - y(stop)), 0) })),
      ...(from > 0 ? [draw("path", { class: "cut", d: `M${left - 1} ${floor + 2}L${left} ${floor - 6}${teeth.map((i) => `L${tenth(left + (i + 1) * across)} ${floor - (i % 2 ? 6 : 0)}`).join("")}L${right + 1} ${floor + 2}Z` })] : []),
      draw("line", { class: "end", x1: left - 6, x2: right + 4, y1: end, y2: end }),
      draw("text", { class: "over", x: right, y: TOP - 9, "text-anchor": "end", text: "log p(x)" }),
      ...marks.flatMap(({ share: at, text }) => [draw("line", { class: "notch", x1: left - 5, x2: left, y1: y(at), y2: y(at) }),
        draw("text", { class: "tick", x: left - 8, y: y(at) + 4, "text-anchor": "end", text })]),
    ];
  }

  tell() {
    const { evidence, best, elbo, unit, byEncoder, error } = this.told;
    const write = (kind, name, value, note) => {
      const part = this.parts[kind];
      put(part.name, { text: name });
      put(part.value, { text: value.text, "data-value": String(value.of), "data-state": this.told.settled ? "settled" : "preview" });
      put(part.note, { text: note });
    };
    const gap = (value) => ({ of: value, text: gapInWords(value, unit) });
    write("gap", GAP, { of: evidence - elbo, text: gapInWords(evidence - elbo, unit) }, "what the ELBO leaves out: the two gaps");
    write("elbo", "ELBO", { of: elbo, text: written4(elbo * unit.per_nat) }, "E[log p(x|z)] − KL(q‖p(z))");
    write("amortisation", byEncoder ? "Amortisation gap" : "Gap to the best q", gap(best - elbo), byEncoder ? "the encoder’s q against the best Gaussian" : "a better q closes it");
    write("approximation", "Approximation gap", gap(evidence - best), "no Gaussian with axes along z₁, z₂ closes it");
    write("evidence", "log p(x)", { of: evidence, text: `${written4(evidence * unit.per_nat)} ${unit.name}` }, error);
  }
}
