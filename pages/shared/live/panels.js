// The panels of a picture: laws (with handles), integrands and readouts. Each builds its elements once and then
// only moves them.

const hatch = (id) =>
  draw("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, [
    draw("rect", { class: "hatch-ground", width: 6, height: 6 }),
    draw("line", { class: "hatch-line", x1: 0, y1: 0, x2: 0, y2: 6 }),
  ]);

const cut = (text, room) => (text.length <= room ? text : `${text.slice(0, Math.max(room - 1, 1))}${room > 2 ? "…" : ""}`);

// A plot below its title.
const titled = (spec, svg) => make("section", { class: `laws ${spec.half ? "half" : ""}` }, [
  ...(spec.title ? [make("h3", { text: spec.title })] : []), ...(spec.note ? [make("p", { class: "caption", text: spec.note })] : []), svg,
]);

class Plot {
  constructor(spec, name) {
    this.spec = spec;
    this.listens = spec.kind !== "chart"; // to hands and to the pointer
    this.axis = draw("g", { class: "axis" });
    this.marks = draw("g");
    this.region = draw("path", { class: "region", "data-region": "infinite" });
    this.zero = draw("line", { class: "zero" });
    this.cursor = draw("line", { class: "cursor" });
    this.svg = draw("svg", { class: `plot ${spec.kind}`, role: "group", "aria-label": name }, [
      this.axis, this.region, this.marks, this.zero, this.cursor,
    ]);
  }

  size() {
    // The same answer for the whole frame: reading layout between writes would force it anew each time.
    return { width: this.width ?? 600, height: this.height ?? 200 };
  }

  measure() {
    this.width = this.svg.clientWidth || 600;
    this.height = this.svg.clientHeight || 200;
    this.type = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  }

  frame(state, range) {
    const { width, height } = this.size();
    this.scale = scales(width, height, state.view, range);
    const signature = `${width} ${height} ${state.view} ${range} ${state.names} ${state.unit.name}`;
    if (signature !== this.drawnAxis) this.drawAxis(state, width, height, range);
    this.drawnAxis = signature;
    const y = tenth(this.scale.y(0));
    put(this.zero, { x1: 0, x2: width, y1: y, y2: y });
    this.drawRegion(state);
    this.drawCursor(state, height);
  }

  drawAxis(state, width, height, range) {
    const values = state.discrete && state.names
      ? state.names.map((_, k) => k)
      : ticks(state.view, Math.max(3, Math.floor(width / 60)), state.discrete);
    const inside = values.filter((value) => Math.abs(this.scale.x(value) - width / 2) < width / 2 - 12);
    const room = Math.max(Math.floor(this.scale.perX / 7), 1); // letters that fit below one outcome
    this.axis.replaceChildren(...this.heights(range, width, 1e-300, this.marked(state, range)), ...inside.map((value) => draw("text", {
      x: tenth(this.scale.x(value)), y: height - 6, "text-anchor": "middle",
      text: state.names ? cut(state.names[value] ?? "", room) : short(value),
    })));
  }

  // The numbers of the vertical scale and what stands for each, where they are not those of the range itself.
  marked() {
    return null;
  }

  // The vertical scale: a few numbers and faint lines.
  heights(range, width, least = 1e-300, marked = null) {
    const values = marked ?? ticks(range, 5).filter((value) => value >= least).map((value) => [value, short(value)]);
    const inside = values.filter(([value]) => value >= range[0] && this.scale.y(value) > MARGIN.top + 4);
    return inside.flatMap(([value, text]) => {
      const y = tenth(this.scale.y(value));
      return [draw("line", { class: "grid", x1: 0, x2: width, y1: y, y2: y }), draw("text", { x: 2, y: y - 3, text })];
    });
  }

  drawRegion(state) {
    const { height } = this.size();
    const spans = this.spec.kind === "integrand" ? state.regions[this.spec.quantity] ?? [] : Object.values(state.regions).flat();
    put(this.region, {
      d: spans.map(([low, high]) => {
        const left = tenth(this.scale.x(low));
        return `M${left} ${MARGIN.top}H${tenth(Math.max(this.scale.x(high), left + 2))}V${height - MARGIN.bottom}H${left}Z`;
      }).join(""),
    });
  }

  drawCursor(state, height) {
    if (state.cursor === null) return put(this.cursor, { visibility: "hidden" });
    const x = tenth(this.scale.x(state.cursor));
    return put(this.cursor, { visibility: "visible", x1: x, x2: x, y1: MARGIN.top, y2: height - MARGIN.bottom });
  }
}

