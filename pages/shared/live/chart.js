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
    this.svg.append(this.thresholds, this.here);
    this.node = titled(spec, this.svg);
  }

  draw(state) {
    const chart = state.scene.charts[this.spec.name];
    const { width, height } = this.size();
    this.scale = scales(width, height, chart.x_range, chart.y_range);
    if (chart !== this.drawn) this.lay(chart, width, height);
    this.drawn = chart;
    if (!state.tracks) return;
    const x = tenth(this.scale.x(along(state.tracks.values, state.position)));
    put(this.here, { x1: x, x2: x, y1: MARGIN.top, y2: height - MARGIN.bottom });
  }

  lay(chart, width, height) {
    chart.series.forEach(({ x, y }, i) => {
      const [xs, ys] = [decode(x), decode(y)];
      put(this.lines[i].node, { d: segments(xs, ys, this.scale) });
      let last = ys.length - 1;
      while (last > 0 && !Number.isFinite(ys[last])) last -= 1;
      const drawn = Number.isFinite(ys[last]);
      put(this.lines[i].name, { visibility: drawn ? "visible" : "hidden", style: "text-anchor: end",
        x: tenth(Math.min(this.scale.x(xs[last]), width - 8)), y: drawn ? tenth(this.scale.y(ys[last]) - 6) : 0 });
    });
    this.thresholds.replaceChildren(...(chart.marks ?? []).flatMap(({ x, label }, i) => [
      draw("line", { x1: tenth(this.scale.x(x)), x2: tenth(this.scale.x(x)), y1: MARGIN.top, y2: height - MARGIN.bottom }),
      draw("text", { x: tenth(this.scale.x(x)) + 4, y: height - MARGIN.bottom - 22 + 15 * i, text: label }),
    ]));
    const marked = chart.x_ticks ?? ticks(chart.x_range, Math.floor(width / 70)).map((value) => [value, short(value)]);
    this.axis.replaceChildren(...this.heights(chart.y_range, width), ...marked.map(([value, text], i) => draw("text", {
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
