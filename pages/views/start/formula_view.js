// @ts-check
// The large formula above scene 3: pointing at a factor lights what it measures, pointing at a bar writes its term.

import { make } from "../../shared/live/draw.js";
import { definition, worked } from "./typeset.js";
import { figure } from "./words.js";

export class FormulaView {
  constructor(light) {
    this.math = definition("width", "height");
    this.term = make("div", { class: "worked" });
    this.node = make("div", { class: "formula" }, [this.math, this.term]);
    for (const part of ["width", "height"]) {
      const node = this.math.querySelector(`.${part}`);
      node.addEventListener("pointerenter", () => light(part));
      node.addEventListener("pointerleave", () => light(null));
    }
  }

  show(opacity, state, { weather }, m) {
    const seen = Math.max(opacity, 0);
    this.node.style.opacity = seen;
    this.node.style.visibility = seen > 0.01 ? "visible" : "hidden";
    for (const part of ["width", "height"]) this.math.querySelector(`.${part}`).classList.toggle("lit", state.lit === part || state.at !== null);
    const at = m.compact ? null : state.at;
    if (this.shown === at) return;
    this.shown = at;
    this.term.replaceChildren(...(at === null ? [] : [
      make("p", { text: `For ${weather.names[at]}, the bar you point at:` }), worked(figure(weather.p[at], 2), figure(weather.q[at], 2), figure(weather.terms[at])),
    ]));
  }
}
