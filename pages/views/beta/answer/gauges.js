// @ts-check
// Two gauges from a common zero: the reward model's score, and the true reward.

import { make, put } from "../../../shared/live/draw.js";
import { signed } from "./verdict.js";

export class Gauge {
  constructor(name, title, detail) {
    this.output = make("output", { "data-quantity": name });
    this.detail = make("span", { text: detail });
    this.bar = make("i");
    this.zero = make("s");
    this.node = make("div", { class: `gauge ${name}` }, [
      make("div", { class: "gauge-head" }, [make("b", { text: title }), this.detail, this.output]),
      make("div", { class: "bar" }, [this.bar, this.zero]),
    ]);
  }

  // range: [lowest, highest] over both gauges, so that they compare.
  show(value, [low, high]) {
    const at = (reward) => (100 * (reward - low)) / (high - low);
    put(this.output, { text: signed(value), "data-value": String(value), "data-state": "settled" });
    this.zero.style.left = `${at(0)}%`;
    this.bar.style.left = `${at(Math.min(value, 0))}%`;
    this.bar.style.width = `${Math.abs(at(value) - at(0))}%`;
  }
}
