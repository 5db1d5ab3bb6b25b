// @ts-check
// What is minimised: from forward KL (α = 1) through four times the squared Hellinger distance (α = ½) to reverse KL (α = 0), with Jensen–Shannon beside it.

import { make, put } from "../../../shared/live/draw.js";

const STOPS = [
  { alpha: 1, name: "mass-covering", detail: "forward KL", place: 0 },
  { alpha: 0.5, name: "", detail: "4 × Hellinger², α = ½", place: 0.5 },
  { alpha: 0, name: "mode-seeking", detail: "reverse KL", place: 1 },
];

export class Dial {
  /** @type {string | undefined} */
  mode;

  // chosen({mode, alpha}): "both" shows forward and reverse beside each other; "alpha" and "js" fill the canvas.
  constructor(chosen) {
    this.chosen = chosen;
    this.slider = make("input", { type: "range", min: 0, max: 1, step: 0.01, class: "alpha", "aria-label": "What is minimised: from forward KL to reverse KL" });
    this.slider.addEventListener("input", () => this.say(1 - Number(this.slider.value)));
    this.slider.addEventListener("change", () => this.chosen({ mode: "alpha", alpha: Number((1 - Number(this.slider.value)).toFixed(2)) }));
    this.ends = [make("span", { class: "end left" }), make("span", { class: "end right" })];
    this.stops = STOPS.map((stop) => {
      const node = make("button", { type: "button", class: "stop" }, [make("b", { text: stop.name }), make("span", { text: ` ${stop.detail}` })]);
      node.addEventListener("click", () => this.chosen({ mode: "alpha", alpha: stop.alpha }));
      return node;
    });
    this.both = make("button", { type: "button", class: "pill", text: "Both ends" });
    this.both.addEventListener("click", () => this.chosen({ mode: "both", alpha: 0.5 }));
    this.js = make("button", { type: "button", class: "pill", text: "Jensen–Shannon" });
    this.js.addEventListener("click", () => this.chosen({ mode: "js", alpha: 0.5 }));
    this.node = make("div", { class: "dial" }, [this.slider, ...this.ends, make("div", { class: "stops" }, this.stops)]);
    this.beside = make("div", { class: "beside" }, [this.both, this.js]);
  }

  show({ mode, alpha }) {
    this.mode = mode;
    this.node.dataset.mode = mode;
    this.slider.value = String(1 - alpha);
    put(this.both, { "aria-pressed": String(mode === "both") });
    put(this.js, { "aria-pressed": String(mode === "js") });
    this.stops.forEach((node, i) => put(node, {
      "aria-pressed": String(mode === "both" ? i !== 1 : mode === "alpha" && Math.abs(STOPS[i].alpha - alpha) < 0.005),
    }));
    this.say(alpha);
  }

  say(alpha) {
    const words = this.mode === "both" ? "both ends: forward KL and reverse KL" : `α = ${alpha.toFixed(2)}`;
    put(this.slider, { "aria-valuetext": words });
  }
}
