// @ts-check
// Curves of a settled kind: against the scrubber's own number, with a mark at where it stands, or against any other.

import { draw, MARGIN, put, scales, tenth, ticks } from "./draw.js";
import { lineOfMark, placeEnds, placeMarks } from "./labels.js";
import { columns, segments, spots, whiskers } from "./marks.js";
import { short } from "./numbers.js";
import { Plot, titled } from "./plot.js";
import { along, decode } from "./tables.js";

const RING = 10; // pixels: around a dot that stands there

/** @extends {Plot<import("./types").ChartPanel>} */
export class ChartPanel extends Plot {
  /** @type {import("./types").Chart | null} what is drawn, and for which size */
  drawn = null;

  laid = "";

  constructor(spec) {
    super(spec, spec.label);
    // Words after every line, so that none strikes them through.
    const words = draw("g");
    this.lines = spec.series.map(({ style, label }) => {
      const node = draw("path", { class: `curve ${style}` });
      const name = draw("text", { class: `name small ${style}`, text: label });
      this.marks.append(node);
      words.append(name);
      return { node, name };
    });
    this.thresholds = draw("g", { class: "thresholds" });
    this.thresholdWords = draw("g", { class: "thresholds" });
    this.whiskers = draw("g");
    this.leaders = draw("g");
    this.here = draw("line", { class: "here" });
    this.dots = draw("g");
    this.svg.append(this.whiskers, this.leaders, this.thresholds, this.here, this.thresholdWords, words, this.dots);
    this.node = titled(spec, this.svg);
  }

  /** @param {import("./computed").Computed} state */
  draw(state) {
    const chart = state.scene.charts[this.spec.name];
    const { width, height } = this.size();
    this.scale = scales(width, height, chart.x_range, chart.y_range);
    const frame = chart.frames ? Math.round(state.position) : 0;
    const signature = `${width} ${height} ${frame}`;
    if (chart !== this.drawn || signature !== this.laid) this.lay(chart, width, height, frame);
    [this.drawn, this.laid] = [chart, signature];
    if (!state.tracks || chart.frames || chart.together) return;
    // Where the scrubber stands, on an axis of its own number or of another that goes with it.
    const places = chart.places ? decode(chart.places) : state.tracks.values;
    const x = tenth(this.scale.x(along(places, state.position)));
    put(this.here, { x1: x, x2: x, y1: MARGIN.top, y2: height - MARGIN.bottom });
    this.dots.replaceChildren(...(chart.dots ?? []).map((i) => draw("circle", {
      class: `dot ${this.spec.series[i].style}`, r: 6, cx: x, cy: tenth(this.scale.y(along(decode(chart.series[i].y), state.position))),
    })));
  }

