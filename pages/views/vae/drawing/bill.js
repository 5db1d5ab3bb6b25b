// @ts-check
// The three terms: two numbers that add up to a third, and a bar of both against what a typical test digit costs.

import { draw, make, put, tenth } from "../../../shared/live/draw.js";
import { amount } from "./words.js";

const [WIDE, HIGH] = [1000, 46];
const PARTS = /** @type {Array<[string, string, string]>} */ ([
  ["distortion", "Distortion", "E of −log p(x|z) under q"],
  ["rate", "Rate", "KL(q(z|x)‖p(z))"],
  ["cost", "Their sum", "−ELBO"],
]);

export class Bill {
  constructor() {
    this.outputs = Object.fromEntries(PARTS.map(([key]) => [key, make("output", { "data-quantity": key })]));
    const part = ([key, title, note]) => make("div", { class: `part ${key}` }, [make("h3", {}, [make("i"), title]), this.outputs[key], make("small", { text: note })]);
    this.bars = { distortion: draw("rect", { class: "distortion" }), rate: draw("rect", { class: "rate" }) };
    this.range = draw("rect", { class: "typical" });
    this.median = draw("line", { class: "median" });
    this.svg = draw("svg", { class: "bill-bar", viewBox: `0 0 ${WIDE} ${HIGH + 16}`, preserveAspectRatio: "none", role: "img" }, [
      this.range, ...Object.values(this.bars), this.median]);
    this.caption = make("p", { class: "caption" });
    this.node = make("section", { class: "bill", "aria-label": "The three terms" }, [
      make("div", { class: "parts" }, [part(PARTS[0]), make("b", { text: "+" }), part(PARTS[1]), make("b", { text: "=" }), part(PARTS[2])]), this.svg, this.caption]);
  }

  // terms: null for an empty paper. settled: computed by the server.
  show(terms, settled, typical, unit) {
    for (const [key] of PARTS) {
      put(this.outputs[key], { text: terms ? amount(terms[key], unit) : "…", "data-value": String(terms ? terms[key] * unit.per_nat : NaN), "data-state": settled ? "settled" : "preview" });
    }
    const most = Math.max(1.4 * typical.high, 1.02 * (terms?.cost ?? 0));
    const x = (nats) => tenth((nats / most) * WIDE);
    const [rate, distortion] = [terms?.rate ?? 0, terms?.distortion ?? 0];
    put(this.bars.distortion, { x: 0, width: x(distortion), y: 8, height: HIGH });
    put(this.bars.rate, { x: x(distortion), width: x(rate), y: 8, height: HIGH });
    put(this.range, { x: x(typical.low), width: x(typical.high - typical.low), y: 0, height: HIGH + 16 });
    put(this.median, { x1: x(typical.middle), x2: x(typical.middle), y1: 0, y2: HIGH + 16 });
    put(this.svg, { "aria-label": terms ? `Distortion and rate in one bar; a typical test digit costs ${amount(typical.middle, unit)} ${unit.name}` : "" });
    put(this.caption, { text: `Dashed: a typical test digit, ${amount(typical.middle, unit)} ${unit.name}; shaded: nine of ten, ${amount(typical.low, unit)} to ${amount(typical.high, unit)}.` });
  }
}
