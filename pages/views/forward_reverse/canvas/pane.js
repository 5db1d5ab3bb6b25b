// One divergence on screen: its number, both curves, who pays where, and the landscape with the ball.

import { make, put } from "../../../shared/live/draw.js";
import { decode } from "../../../shared/live/tables.js";
import { along, contributions, logDensity, summed, three, valueAlong } from "./curves.js";
import { Handles } from "./handles.js";
import { Landscape } from "./landscape.js";
import { Contributions, Curves } from "./plot.js";

const formula = (parts) => parts.map(([text, style]) => make("span", { class: style, text }));

export class Pane {
  // host: {moved(spec, value, done), startAt(place, done), hover(x)}
  constructor(spec, host) {
    this.host = host;
    this.key = spec.key;
    this.number = make("output", { "data-quantity": spec.key, "aria-live": "off" });
    this.unit = make("span", { class: "unit" });
    this.state = make("span", { class: "state" });
    this.parameters = make("span", { class: "parameters" });
    this.curves = new Curves(spec.label);
    this.adds = new Contributions(spec.style);
    this.land = new Landscape(spec.title, (place, done) => host.startAt(place, done));
    this.reason = make("p", { class: "reason" });
    this.valleys = make("span", { class: "valleys" });
    this.handles = new Handles(this.curves, (handle, value, done) => host.moved(handle, value, done));
    this.landHead = make("header", { class: "land-head" }, [
      make("b", { text: "Every possible Q" }), this.valleys, make("span", { class: "legend" }, [make("span", { text: "lowest" }), make("i"), make("span", { text: "+4.5 nats" })]),
    ]);
    this.node = make("section", { class: "pane", "data-pane": spec.key }, [
      make("header", { class: "pane-head" }, [make("b", {}, [document.createTextNode(`${spec.title} `), ...formula(spec.formula)]), this.parameters]),
      make("p", { class: "big" }, [this.number, this.unit, this.state]),
      this.curves.svg, this.reason,
      make("header", { class: "adds-head" }, [make("b", { text: "Where it comes from" }), make("span", { class: "term" }, formula(spec.term)), this.adds.said]),
      this.adds.svg, this.landHead, this.land.node,
    ]);
    this.curves.svg.addEventListener("pointermove", (event) => event.pointerType === "mouse" && host.hover(this.curves.toX(event.offsetX)));
    this.curves.svg.addEventListener("pointerleave", () => host.hover(null));
  }

  update(spec) {
    this.spec = spec;
    this.base = { table: decode(spec.base.table, Float32Array), range: spec.base.range };
    const track = (text) => (text ? Array.from(decode(text, Float64Array)) : null);
    this.path = spec.path && {
      value: track(spec.path.value),
      components: spec.path.components.map(({ weight, loc, scale }) => ({ weight: track(weight), loc: track(loc), scale: track(scale) })),
    };
    this.land.show(spec.landscape);
    this.landHead.hidden = !spec.landscape;
    put(this.valleys, { text: spec.landscape?.words ?? "" });
    put(this.reason, { text: spec.reason ?? "" });
    this.began = null;
  }

  measure() {
    for (const part of [this.curves, this.adds, this.land]) part.measure();
  }

  // Where Q is at a step of the run, or where a hand has put it.
  components(state) {
    if (!this.path || state.startMoved) return state.start.components;
    return along(this.path, state.place);
  }

  draw(state) {
    const { xs, logP, p, unit } = state;
    const components = this.components(state);
    const logQ = logDensity(xs, this.base, components);
    const q = logQ.map(Math.exp);
    const moving = state.place > 0 && !state.startMoved;
    this.began = moving ? (this.began ?? logDensity(xs, this.base, along(this.path, 0)).map(Math.exp)) : null;
    const mean = components.reduce((sum, { weight, loc }) => sum + weight * loc, 0);
    this.curves.draw({ xs, view: state.view, p, q, began: this.began, top: state.top, qMean: mean });
    this.handles.show(state.handles(this, components, moving));
    const values = contributions(this.spec.kind, logP, logQ, this.spec.alpha);
    this.adds.draw({ xs, values, curves: this.curves, range: state.range(this, values), qMean: mean, cursor: state.cursor, unit });
    this.land.draw({ path: moving ? this.path : null, place: state.place, q: components[0], start: state.startMoved ? components[0] : state.start.components[0], balls: state.balls(this) });
    this.sayNumber(state, xs, values);
    put(this.parameters, { text: this.parametersInWords(components) });
  }

  sayNumber(state, xs, values) {
    const settled = !state.startMoved && !state.targetMoved;
    const nats = this.spec.reason ? Infinity : settled && this.path ? valueAlong(this.path, state.place) : summed(xs, values);
    put(this.number, { text: three(nats * state.unit.per_nat), "data-value": String(nats * state.unit.per_nat), "data-state": settled ? "settled" : "preview" });
    put(this.unit, { text: ` ${state.unit.name}` });
    put(this.state, { text: settled ? "" : "preview" });
  }

  parametersInWords(components) {
    const number = (value) => three(value);
    if (components.length === 1) return `mean ${number(components[0].loc)}, sd ${number(components[0].scale * (this.spec.sd_per_scale ?? 1))}`;
    return components.map(({ weight, loc, scale }) => `${number(100 * weight).replace(/\.\d+$/, "")} %: ${number(loc)}, ${number(scale)}`).join(" · ");
  }
}
