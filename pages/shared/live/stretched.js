// @ts-check
// A curve of two numbers of which only the ratio counts: torch's table over β/λ, stretched by λ; and a slider for each.

import { draw, make, MARGIN, put, scales, tenth, ticks } from "./draw.js";
import { SETTLE_AFTER_KEYS } from "./handles.js";
import { segments, spots } from "./marks.js";
import { short } from "./numbers.js";
import { Plot } from "./plot.js";
import { Readout } from "./readouts.js";
import { along, decode, spot } from "./tables.js";

const dialled = (state) => {
  const { dials } = state.scene;
  state.dials ??= Object.fromEntries(Object.entries(dials).map(([name, { value }]) => [name, value]));
  return state.dials;
};

export class DialsPanel {
  /** @param {import("./types").DialsPanel} spec */
  constructor(spec, curves, uid, picture) {
    this.spec = spec;
    this.rows = Object.entries(picture.scene.dials).map(([name, { label, low, high, step, unit }]) => {
      const range = make("input", { type: "range", min: low, max: high, step, "aria-label": label });
      const output = make("output", { class: "position", "data-quantity": name });
      range.addEventListener("input", () => {
        picture.dials[name] = Number(range.value);
        picture.schedule();
      });
      range.addEventListener("change", () => this.leave(picture));
      const node = make("div", { class: "scrubber" }, [make("span", { class: "dial", text: label }), range, output]);
      return { name, unit, range, output, node };
    });
    this.node = make("section", { class: "panel dials" }, this.rows.map(({ node }) => node));
  }

  // What all were left at, once the hand or the keys have rested.
  leave(picture) {
    clearTimeout(this.left);
    this.left = setTimeout(() => picture.send({ dials: { ...picture.dials } }), SETTLE_AFTER_KEYS);
  }

  measure() {}

  /** @param {import("./computed").Computed} state */
  draw(state) {
    const values = dialled(state);
    for (const { name, unit, range, output } of this.rows) {
      if (document.activeElement !== range || Number(range.value) !== values[name]) range.value = String(values[name]);
      const words = `${unit} = ${short(values[name])}`;
      put(range, { "aria-valuetext": words });
      put(output, { text: words, "data-value": String(values[name]) });
    }
  }
}

/** @extends {Plot<import("./types").StretchedPanel>} */
export class StretchedPanel extends Plot {
  constructor(spec) {
    super(spec, spec.label);
    this.listens = false;
    this.beyond = draw("rect", { class: "beyond" });
    this.curve = draw("path", { class: "curve p solid" });
    this.dots = draw("path", { class: "curve q points" });
    this.here = draw("line", { class: "here" });
    this.now = draw("circle", { class: "dot p", r: 6 });
    this.mark = draw("text", { class: "beyond-name" });
    this.marks.append(this.beyond, this.curve, this.here, this.dots, this.now, this.mark);
    this.own = new Readout(spec);
    this.node = make("section", { class: "panel half" }, [this.own.node, this.svg]);
  }

  /** @param {import("./computed").Computed} state */
  draw(state) {
    const { lam, beta } = dialled(state);
    const { stretched, numbers, dials, unit } = state.scene;
    const { width, height } = this.size();
    const [low, high] = this.spec.range;
    const shown = this.spec.plain ? 1 : unit.per_nat;
    const per = (this.spec.tall ? lam : 1) * shown;
    this.scale = scales(width, height, [0, dials.beta.high], [low, high * shown]);
    const [ratios, table] = [decode(stretched.ratio), decode(stretched[this.spec.quantity])];
    put(this.curve, { d: segments(ratios.map((ratio) => ratio * lam), table.map((value) => value * per), this.scale) });
    this.drawCollapse(lam, width, height);
    const settled = lam === dials.lam.value && beta === dials.beta.value;
    const value = settled ? Number(numbers[this.spec.quantity].value) : along(table, spot(ratios, beta / lam)) * (this.spec.tall ? lam : 1);
    const x = tenth(this.scale.x(beta));
    put(this.here, { x1: x, x2: x, y1: MARGIN.top, y2: height - MARGIN.bottom });
    put(this.now, { cx: x, cy: tenth(this.scale.y(value * shown)) });
    this.own.show({ value, settled, unit, status: `exact${beta >= lam ? "; collapsed: the decoder ignores z" : ""}` });
    this.drawTrained(lam, stretched.trained, shown);
    const marked = ticks([0, dials.beta.high], Math.floor(width / 70));
    this.axis.replaceChildren(...this.heights([low, high * shown], width, 0), ...marked.map((value, i) => draw("text", {
      x: tenth(this.scale.x(value)), y: height - 6, text: i ? short(value) : "β = 0",
      "text-anchor": i ? i < marked.length - 1 ? "middle" : "end" : "start",
    })));
  }

  drawCollapse(lam, width, height) {
    const x = tenth(this.scale.x(lam));
    put(this.beyond, { x, width: Math.max(width - x, 0), y: MARGIN.top, height: height - MARGIN.top - MARGIN.bottom });
    const roomy = width - x > 150;
    put(this.mark, { x: roomy ? x + 6 : x - 6, y: MARGIN.top + 16, style: `text-anchor: ${roomy ? "start" : "end"}`,
      text: `collapse from β = λ/σ² = ${short(lam)}` });
  }

  // Of networks that were trained on data of this very variance; while it moves there are none.
  drawTrained(lam, trained, per) {
    const there = trained?.lam === lam;
    put(this.dots, { visibility: there ? "visible" : "hidden" });
    if (!there) return;
    const heights = decode(trained[this.spec.quantity]).map((value) => value * per);
    put(this.dots, { d: spots(decode(trained.at), heights, this.scale) });
  }
}
