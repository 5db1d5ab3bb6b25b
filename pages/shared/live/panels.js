// @ts-check
// The panels of a picture: curves (with handles), integrands and readouts. Each builds its elements once and then
// only moves them.

import { bars, draw, fill, filled, line, make, MARGIN, put, tenth, ticks } from "./draw.js";
import { short } from "./numbers.js";
import { Plot, titled } from "./plot.js";
import { Readout } from "./readouts.js";
import { drawForces } from "./terms.js";

const hatch = (id) =>
  draw("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, [
    draw("rect", { class: "hatch-ground", width: 6, height: 6 }),
    draw("line", { class: "hatch-line", x1: 0, y1: 0, x2: 0, y2: 6 }),
  ]);

// A curve's peaks of at least half its height, from left to right; a table may have a place twice.
export const peaksOf = (density) => {
  const height = (i) => (Number.isFinite(density[i]) ? density[i] : 0);
  const peaks = [];
  let best = 0;
  let top = 0;
  for (let i = 1; i <= density.length; i += 1) {
    const risen = i < density.length ? height(i) - height(i - 1) : -1;
    if (risen > 0) top = i;
    else if (risen < 0 && top !== null) {
      peaks.push(top);
      best = Math.max(best, height(top));
      top = null;
    }
  }
  return peaks.filter((i) => height(i) >= best / 2);
};

/** @extends {Plot<import("./types").CurvesPanel>} */
export class CurvesPanel extends Plot {
  constructor(spec, curves, uid) {
    super(spec, spec.label);
    this.paths = spec.curves.map((id) => {
      const style = curves[id].style;
      const fill = draw("path", { class: `fill ${style}` });
      const stroke = draw("path", { class: `curve ${style}`, "data-curve": id });
      const name = draw("text", { class: `name ${style}`, text: curves[id].label });
      this.marks.append(fill, stroke, name);
      return { id, fill, stroke, name };
    });
    this.svg.prepend(draw("defs", {}, [hatch(`${uid}-hatch`)]));
    this.handleLayer = draw("g");
    this.svg.append(this.handleLayer);
    this.caption = make("p", { class: "caption" });
    const head = spec.title ? [make("h3", { text: spec.title }), this.caption] : [];
    this.node = make("section", { class: `panel ${spec.half ? "half" : ""} ${spec.wide ? "wide" : ""}` }, [...head, this.svg]);
  }

  /** @param {import("./computed").Computed} state */
  draw(state) {
    this.frame(state, [0, state.top]);
    put(this.caption, { text: state.scene.captions?.[this.spec.caption] ?? "" });
    this.paths.forEach(({ id, fill, stroke, name }, slot) => {
      const there = Boolean(state.at[id]);
      for (const node of [fill, stroke, name]) put(node, { visibility: there ? "visible" : "hidden" });
      if (!there) return;
      const { density } = state.at[id];
      const path = state.discrete
        ? bars(state.xs, density, this.scale, slot, this.paths.length)
        : line(state.xs, density, this.scale);
      put(stroke, { d: path });
      if (state.curves[id].filled) put(fill, { d: state.discrete ? path : filled(path, this.scale) });
      this.drawName(state, name, density, slot);
    });
    if (this.spec.forces) drawForces(this, state);
  }

  // The curve's own label sits at a peak, on the side away from the other curve; where exactly, `placeLabels` says.
  drawName(state, name, density, slot) {
    const peaks = peaksOf(density);
    const best = peaks.reduce((highest, other) => (density[other] > density[highest] ? other : highest));
    const lower = (i) => 1 - density[i] / density[best] || 0;
    Object.assign(this.paths[slot], {
      side: slot ? 1 : -1, peaks: state.discrete ? null : peaks.map((i) => [this.scale.x(state.xs[i]), this.scale.y(density[i]), lower(i)]),
    });
    if (!state.discrete) return;
    const x = this.scale.x(state.xs[best]);
    const { width } = this.size();
    const aside = state.slots[this.paths[slot].id] * 0.4 * this.scale.perX;
    const inside = (0.8 * this.scale.perX) / this.paths.length > 17; // else on top of its bar, whose edges would strike it
    const y = inside ? this.scale.y(0) - 8 : Math.max(this.scale.y(density[best]) - 5, MARGIN.top + 12);
    put(name, { x: tenth(Math.min(Math.max(x + aside, 14), width - 14)), y: tenth(y) });
  }
}

