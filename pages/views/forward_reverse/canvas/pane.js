// @ts-check
// One divergence on screen: its number, both curves, who pays where, and the landscape with the ball.

import { make, put } from "../../../shared/live/draw.js";
import { decode } from "../../../shared/live/tables.js";
import { along, contributions, logDensity, parameter, summed, three, valueAlong } from "./curves.js";
import { Handles } from "./handles.js";
import { Landscape } from "./landscape.js";
import { Contributions, Curves } from "./plot.js";

const formula = (parts) => parts.map(([text, style]) => make("span", { class: style, text }));

// A Q's highest value: its bells' own, which stand apart or stand in for each other.
const peak = (base, components) => Math.max(...components.map(({ weight, scale }) => (Math.exp(base.table[base.table.length >> 1]) * weight) / scale));

export class Pane {
  /** @type {any} what Python has told of it last */
  spec = null;

  /** @type {any} the run's tracks; null where the divergence is ∞ for every Q */
  path = null;

  /** @type {number[] | null} the density of Q where the run begins */
  began = null;

  /** @type {number[]} what each place adds */
  values = [];

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
    this.lowest = make("span");
    this.depth = make("span");
    this.more = make("span", { class: "and-more" });
    this.landHead = make("header", { class: "land-head" }, [
      make("b", { text: "Every possible Q" }), this.valleys, make("span", { class: "legend" }, [this.lowest, make("i"), this.depth, this.more]),
    ]);
    this.node = make("section", { class: "pane", "data-pane": spec.key }, [
      make("header", { class: "pane-head" }, [make("b", {}, [document.createTextNode(`${spec.title} `), ...formula(spec.formula)]), this.parameters]),
      make("p", { class: "big" }, [this.number, this.unit, this.state]),
      this.curves.svg,
      make("header", { class: "adds-head" }, [make("b", { text: "Where it comes from" }), make("span", { class: "term" }, formula(spec.term)), this.adds.said]),
      this.adds.svg, this.landHead, this.land.node, this.reason,
    ]);
    this.curves.svg.addEventListener("pointermove", (event) => event.pointerType === "mouse" && host.hover(this.curves.toX(event.offsetX)));
    this.curves.svg.addEventListener("pointerleave", () => host.hover(null));
  }

  // partial: a hand still moves P, so the landscape stays as it was, faded, until the hand lets go.
  update(spec, partial, unit) {
    const sameBase = spec.base === this.spec?.base;
    this.spec = spec;
    if (!sameBase) this.base = { table: decode(spec.base.table, Float32Array), range: spec.base.range };
    this.follow(spec);
    if (!partial) this.showLand(spec, unit);
    put(this.reason, { text: spec.reason ?? "" });
    this.began = null;
  }

  // The run alone.
  follow(spec) {
    const track = (text) => (text ? Array.from(decode(text, Float64Array)) : null);
    this.path = spec.path && {
      value: track(spec.path.value),
      components: spec.path.components.map(({ weight, loc, scale }) => ({ weight: track(weight), loc: track(loc), scale: track(scale) })),
    };
  }

  showLand({ landscape }, unit) {
    this.land.show(landscape, unit);
    this.landHead.hidden = !landscape;
    put(this.valleys, { text: landscape?.words ?? "" });
    const words = (nats) => three(nats * unit.per_nat);
    put(this.lowest, { text: landscape ? words(landscape.lowest) : "" });
    put(this.depth, { text: landscape ? words(landscape.lowest + landscape.depth) : "" });
    put(this.more, { text: `${unit.name} and more` });
    put(this.landHead, { title: "Each point is one Q; its colour shows its divergence." });
  }

  measure() {
    for (const part of [this.curves, this.adds, this.land]) part.measure();
  }

  // Where Q is at a step of the run, or where a hand has put it.
  components(state) {
    if (!this.path || state.startMoved) return state.start.components;
    return along(this.path, state.place);
  }

  peakOf(components) {
    return peak(this.base, components);
  }

  peakAtTheEnd() {
    return this.path ? peak(this.base, along(this.path, Infinity)) : 0;
  }

  // Whether the run has left all bounds before the step on screen.
  isLost(state) {
    return Boolean(this.spec.stopped) && !state.startMoved && state.place >= this.spec.stopped;
  }

  draw(state) {
    const { xs, logP, p, unit } = state;
    const components = this.components(state);
    const logQ = logDensity(xs, this.base, components);
    const q = logQ.map(Math.exp);
    const moving = state.place > 0 && !state.startMoved;
    this.began = moving && this.path?.value.length > 1 ? (this.began ?? logDensity(xs, this.base, along(this.path, 0)).map(Math.exp)) : null;
    const mean = components.length > 1 ? undefined : components[0].loc; // between two bells it would mark where Q is not
    this.curves.draw({ xs, view: state.view, p, q, began: this.began, top: state.top, qMean: mean });
    this.handles.show(state.handles(this, components, moving));
    this.values = contributions(this.spec.kind, logP, logQ, this.spec.alpha);
    this.pays = { xs, values: this.values, curves: this.curves, qMean: mean, cursor: state.cursor, unit };
    this.land.draw({ path: moving ? this.path : null, place: state.place, q: components[0], start: state.startMoved ? components[0] : state.start.components[0], balls: this.spec.balls, part: state.place / state.last });
    this.sayNumber(state, xs, this.values);
    put(this.parameters, { text: this.parametersInWords(components) });
  }

  // The largest contribution that this pane shows, upwards or, by the room there is, downwards.
  most() {
    return this.values.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, value, -4 * value) : most), 0);
  }

  drawContributions(range) {
    this.adds.draw({ ...this.pays, range });
  }

  sayNumber(state, xs, values) {
    const settled = !state.startMoved && !state.targetMoved;
    if (state.pencil) return this.sayNoNumber();
    const lost = this.isLost(state);
    const nats = this.spec.reason ? Infinity : settled && this.path ? valueAlong(this.path, state.place) : summed(xs, values);
    const value = lost ? NaN : nats * state.unit.per_nat;
    put(this.number, { text: lost ? "no result" : three(value), "data-value": String(value), "data-state": settled ? "settled" : "preview" });
    put(this.unit, { text: lost ? "" : ` ${state.unit.name}` });
    put(this.state, { text: lost ? `diverged at step ${this.spec.stopped}` : settled ? "" : "preview" });
    this.node.classList.toggle("lost", lost);
  }

  // With the pencil in hand there is no P whose divergence could be said.
  sayNoNumber() {
    put(this.number, { text: "…", "data-value": "NaN", "data-state": "preview" });
    for (const part of [this.unit, this.state]) put(part, { text: "" });
    this.node.classList.remove("lost");
  }

  // Some families have no standard deviation (a Student-t of at most 2 degrees of freedom), or no mean (of 1).
  parametersInWords(components) {
    const { centre, width, sd_per_scale: stretch } = this.spec.words;
    if (components.length === 1) return `${centre} ${parameter(components[0].loc)}, ${width} ${parameter(components[0].scale * stretch)}`;
    return components.map(({ weight, loc, scale }) => `${Math.round(100 * weight)} %: mean ${parameter(loc)}, sd ${parameter(scale)}`).join(" · ");
  }
}
