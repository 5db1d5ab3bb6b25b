// @ts-check
// The importance-weighted bound against the number of samples: dots with their errors, log p(x) as the line above.

import { draw, make, put, tenth, ticks } from "../../../shared/live/draw.js";
import { short, written4 } from "../../../shared/live/numbers.js";
import { importanceInWords } from "./words.js";

const [LEFT, TOP, BOTTOM, RIGHT] = [44, 24, 34, 14];

export class Several {
  /** @type {any} */
  told = null;

  constructor() {
    this.svg = draw("svg", { class: "several", role: "img" });
    this.said = make("p", { class: "note" });
    this.node = make("div", {}, [make("h3", { text: "IWAE: average k samples inside the log" }), this.svg, this.said]);
    new ResizeObserver(() => this.told && this.draw()).observe(this.svg);
  }

  // told: {counts, mean, error, evidence, low, unit, settled}
  show(told) {
    this.told = told;
    this.draw();
  }

  draw() {
    const { counts, mean, error, evidence, low, unit, settled } = this.told;
    const [width, height] = [this.svg.clientWidth || 400, this.svg.clientHeight || 200];
    const span = Math.max(evidence - low, 0.5);
    const [floor, roof] = [evidence - 1.25 * span, evidence + 0.06 * span];
    const x = (k) => tenth(LEFT + 16 + (k / (counts.length - 1)) * (width - LEFT - RIGHT - 32));
    const y = (value) => tenth(Math.min(TOP + ((roof - value) / (roof - floor)) * (height - TOP - BOTTOM), height - BOTTOM + 6));
    const levels = ticks([floor * unit.per_nat, roof * unit.per_nat], 4);
    this.svg.replaceChildren(
      ...levels.flatMap((value) => [draw("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(value / unit.per_nat), y2: y(value / unit.per_nat) }),
        draw("text", { class: "tick", x: LEFT - 8, y: y(value / unit.per_nat) + 4, "text-anchor": "end", text: short(value) })]),
      draw("line", { class: "limit", x1: LEFT, x2: width - RIGHT, y1: y(evidence), y2: y(evidence) }),
      draw("text", { class: "limit-name", x: LEFT + 4, y: y(evidence) - 7, text: "log p(x): the limit, exact" }),
      draw("path", { class: settled ? "rise" : "rise preview", d: `M${mean.map((value, k) => `${x(k)} ${y(value)}`).join("L")}` }),
      ...mean.flatMap((value, k) => [
        draw("line", { class: "whisker", x1: x(k), x2: x(k), y1: y(value - error[k]), y2: y(value + error[k]) }),
        draw("circle", { class: k ? "sampled" : "sampled first", cx: x(k), cy: y(value), r: 5 }, [draw("title", { text: `k = ${counts[k]}: ${written4(value * unit.per_nat)} ${unit.name}` })])]),
      draw("text", { class: "first-name", x: x(0) - 6, y: y(mean[0]) + 21, text: "ELBO, exact" }),
      ...counts.map((count, k) => draw("text", { class: "tick", x: x(k), y: height - 12, "text-anchor": "middle", text: k ? String(count) : "k = 1" })),
    );
    put(this.svg, { "aria-label": `The bound against the number of samples, from ${written4(mean[0] * unit.per_nat)} to ${written4(mean[mean.length - 1] * unit.per_nat)} ${unit.name}; log p(x) is ${written4(evidence * unit.per_nat)}` });
    put(this.said, { text: settled ? importanceInWords({ counts, mean, error }, evidence, unit) : "preview: from 2048 samples" });
  }
}
