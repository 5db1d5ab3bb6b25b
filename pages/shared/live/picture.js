// The live picture: holds the laws, recomputes what is drawn, and tells Python once when a hand lets go.

const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const SETTLE_AFTER_KEYS = 300; // ms without a key before the exact numbers are asked for
const GIVE_UP_WAITING = 4000; // ms after which an answer to an older question is better than none
let pictures = 0;

class Picture {
  constructor(root, send) {
    this.root = root;
    this.send = send;
    this.uid = `live${(pictures += 1)}`;
    this.cursor = null;
    this.held = null;
    this.asked = 0;
    this.resize = new ResizeObserver(() => this.measured());
    this.resize.observe(root);
  }

  // ---- what Python sends -------------------------------------------------------------------------------------
  update(scene) {
    if (this.held || this.changed || (this.waiting && scene.answers !== this.asked)) {
      this.later = scene;
      return;
    }
    clearTimeout(this.waiting);
    this.waiting = null;
    this.later = null;
    this.adopt(scene);
  }

  adopt(scene) {
    const first = !this.scene;
    const shown = first ? null : [...this.view, this.top, ...this.contributionRange, ...this.stackRange];
    const rebuild = first || this.signature(scene) !== this.signature(this.scene);
    this.scene = scene;
    this.discrete = scene.kind === "discrete";
    this.names = scene.names;
    this.unit = scene.unit;
    this.laws = Object.fromEntries(Object.entries(scene.laws).map(([id, law]) => [id, new Law({ ...law, kind: scene.kind })]));
    this.slots = Object.fromEntries(Object.keys(scene.laws).map((id, i, all) => [id, (2 * i - all.length + 1) / all.length]));
    this.previewing = false;
    this.keepInfinite = true;
    if (rebuild) this.build();
    this.aim(scene.view);
    const aim = [...this.view, this.top, ...this.contributionRange, ...this.stackRange];
    if (rebuild || STILL.matches || !shown || aim.every((value, i) => value === shown[i])) this.redraw();
    else this.glide(shown, aim);
  }

  signature(scene) {
    const laws = Object.values(scene.laws).map((law) => [law.label, law.style, law.handles.map((h) => h.name + h.kind)]);
    return JSON.stringify([scene.kind, laws, scene.panels, scene.readouts, scene.stacks]);
  }

  build() {
    const { scene } = this;
    this.panels = scene.panels.map((spec) =>
      (spec.kind === "laws" ? new LawsPanel(spec, scene.laws, this.uid) : new IntegrandPanel(spec, scene.laws)));
    this.readouts = (scene.readouts ?? []).map((spec) => new Readout(spec));
    this.stacks = (scene.stacks ?? []).map((spec) => new StackPanel(spec));
    this.reading = make("p", { class: "reading", "data-quantity": "reading" });
    const body = make("div", { class: `live ${scene.size ?? ""}` }, [
      ...this.panels.flatMap((panel) => (panel.spec.kind === "laws" ? [panel.node, this.reading] : [panel.node])),
      ...(this.readouts.length ? [make("div", { class: "strip" }, this.readouts.map((one) => one.node))] : []),
      ...(this.stacks.length ? [make("div", { class: "stacks" }, this.stacks.map((one) => one.node))] : []),
      ...(scene.export ? [exportButtons(this)] : []),
    ]);
    this.root.replaceChildren(body);
    this.handles = [];
    for (const panel of this.panels) {
      if (panel.spec.kind === "laws") this.addHandles(panel);
      listen(panel.svg, this.host(panel));
    }
    this.measured(true);
  }

  addHandles(panel) {
    for (const id of panel.spec.laws) {
      for (const spec of this.scene.laws[id].handles) {
        const handle = new Handle(id, spec, this.scene.laws[id].style);
        handle.panel = panel;
        handle.node.addEventListener("keydown", (event) => this.pressed(handle, event));
        handle.node.addEventListener("blur", () => this.askSoon(0));
        panel.handleLayer.append(handle.node);
        this.handles.push(handle);
      }
    }
  }

  measured(silently) {
    if (!this.panels) return;
    for (const panel of [...this.panels, ...this.stacks]) panel.measure();
    if (!silently) this.redraw();
  }

  // ---- hands ---------------------------------------------------------------------------------------------------
  host(panel) {
    return {
      nearest: (x, y) => this.nearest(panel, x, y),
      grab: (handle) => {
        this.held = handle;
        this.cursor = null;
        this.schedule();
      },
      drag: (handle, x, y) => this.change(handle, handle.valueUnder(this.laws[handle.lawId], panel.scale, x, y)),
      release: () => {
        this.held = null;
        this.ask();
      },
      hover: (x) => {
        this.cursor = x === null ? null : panel.scale.toX(x);
        if (this.discrete && x !== null) this.cursor = Math.round(this.cursor);
        this.schedule();
      },
    };
  }