  // frame: which of a chart's tables of ys, one for every place of the scrubber.
  lay(chart, width, height, frame) {
    const drawn = [];
    /** @type {Float64Array | undefined} of bars on one another */
    let floors;
    chart.series.forEach(({ x, y }, i) => {
      const xs = decode(x);
      const ys = chart.frames ? decode(y, Float32Array).subarray(frame * xs.length, (frame + 1) * xs.length) : decode(y);
      const [slot, slots] = chart.together || chart.stacked ? [0, 1] : [i, chart.series.length];
      const path = chart.bars ? columns(xs, ys, this.scale, slot, slots, floors)
        : chart.points?.includes(i) ? spots(xs, ys, this.scale, this.spec.series[i].style.includes("ring") ? RING : undefined) : segments(xs, ys, this.scale);
      put(this.lines[i].node, { d: path });
      if (chart.stacked) floors = Float64Array.from(ys, (y, k) => (floors?.[k] ?? 0) + y);
      const places = Array.from(xs, (value, k) => [this.scale.x(value), this.scale.y(ys[k])]);
      if (!chart.bars) drawn.push(places.filter(([, at]) => Number.isFinite(at)));
      this.name(this.lines[i].name, xs, ys, width, chart, chart.name_at?.[i]);
      if (chart.stacked) put(this.lines[i].name, { visibility: "visible", style: "text-anchor: end", x: width - 10, y: MARGIN.top + 20 * (chart.series.length - i) });
    });
    this.whiskers.replaceChildren(...chart.series.flatMap(({ x, y, error }, i) => (error ? [draw("path", {
      class: `whisker ${this.spec.series[i].style}`, d: whiskers(decode(x), decode(y), decode(error), this.scale, chart.bars ? i : 0, chart.bars ? chart.series.length : 1),
    })] : [])));
    if (chart.arrows) {
      this.dots.replaceChildren(...chart.series.map(({ x, y }, i) => draw("circle", {
        class: `dot ${this.spec.series[i].style}`, r: 5, cx: tenth(this.scale.x(decode(x)[1])), cy: tenth(this.scale.y(decode(y)[1])),
      })));
    }
    const marks = (chart.marks ?? []).map(({ x, label }) => ({ label, x: this.scale.x(x), left: beside(this.scale.x(x), label, width, this.type) }));
    const taken = placeMarks(marks, drawn, chart.marks_on_top, height, this.type);
    this.thresholds.replaceChildren(...marks.map((mark) => {
      const [y1, y2] = lineOfMark(mark, marks, height, this.type);
      return draw("line", { x1: tenth(mark.x), x2: tenth(mark.x), y1: tenth(y1), y2: tenth(y2) });
    }));
    this.thresholdWords.replaceChildren(...marks.map(({ left, y, label }) => draw("text", { x: left, y, text: label })));
    const leaders = chart.arrows || chart.bars ? [] : placeEnds(this.lines.map(({ name }) => name), drawn, taken, width, height - MARGIN.bottom, this.type);
    this.leaders.replaceChildren(...leaders.map(({ name, x, from, to }) => draw("line", {
      class: `leader ${name.getAttribute("class")}`, x1: tenth(x), x2: tenth(x), y1: tenth(from), y2: tenth(to) })));
    const marked = chart.x_ticks ?? ticks(chart.x_range, Math.floor(width / 70)).map((value) => [value, short(value)]);
    this.axis.replaceChildren(...this.heights(chart.y_range, width, -Infinity, chart.y_ticks), ...marked.map(([value, text], i) => draw("text", {
      x: tenth(this.scale.x(value)), y: height - 6, text,
      "text-anchor": i === 0 && this.scale.x(value) < half(text, this.type) ? "start"
        : i === marked.length - 1 && this.scale.x(value) > width - half(text, this.type) ? "end" : "middle",
    })));
  }

  // At the curve's right end, or at another of its places, until `placeEnds` says how far above or below; at an arrow's tip.
  name(node, xs, ys, width, chart, place = null) {
    let last = chart.arrows ? xs.length - 1 : place ?? 0;
    if (!chart.arrows && place === null) {
      ys.forEach((y, k) => {
        if (Number.isFinite(y) && (!Number.isFinite(ys[last]) || xs[k] >= xs[last])) last = k;
      });
    }
    const drawn = Number.isFinite(ys[last]) && !chart.bars;
    if (chart.arrows && node.classList.contains("true")) {
      // The estimators' own names stand at the left of the same tip.
      const left = Math.min(this.scale.x(xs[last]) + 12, width - 6.8 * this.type * node.textContent.length);
      return put(node, { style: "text-anchor: start", x: tenth(left), y: tenth(this.scale.y(ys[last]) + 14) });
    }
    const short = place === null && this.scale.x(xs[last]) < 6.4 * this.type * node.textContent.length; // of a run that has just begun
    const ring = node.classList.contains("ring") ? RING + 4 : 0;
    const aside = place === null && !short ? Math.min(this.scale.x(xs[last]) - ring, width - 8) : Math.max(this.scale.x(xs[last]) + 6, 30);
    return put(node, { visibility: drawn ? "visible" : "hidden", style: `text-anchor: ${place === null && !short ? "end" : "start"}`, x: drawn ? tenth(aside) : 0,
      y: drawn ? tenth(this.scale.y(ys[last]) - (chart.arrows ? 8 : 0)) : 0 });
  }
}

// The room that a tick's words need on each side.
const half = (text, type) => Math.max(20, 3.2 * type * String(text).length);

// Where a mark's words begin: at its right, or further left where they would be cut off.
const beside = (x, words, width, type) => tenth(Math.max(Math.min(x + 4, width - 6 * type * words.length), 0));