// A curve's peaks of at least half its height, from left to right; a table may have a place twice.
const peaksOf = (density) => {
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

class LawsPanel extends Plot {
  constructor(spec, laws, uid) {
    super(spec, spec.label);
    this.paths = spec.laws.map((id) => {
      const style = laws[id].style;
      const fill = draw("path", { class: `fill ${style}` });
      const curve = draw("path", { class: `curve ${style}`, "data-curve": id });
      const name = draw("text", { class: `name ${style}`, text: laws[id].label });
      this.marks.append(fill, curve, name);
      return { id, fill, curve, name };
    });
    this.svg.prepend(draw("defs", {}, [hatch(`${uid}-hatch`)]));
    this.handleLayer = draw("g");
    this.svg.append(this.handleLayer);
    this.caption = make("p", { class: "caption" });
    const head = spec.title ? [make("h3", { text: spec.title }), this.caption] : [];
    this.node = make("section", { class: `laws ${spec.half ? "half" : ""} ${spec.wide ? "wide" : ""}` }, [...head, this.svg]);
  }

  draw(state) {
    this.frame(state, [0, state.top]);
    put(this.caption, { text: state.scene.captions?.[this.spec.caption] ?? "" });
    this.paths.forEach(({ id, fill, curve, name }, slot) => {
      const there = Boolean(state.at[id]);
      for (const node of [fill, curve, name]) put(node, { visibility: there ? "visible" : "hidden" });
      if (!there) return;
      const { density } = state.at[id];
      const path = state.discrete
        ? bars(state.xs, density, this.scale, slot, this.paths.length)
        : line(state.xs, density, this.scale);
      put(curve, { d: path });
      if (state.laws[id].filled) put(fill, { d: state.discrete ? path : filled(path, this.scale) });
      this.drawName(state, name, density, slot);
    });
    if (this.spec.forces) drawForces(this, state);
  }

  // The curve's own label sits at a peak, on the side away from the other curve; where exactly, `placeLabels` says.
  drawName(state, name, density, slot) {
    const peaks = peaksOf(density);
    const best = peaks.reduce((one, other) => (density[other] > density[one] ? other : one));
    const lower = (i) => 1 - density[i] / density[best] || 0;
    Object.assign(this.paths[slot], {
      side: slot ? 1 : -1, peaks: state.discrete ? null : peaks.map((i) => [this.scale.x(state.xs[i]), this.scale.y(density[i]), lower(i)]),
    });
    if (!state.discrete) return;
    const x = this.scale.x(state.xs[best]);
    const { width } = this.size();
    const aside = state.slots[this.paths[slot].id] * 0.4 * this.scale.perX;
    put(name, { x: tenth(Math.min(Math.max(x + aside, 14), width - 14)), y: tenth(this.scale.y(0) - 8) });
  }
}

// How long each outcome's ideal code word is under each law: −log of its probability, in the unit on screen.
class LengthsPanel extends Plot {
  constructor(spec, laws) {
    super(spec, spec.title);
    this.rows = spec.laws.map((id) => {
      const row = { id, bar: draw("path", { class: `gain ${laws[id].style}` }), words: draw("g", { class: `lengths-in-words ${laws[id].style}` }) };
      this.marks.append(row.bar, row.words);
      return row;
    });
    this.node = titled(spec, this.svg);
  }

  draw(state) {
    const lengths = this.rows.map(({ id }) => state.at[id].log.map((log) => -log * state.unit.per_nat));
    const most = Math.max(...lengths.flatMap((one) => [...one].filter(Number.isFinite)), 1e-9);
    this.frame(state, [0, 1.2 * most]);
    this.rows.forEach(({ bar, words }, slot) => {
      put(bar, { d: bars(state.xs, lengths[slot].map((length) => (Number.isFinite(length) ? length : 0)), this.scale, slot, 2) });
      const wide = 0.4 * this.scale.perX;
      words.replaceChildren(...(wide < 30 ? [] : [...lengths[slot]].map((length, i) => draw("text", {
        x: tenth(this.scale.x(state.xs[i]) + (slot - 0.5) * wide), "text-anchor": "middle",
        y: tenth(this.scale.y(Number.isFinite(length) ? length : 0) - 5),
        text: Number.isFinite(length) ? length.toFixed(2) : "∞",
      }))));
    });
  }
}

class IntegrandPanel extends Plot {
  constructor(spec, laws) {
    super(spec, `${spec.title}: what each place contributes`);
    this.positive = draw("path", { class: `gain ${laws[spec.p].style}`, "data-curve": `${spec.quantity}_contribution` });
    this.negative = draw("path", { class: `loss ${laws[spec.p].style}` });
    this.cutOff = draw("text", { class: "cut-off", y: 10, "text-anchor": "end" });
    this.marks.append(this.positive, this.negative, this.cutOff);
    this.readout = new Readout(spec, laws[spec.p].style);
    this.node = make("section", { class: `direction ${laws[spec.p].style}` }, [this.readout.node, make("div", { class: "under" }, [this.svg, this.readout.reason])]);
  }

  // Contributions are in the unit on screen, like the number above them. Where all there is to see is infinite, or 0, a
  // scale would be made up.
  marked({ unit }, range) {
    return ticks(range.map((value) => value * unit.per_nat), 5).filter((value) => value > 1e-290).map((value) => [value / unit.per_nat, short(value)]);
  }

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

const show = (node, value, settled) => put(node, {
  text: written4(value), "data-value": String(value), "data-state": settled ? "settled" : "preview",
});

// One number: what it is, its value, its unit, and whether it is exact or a preview.
class Readout {
  constructor(spec, style = "") {
    this.spec = spec;
    this.output = make("output", { "data-quantity": spec.quantity });
    this.unit = make("span", { class: "unit" });
    this.status = make("span", { class: "status" });
    this.reason = make("p", { class: "reason" });
    this.node = make("header", { class: `readout ${style} ${spec.size ?? ""}` }, [
      make("span", { class: "title", text: spec.title }),
      make("span", { class: "note", text: spec.note ?? "" }),
      make("span", { class: "number" }, [this.output, this.unit]),
      this.status,
    ]);
  }

  show({ value, settled, status, reason, unit, about }) {
    const scaled = this.spec.plain ? value : value * unit.per_nat;
    show(this.output, scaled, settled);
    put(this.unit, { text: this.spec.plain ? about ?? "" : unit.name });
    put(this.status, { text: settled ? status ?? "" : "preview" });
    put(this.reason, { text: reason ?? "" });
  }
}

// Cross-entropy as entropy plus KL: two lengths end to end. A differential entropy may be negative; then the two lie
// below each other, the second beginning where the first has ended.
class StackPanel {
  constructor(spec) {
    this.spec = spec;
    const label = (text) => draw("text", { class: "length", text });
    this.bars = ["entropy", "extra"].map((kind, i) => ({
      rect: draw("rect", { class: `${kind} ${spec.style}` }), label: label(spec.names[i].split(" ").pop()),
    }));
    this.zero = draw("line", { class: "zero" });
    this.svg = draw("svg", { class: "plot stack", "aria-hidden": "true" }, [
      ...this.bars.flatMap(({ rect, label: text }) => [rect, text]), this.zero,
    ]);
    this.words = make("p", { class: "sum" });
    // KL has its own, larger readout: here it is only a word of the sum.
    this.parts = [...spec.parts, spec.total].map((quantity, i) => {
      const output = i === 1 ? make("b") : make("output", { "data-quantity": quantity });
      return { quantity, output };
    });
    this.unit = make("span");
    const [entropy, extra, total] = this.parts.map((part) => part.output);
    const dash = (text) => make("span", { text });
    this.words.append(dash(`${spec.names[2]} `), total, dash(` = ${spec.names[0]} `), entropy, dash(` + ${spec.names[1]} `), extra, this.unit);
    this.node = make("div", { class: `stacked ${spec.style}` }, [this.svg, this.words]);
  }

  measure() {
    this.width = this.svg.clientWidth || 300;
  }

  draw(state) {
    const values = this.parts.map(({ quantity }) => state.numbers[quantity]);
    this.parts.forEach(({ output }, i) => show(output, values[i].value * state.unit.per_nat, values[i].settled));
    put(this.unit, { text: ` ${state.unit.name}` });
    const [low, high] = state.stackRange;
    const x = (value) => tenth(((Math.min(Math.max(value, low), high) - low) / (high - low)) * (this.width ?? 300));
    const [entropy, extra] = values.map(({ value }) => value);
    const below = entropy < 0;
    [[0, entropy], [entropy, entropy + extra]].forEach(([from, to], i) => {
      const [left, right] = [x(Math.min(from, to)), x(Math.max(from, to))];
      const { rect, label } = this.bars[i];
      put(rect, { x: left, width: tenth(right - left), y: below ? 2 + 12 * i : 4, height: below ? 10 : 18 });
      put(label, { x: tenth((left + right) / 2), y: below ? 11 + 12 * i : 17, visibility: right - left > 52 ? "visible" : "hidden" });
    });
    put(this.zero, { x1: x(0), x2: x(0), y1: 0, y2: 26 });
  }
}