  nearest(panel, x, y) {
    let best = null;
    let reach = REACH;
    for (const handle of this.handles) {
      if (handle.panel !== panel) continue;
      const distance = Math.hypot(handle.x - x, handle.y - y);
      if (distance <= reach) [best, reach] = [handle, distance];
    }
    return best;
  }

  pressed(handle, event) {
    const value = handle.valueAfterKey(this.laws[handle.lawId], event);
    if (value === null) return;
    event.preventDefault();
    this.change(handle, value);
    this.redraw(); // at once: a screen reader asks for the new value before the next frame
    this.askSoon(SETTLE_AFTER_KEYS);
  }

  change(handle, value) {
    const law = this.laws[handle.lawId];
    if (!Number.isFinite(value) || law.get(handle.key) === value) return;
    law.set(handle.key, value, this.scene.payer);
    this.previewing = true;
    this.keepInfinite = handle.kind !== "frames" && handle.kind !== "bar";
    this.changed = { law: handle.lawId, name: handle.key.split(".")[0] };
    this.schedule();
  }

  askSoon(wait) {
    clearTimeout(this.soon);
    if (this.changed) this.soon = setTimeout(() => this.ask(), wait);
  }

  // One question for each release: the parameter that moved, and its value.
  ask() {
    clearTimeout(this.soon);
    if (!this.changed) {
      if (this.later) this.update(this.later);
      this.schedule();
      return;
    }
    const { law, name } = this.changed;
    this.changed = null;
    this.asked += 1;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => {
      this.waiting = null;
      if (this.later) this.update(this.later);
    }, GIVE_UP_WAITING);
    this.send({ law, name, value: this.laws[law].values[name], question: this.asked });
    this.schedule();
  }

  // ---- what is drawn -------------------------------------------------------------------------------------------
  schedule() {
    if (this.frame || !this.scene) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      this.redraw();
    });
  }

  redraw() {
    if (!this.scene) return;
    this.compute();
    for (const panel of this.panels) panel.draw(this);
    for (const handle of this.handles) {
      const { scale } = handle.panel;
      scale.right = handle.panel.width;
      handle.place(this.laws[handle.lawId], scale, this, this.held);
    }
    for (const readout of [...this.readouts, ...this.panels.map((panel) => panel.readout).filter(Boolean)]) {
      readout.show({ ...this.numbers[readout.spec.quantity], unit: this.unit });
    }
    for (const stack of this.stacks) stack.draw(this);
    put(this.reading, { text: this.words() });
  }

  grid() {
    if (this.discrete) {
      const [low, high] = this.view;
      return Float64Array.from({ length: Math.floor(high) - Math.ceil(low) + 1 }, (_, i) => Math.ceil(low) + i);
    }
    const [low, high] = this.view;
    const wide = high - low;
    const found = Array.from({ length: 241 }, (_, i) => low + (wide * i) / 240);
    // A view's width beyond either edge, so that a sum keeps what a hand has just moved out of sight.
    for (const law of Object.values(this.laws)) found.push(...law.places(low - wide, high + wide, wide / 900));
    return Float64Array.from(found).sort();
  }

  compute() {
    this.xs = this.grid();
    const weights = this.discrete ? this.xs.map(() => 1) : trapezoid(this.xs);
    this.at = Object.fromEntries(Object.entries(this.laws).map(([id, law]) => {
      const log = law.logDensity(this.xs);
      return [id, { log, density: log.map(Math.exp) }];
    }));
    this.contributions = {};
    this.regions = {};
    for (const { spec } of this.panels) {
      if (spec.kind !== "integrand") continue;
      const [p, q] = [this.at[spec.p], this.at[spec.q]];
      this.contributions[spec.quantity] = this.xs.map((_, i) => contribution(p.density[i], q.density[i], p.log[i], q.log[i]));
      this.regions[spec.quantity] = this.scene.numbers[spec.quantity].infinite_by === "tail"
        ? this.diverging(this.contributions[spec.quantity]) : this.uncovered(p, q);
    }
    this.numbers = {};
    for (const [quantity, number] of Object.entries(this.scene.numbers)) {
      this.numbers[quantity] = this.number(number, weights);
    }
  }

  // Where P has mass and Q has none, as spans of x.
  uncovered(p, q) {
    const spans = [];
    const half = this.discrete ? 0.5 : 0;
    this.xs.forEach((x, i) => {
      if (q.log[i] !== -Infinity || p.density[i] === 0) return;
      const last = spans[spans.length - 1];
      if (last && last.i === i - 1) Object.assign(last, { i, to: x + half });
      else spans.push({ i, from: x - half, to: x + half });
    });
    return spans.map(({ from, to }) => [from, to]);
  }

  // The ends of the view from which a tail goes on to contribute without end.
  diverging(values) {
    const [low, high] = this.view;
    const band = 0.03 * (high - low);
    const most = Math.max(...values);
    return [
      ...(values[0] > 0.02 * most ? [[low, low + band]] : []),
      ...(values[values.length - 1] > 0.02 * most ? [[high - band, high]] : []),
    ];
  }

  number(number, weights) {
    const { measure, of, value, status, reason, infinite_by } = number;
    if (!this.previewing) return { value: Number(value), settled: true, status, reason };
    // Tails decide about infinity, and shifting or stretching does not change a tail's kind.
    if (infinite_by && infinite_by !== "support" && this.keepInfinite) return { value: Infinity, settled: false, reason };
    const [p, q] = [this.at[of[0]], this.at[of[1] ?? of[0]]];
    return { value: preview(measure, p, q, weights), settled: false };
  }

  // Sets the view and finds the ranges that show it well.
  aim(view) {
    this.view = [...view];
    this.compute();
    const tops = Object.values(this.at).map(({ density }) => density.reduce((a, b) => (Number.isFinite(b) && b > a ? b : a), 0));
    const highest = Math.max(...tops);
    const lowest = Math.min(...tops.filter((top) => top > 0), highest);
    this.top = 1.22 * Math.min(highest, 12 * lowest) || 1;
    if (this.discrete) this.top = Math.min(this.top, 1.08);
    this.contributionRange = this.aimContributions();
    const ends = this.stacks.flatMap(({ parts }) => {
      const [entropy, extra] = parts.map(({ quantity }) => this.numbers[quantity].value);
      return [entropy, Math.min(entropy + extra, entropy + 20)];
    });
    this.stackRange = [Math.min(0, ...ends), Math.max(0.1, ...ends) * 1.02];
  }

  aimContributions() {
    let [low, high] = [0, 0];
    for (const values of Object.values(this.contributions)) {
      for (let i = 0; i < values.length; i += 1) {
        const value = values[i];
        if (!Number.isFinite(value) || this.xs[i] < this.view[0] || this.xs[i] > this.view[1]) continue;
        if (value > high) high = value;
        if (value < low) low = value;
      }
    }
    const height = high - low || 1;
    return [low - 0.08 * height, high + 0.12 * height];
  }

  glide(from, to) {
    cancelAnimationFrame(this.gliding);
    const start = performance.now();
    const step = (now) => {
      const t = Math.min((now - start) / 280, 1);
      const [low, high, top, ...ranges] = mixed(from, to, eased(t));
      this.view = [low, high];
      this.top = top;
      this.contributionRange = ranges.slice(0, 2);
      this.stackRange = ranges.slice(2);
      this.redraw();
      if (t < 1) this.gliding = requestAnimationFrame(step);
    };
    step(start);
  }

  // What stands under the cursor, in words.
  words() {
    const integrands = this.panels.map(({ spec }) => spec).filter(({ kind }) => kind === "integrand");
    if (this.cursor === null || !integrands.length) return this.scene.hint ?? "";
    const [{ p: first, q: second }] = integrands;
    const [lp, lq] = [first, second].map((id) => this.laws[id].logDensity([this.cursor])[0]);
    const [p, q] = [Math.exp(lp), Math.exp(lq)];
    const place = this.names ? this.names[this.cursor] ?? short(this.cursor) : `x = ${short(Number(this.cursor.toPrecision(3)))}`;
    if (p === 0 && q === 0) return `${place}: neither P nor Q has any mass here.`;
    const per = this.unit.per_nat;
    const adds = (value) => `${value >= 0 ? "+" : ""}${written4(value * per)}`;
    return `${place}: p = ${written4(p)}, q = ${written4(q)}, log p/q = ${written4((lp - lq) * per)} ${this.unit.name}. `
      + `Adds ${adds(contribution(p, q, lp, lq))} to KL(P‖Q), ${adds(contribution(q, p, lq, lp))} to KL(Q‖P)${this.discrete ? "." : " per unit of x."}`;
  }

  remove() {
    this.resize.disconnect();
    cancelAnimationFrame(this.frame);
    cancelAnimationFrame(this.gliding);
    clearTimeout(this.soon);
    clearTimeout(this.waiting);
  }
}
