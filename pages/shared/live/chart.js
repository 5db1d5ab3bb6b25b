// Curves of a settled kind: against the scrubber's own number, with a mark at where it stands, or against any other.

class ChartPanel extends Plot {
  constructor(spec) {
    super(spec, spec.label);
    this.lines = spec.series.map(({ style, label }) => {
      const node = draw("path", { class: `curve ${style}` });
      const name = draw("text", { class: `name small ${style}`, text: label });
      this.marks.append(node, name);
      return { node, name };
    });
    this.thresholds = draw("g", { class: "thresholds" });
    this.here = draw("line", { class: "here" });
    this.dots = draw("g");
    this.svg.append(this.thresholds, this.here, this.dots);
    this.node = titled(spec, this.svg);
  }

  draw(state) {
    const chart = state.scene.charts[this.spec.name];
    const { width, height } = this.size();
    this.scale = scales(width, height, chart.x_range, chart.y_range);
    if (chart !== this.drawn || `${width} ${height}` !== this.laid) this.lay(chart, width, height);
    [this.drawn, this.laid] = [chart, `${width} ${height}`];
    if (!state.tracks) return;
    // Where the scrubber stands, on an axis of its own number or of another that goes with it.
    const places = chart.places ? decode(chart.places) : state.tracks.values;
    const x = tenth(this.scale.x(along(places, state.position)));
    put(this.here, { x1: x, x2: x, y1: MARGIN.top, y2: height - MARGIN.bottom });
    this.dots.replaceChildren(...(chart.dots ?? []).map((i) => draw("circle", {
      class: `dot ${this.spec.series[i].style}`, r: 6, cx: x, cy: tenth(this.scale.y(along(decode(chart.series[i].y), state.position))),
    })));
  }

  lay(chart, width, height) {
    chart.series.forEach(({ x, y }, i) => {
      const [xs, ys] = [decode(x), decode(y)];
      put(this.lines[i].node, { d: segments(xs, ys, this.scale) });
      // The name stands at the curve's right end.
      let last = 0;
      ys.forEach((y, k) => {
        if (Number.isFinite(y) && (!Number.isFinite(ys[last]) || xs[k] >= xs[last])) last = k;
      });
      const drawn = Number.isFinite(ys[last]);
      put(this.lines[i].name, { visibility: drawn ? "visible" : "hidden", style: "text-anchor: end",
        x: drawn ? tenth(Math.min(this.scale.x(xs[last]), width - 8)) : 0, y: drawn ? tenth(this.scale.y(ys[last]) - 6) : 0 });
    });
    this.thresholds.replaceChildren(...(chart.marks ?? []).flatMap(({ x, label }, i) => [
      draw("line", { x1: tenth(this.scale.x(x)), x2: tenth(this.scale.x(x)), y1: MARGIN.top, y2: height - MARGIN.bottom }),
      draw("text", { x: tenth(this.scale.x(x)) + 4, y: height - MARGIN.bottom - 22 + 15 * i, text: label }),
    ]));
    const marked = chart.x_ticks ?? ticks(chart.x_range, Math.floor(width / 70)).map((value) => [value, short(value)]);
    this.axis.replaceChildren(...this.heights(chart.y_range, width, -Infinity), ...marked.map(([value, text], i) => draw("text", {
      x: tenth(this.scale.x(value)), y: height - 6, text,
      "text-anchor": i === 0 && this.scale.x(value) < 20 ? "start" : i === marked.length - 1 && this.scale.x(value) > width - 20 ? "end" : "middle",
    })));
  }
}

// A line that lifts its pen where there is nothing to draw.
const segments = (xs, ys, scale) => {
  let path = "";
  let down = false;
  for (let i = 0; i < xs.length; i += 1) {
    const drawn = Number.isFinite(ys[i]);
    if (drawn) path += `${down ? "L" : "M"}${tenth(scale.x(xs[i]))} ${tenth(scale.y(ys[i]))}`;
    down = drawn;
  }
  return path;
};
