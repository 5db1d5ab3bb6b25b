// @ts-check
// What is drawn and said, computed from the curves as they stand: densities, contributions, numbers, ranges, words.

import { short, written4 } from "./numbers.js";
import { contribution, summed, sumPlaces, weighed } from "./previews.js";
import { ranked } from "./softened.js";
import { along } from "./tables.js";

/** @typedef {import("./types").Scene} Scene */
/** @typedef {import("./types").Unit} Unit */
/** @typedef {import("./curve").Curve} Curve */
/** @typedef {import("./readouts").StackPanel} StackPanel */
/** @typedef {import("./scrub").Tracks} Tracks */

export class Computed {
  /** @type {Scene} */
  scene;

  /** @type {Unit} */
  unit;

  /** @type {Record<string, Curve>} */
  curves;

  /** @type {any[]} */
  panels;

  /** @type {StackPanel[]} */
  stacks;

  /** @type {Tracks | null} */
  tracks;

  /** @type {string[] | null | undefined} */
  names;

  /** @type {number | null} where the pointer is, in units of x */
  cursor = null;

  /** where the scrubber stands, in steps of its tracks */
  position = 0;

  discrete = true;

  /** @type {import("./handles").Handle[]} */
  handles;

  /** @type {any} the handle or the panel that a hand is on */
  held = null;

  /** @type {Record<string, number> | undefined} what the dials stand at */
  dials;

  /** @type {number[] | undefined} where the probe is */
  z;

  /** a start was moved by hand and its track does not begin there */
  startMoved = false;

  /** @type {Record<string, number>} where among the bars of an outcome each curve has its own */
  slots = {};

  /** a hand has moved something since torch's last answer */
  previewing = false;

  /** @type {Set<object> | null} the parts that are to be drawn now; null: all */
  drawn = null;

  /** @type {ReturnType<Computed["tables"]> | null} what numbers are summed over while a hand moves */
  sums = null;

  /** what was infinite stays so while only shifts and stretches move */
  keepInfinite = true;

  // Where curves need points: outcomes in view, or the curves' own places and an even grid, a little beyond either edge.
  grid() {
    const [low, high] = this.view;
    if (this.discrete) {
      return Float64Array.from({ length: Math.floor(high) - Math.ceil(low) + 1 }, (_, i) => Math.ceil(low) + i);
    }
    const wide = high - low;
    const places = this.shown().flatMap(([, curve]) => curve.places(low - wide / 20, high + wide / 20, wide / 900));
    for (let i = -10; i <= 250; i += 1) places.push(low + (wide * i) / 240);
    return Float64Array.from(places).sort();
  }

  shown() {
    return Object.entries(this.curves).filter(([, curve]) => curve.there);
  }

  compute() {
    this.xs = this.grid();
    this.at = Object.fromEntries(this.shown().map(([id, curve]) => {
      const log = curve.logDensity(this.xs);
      return [id, { log, density: log.map(Math.exp) }];
    }));
    this.contributions = {};
    this.regions = {};
    for (const panel of this.panels) {
      const { spec } = panel;
      if (spec.kind !== "integrand") continue;
      const [p, q] = [this.at[spec.p], this.at[spec.q]];
      const byTail = this.scene.numbers[spec.quantity].infinite_by === "tail";
      if (byTail || !this.drawn || this.drawn.has(panel)) {
        this.contributions[spec.quantity] = this.xs.map((_, i) => contribution(p.density[i], q.density[i], p.log[i], q.log[i]));
      }
      this.regions[spec.quantity] = byTail ? this.diverging(this.contributions[spec.quantity]) : this.uncovered(p, q);
    }
    this.sums = null;
    this.numbers = this.whenAsked();
  }

  // The scene's numbers, each computed when it is first read: while a hand moves, those out of sight are not.
  whenAsked() {
    /** @type {Record<string, any>} */
    const numbers = {};
    for (const [quantity, number] of Object.entries(this.scene.numbers)) {
      let known = null;
      Object.defineProperty(numbers, quantity, { enumerable: true, get: () => (known ??= this.number({ ...number, quantity })) });
    }
    return numbers;
  }

  // The curves that some number is about, on the places to sum over.
  tables() {
    const ids = [...new Set(Object.values(this.scene.numbers).flatMap(({ of }) => of))];
    const curves = ids.map((id) => this.curves[id]);
    const places = sumPlaces(curves, this.discrete);
    return { weights: places.weights, at: Object.fromEntries(ids.map((id, i) => [id, weighed(curves[i], places)])) };
  }