// How long each outcome's ideal code word is under each curve: −log of its probability, in the unit on screen.
/** @extends {Plot<import("./types").LengthsPanel>} */
export class LengthsPanel extends Plot {
  constructor(spec, curves) {
    super(spec, spec.title);
    this.rows = spec.curves.map((id) => {
      const row = { id, bar: draw("path", { class: `gain ${curves[id].style}` }), words: draw("g", { class: `lengths-in-words ${curves[id].style}` }) };
      this.marks.append(row.bar, row.words);
      return row;
    });
    this.node = titled(spec, this.svg);
  }

  /** @param {import("./computed").Computed} state */
  draw(state) {
    const lengths = this.rows.map(({ id }) => state.at[id].log.map((log) => -log * state.unit.per_nat));
    const most = Math.max(...lengths.flatMap((row) => [...row].filter(Number.isFinite)), 1e-9);
    this.frame(state, [0, 1.2 * most]);
    this.rows.forEach(({ bar, words }, slot) => {
      put(bar, { d: bars(state.xs, lengths[slot].map((length) => (Number.isFinite(length) ? length : 0)), this.scale, slot, 2) });
      const wide = 0.4 * this.scale.perX;
      fill(words, "text", wide < 30 ? [] : [...lengths[slot]].map((length, i) => ({
        x: tenth(this.scale.x(state.xs[i]) + (slot - 0.5) * wide), "text-anchor": "middle",
        y: tenth(this.scale.y(Number.isFinite(length) ? length : 0) - 5),
        text: Number.isFinite(length) ? length.toFixed(2) : "∞",
      })));
    });
  }
}

/** @extends {Plot<import("./types").IntegrandPanel>} */
export class IntegrandPanel extends Plot {
  constructor(spec, curves) {
    super(spec, `${spec.title}: what each place contributes`);
    this.positive = draw("path", { class: `gain ${curves[spec.p].style}`, "data-curve": `${spec.quantity}_contribution` });
    this.negative = draw("path", { class: `loss ${curves[spec.p].style}` });
    this.cutOff = draw("text", { class: "cut-off", y: 10, "text-anchor": "end" });
    this.marks.append(this.positive, this.negative, this.cutOff);
    this.readout = new Readout(spec, curves[spec.p].style);
    this.node = make("section", { class: `direction ${curves[spec.p].style}` }, [this.readout.node, make("div", { class: "under" }, this.under(spec))]);
  }

  // The chart below its title, where it has one; why a number is infinite stands there, and else lies over the chart.
  under({ chart, chart_note: note }) {
    if (!chart) return [this.svg, this.readout.reason];
    return [
      make("h3", { text: chart }),
      make("div", { class: "chart-note" }, [this.readout.reason, make("p", { class: "caption", text: note })]), this.svg,
    ];
  }

  // Contributions are in the unit on screen, like the number above them. Where all there is to see is infinite, or 0, a
  // scale would be made up.
  /**
   * @param {import("./computed").Computed} state
   * @param {number[]} range
   * @returns {Array<[number, string]>}
   */
  marked({ unit }, range) {
    const marks = ticks(range.map((value) => value * unit.per_nat), 5).filter((value) => value > 1e-290);
    return marks.map((value) => [value / unit.per_nat, short(value)]);
  }

  /** @param {import("./computed").Computed} state */
  draw(state) {
    this.frame(state, state.contributionRange);
    const values = state.contributions[this.spec.quantity];
    const top = state.contributionRange[1];
    const gain = values.map((value) => (value > 0 ? Math.min(value, 2 * top) : 0));
    const loss = values.map((value) => (value < 0 ? value : 0));
    const path = state.discrete ? (heights) => bars(state.xs, heights, this.scale, 0, 1) : (heights) => filled(line(state.xs, heights, this.scale), this.scale);
    put(this.positive, { d: path(gain) });
    put(this.negative, { d: path(loss) });
    this.sayCutOff(state, values, top);
  }

  // The range leaves room for the other direction: what it cuts off says how high it goes.
  sayCutOff({ xs, view, unit }, values, top) {
    let peak = 0;
    for (let i = 0; i < values.length; i += 1) {
      if (values[i] > peak && Number.isFinite(values[i]) && xs[i] >= view[0] && xs[i] <= view[1]) peak = values[i];
    }
    put(this.cutOff, { x: this.size().width - 2, text: peak > top ? `cut off; goes up to ${Number((peak * unit.per_nat).toPrecision(3))} ↑` : "" });
  }
}
