// @ts-check
// Levels of any sign, one an outcome: a classifier's logits, which may be dragged. They belong to a curve's own values.

import { bars, draw, fill, put, tenth } from "./draw.js";
import { short } from "./numbers.js";
import { Plot, titled } from "./plot.js";

/** @extends {Plot<import("./types").LevelsPanel>} */
export class LevelsPanel extends Plot {
  constructor(spec, curves) {
    super(spec, spec.label);
    this.bars = draw("path", { class: `gain ${curves[spec.curves[0]].style}` });
    this.words = draw("g", { class: `lengths-in-words ${curves[spec.curves[0]].style}` });
    this.handleLayer = draw("g");
    this.svg.append(this.axis); // its numbers are read over long bars
    this.marks.append(this.bars, this.words);
    this.svg.append(this.handleLayer);
    this.node = titled(spec, this.svg);
    if (spec.wide) this.node.classList.add("wide");
  }

  // Lines alone where every bar says its level itself.
  heights(range, width) {
    return super.heights(range, width, -Infinity).filter((node) => !this.roomy || node.nodeName === "line");
  }

  /** @param {import("./computed").Computed} state */
  draw(state) {
    const curve = state.curves[this.spec.curves[0]];
    const levels = curve.values[this.spec.of];
    this.roomy = !curve.handles.length && this.size().width / levels.length > 30; // a handle says its value itself
    this.frame(state, state.scene.levels);
    put(this.bars, { d: bars(levels.map((_, i) => i), levels, this.scale, 0, 1) });
    fill(this.words, "text", (this.roomy ? levels : []).map((level, i) => ({
      x: tenth(this.scale.x(i)), y: tenth(this.scale.y(level) + (level < 0 ? 14 : -5)), "text-anchor": "middle", text: short(Number(level.toFixed(1))),
    })));
  }
}