  // Where the scrubber stands, in words: "step 12", "α = 0.5".
  place() {
    const value = along(this.tracks.values, this.position);
    return `${this.scene.scrub.unit} ${short(Number(value.toPrecision(3)))}`;
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

  number(number) {
    const { measure, of, value, status, reason, infinite_by, rank } = number;
    if (rank) return this.rankedNumber(number);
    const tracked = this.previewing ? null : this.tracks?.number(number.quantity, this.position);
    if (typeof tracked === "number") return { value: tracked, settled: Number.isInteger(this.position), status };
    if (!this.previewing) return { value: Number(value), settled: true, status, reason };
    if (!measure) return { value: NaN, settled: false }; // waits for the hand to let go
    // Tails decide about infinity, and shifting or stretching does not change a tail's kind.
    if (infinite_by && infinite_by !== "support" && this.keepInfinite) return { value: Infinity, settled: false, reason };
    this.sums ??= this.tables();
    const [p, q] = [this.sums.at[of[0]], this.sums.at[of[1] ?? of[0]]];
    const preview = summed(measure, p, q, this.sums.weights);
    return { value: preview, settled: false, reason: preview === Infinity ? reason : "" };
  }

  // The probability of the outcome that comes first, or second, and which outcome that is.
  rankedNumber({ quantity, of, rank, outcome, status }) {
    const place = this.previewing ? ranked(this.at[of[0]].density, rank) : { value: this.tracks.number(quantity, this.position), outcome };
    return { value: place.value, settled: !this.previewing && Number.isInteger(this.position), status, about: this.names[place.outcome] };
  }

  // Sets the view and finds the ranges that show it well.
  aim(view) {
    this.view = [...view];
    this.drawn = null;
    this.compute();
    const tops = Object.values(this.at).map(({ density }) => density.reduce((a, b) => (Number.isFinite(b) && b > a ? b : a), 0));
    if (!tops.length) tops.push(1); // charts and sentences only
    const highest = this.scene.top_of ? tops[Object.keys(this.at).indexOf(this.scene.top_of)] * 1.85 : Math.max(...tops);
    const lowest = Math.min(...tops.filter((top) => top > 0), highest);
    this.top = 1.22 * Math.min(highest, 12 * lowest) || 1;
    if (this.discrete) this.top = this.scene.top ?? Math.min(this.top, 1.08);
    this.contributionRange = this.aimContributions();
    const ends = this.stacks.flatMap(({ parts }) => {
      const [entropy, extra] = parts.map(({ quantity }) => this.numbers[quantity].value);
      return [entropy, Math.min(entropy + extra, entropy + 20)];
    });
    this.stackRange = this.scene.stack_range ?? [Math.min(0, ...ends), Math.max(0.1, ...ends) * 1.02];
  }

  aimContributions() {
    let low = 0;
    let high = 1e-300;
    const peaks = [];
    for (const values of Object.values(this.contributions)) {
      let peak = 0;
      for (let i = 0; i < values.length; i += 1) {
        const value = values[i];
        if (!Number.isFinite(value) || this.xs[i] < this.view[0] || this.xs[i] > this.view[1]) continue;
        peak = Math.max(peak, value);
        low = Math.min(low, value);
      }
      if (peak > 0) peaks.push(peak);
    }
    // A spike in one direction must not flatten the other to a line.
    if (peaks.length) high = Math.min(Math.max(...peaks), 8 * Math.min(...peaks));
    low = Math.max(low, -high);
    const height = high - low || 1;
    return [low - 0.08 * height, high + 0.12 * height];
  }

  // What stands under the cursor, in words.
  words() {
    const integrands = this.panels.map(({ spec }) => spec).filter(({ kind }) => kind === "integrand");
    if (this.cursor === null || !integrands.length) return this.scene.hints?.[Math.round(this.position)] ?? this.scene.hint ?? "";
    const [{ p: first, q: second }] = integrands;
    const [lp, lq] = [first, second].map((id) => this.curves[id].logDensity([this.cursor])[0]);
    const [p, q] = [Math.exp(lp), Math.exp(lq)];
    const place = this.names ? this.names[this.cursor] ?? short(this.cursor) : `x = ${short(Number(this.cursor.toPrecision(3)))}`;
    if (p === 0 && q === 0) return `${place}: neither P nor Q has any mass here.`;
    const per = this.unit.per_nat;
    const adds = (value) => `${value >= 0 ? "+" : ""}${written4(value * per)}`;
    return `${place}: p = ${written4(p)}, q = ${written4(q)}, log p/q = ${written4((lp - lq) * per)} ${this.unit.name}. `
      + `Adds ${adds(contribution(p, q, lp, lq))} to KL(P‖Q), ${adds(contribution(q, p, lq, lp))} to KL(Q‖P)${this.discrete ? "." : " per unit of x."}`;
  }
}
