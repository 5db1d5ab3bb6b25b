// @ts-check
// The curves on screen as tables computed by torch. Nothing here knows a distribution: a curve is a table of
// log-densities that is shifted, stretched, mixed, or interpolated between frames.

import { decode } from "./tables.js";

// How a shift or a stretch follows from parameters; the same four links as kl_core.families.Affine.
const LINKS = {
  value: (a) => a,
  exp: (a) => Math.exp(a),
  reciprocal: (a) => 1 / a,
  difference: (a, b) => a - b,
};

const follow = (link, values, otherwise) =>
  link ? LINKS[link[0]](...link.slice(1).map((key) => read(values, key))) : otherwise;

// A parameter's key is "loc", or "locs.1" for the second entry of a vector.
const read = (values, key) => {
  const [name, index] = key.split(".");
  return index === undefined ? values[name] : values[name][Number(index)];
};

export const written = (values, key, value) => {
  const [name, index] = key.split(".");
  if (index === undefined) return { ...values, [name]: value };
  const entries = [...values[name]];
  entries[Number(index)] = value;
  return { ...values, [name]: entries };
};

// Sets one entry of a probability vector; the others rescale in proportion, or the payer alone gives and takes.
const rebalanced = (probs, index, wanted, payer) => {
  const total = probs.reduce((a, b) => a + b, 0);
  const now = probs.map((value) => value / total);
  const pays = payer !== null && payer !== undefined && payer !== index;
  const most = pays ? now[index] + now[payer] : 1;
  const value = Math.min(Math.max(wanted, 0), most);
  const rest = 1 - now[index];
  return now.map((old, i) => {
    if (i === index) return value;
    if (pays) return i === payer ? most - value : old;
    return rest > 0 ? (old * (1 - value)) / rest : (1 - value) / (now.length - 1);
  });
};

const logSum = (a, b) => {
  const top = Math.max(a, b);
  return top === -Infinity ? top : top + Math.log1p(Math.exp(Math.min(a, b) - top));
};

/** @typedef {import("./types").Curve} Told */

export class Curve {
  /** @type {Told["parameters"]} */
  parameters;

  /** @type {Told["values"]} */
  values;

  /** @type {Told["components"]} */
  components;

  /** @type {Told["support"]} */
  support;

  /** @type {Told["handles"]} */
  handles;

  /** @type {string | undefined} the name of a vector of probabilities that sum to 1 */
  simplex;

  /** @type {string | undefined} the name of the vector that is the table itself */
  direct;

  /** @type {"discrete" | "continuous"} */
  kind;

  label = "";

  family = "";

  style = "";

  filled = true;

  hidden = false;

  constructor(curve, kind, base) {
    Object.assign(this, curve, { kind });
    this.u = decode(base.u);
    this.settledTable = decode(base.log_density);
    this.table = this.settledTable;
    this.frames = {};
    for (const [key, frames] of Object.entries(curve.frames ?? {})) {
      this.frames[key] = this.withCurrentFrame(key, frames);
    }
  }

  // The settled table joins the stack at the current value, so that a drag starts without a jump.
  withCurrentFrame(key, frames) {
    const size = this.u.length;
    const all = decode(frames.log_density, Float32Array);
    const stack = frames.values.map((value, i) => ({
      value, at: frames.at[i], table: all.subarray(i * size, (i + 1) * size),
    }));
    const value = read(this.values, key);
    const current = { value, at: frames.at_current, table: this.settledTable };
    return [...stack.filter((frame) => frame.value !== value), current].sort((a, b) => a.value - b.value);
  }

  parameter(key) {
    return this.parameters.find((parameter) => parameter.key === key);
  }

  get(key) {
    return read(this.values, key);
  }

  // Moves one parameter; a shape parameter re-makes the table from its two nearest frames.
  set(key, value, payer) {
    const [name, index] = key.split(".");
    if (this.simplex === name) {
      this.values = { ...this.values, [name]: rebalanced(this.values[name], Number(index), value, payer) };
    } else {
      this.values = written(this.values, key, value);
    }
    if (this.frames[key]) this.table = this.interpolated(key, value);
  }

  interpolated(key, value) {
    const { low, high, weight } = this.between(key, value);
    return low.table.map((left, i) => {
      const right = high.table[i];
      return weight === 0 ? left : weight === 1 ? right : (1 - weight) * left + weight * right;
    });
  }

  between(key, value) {
    const stack = this.frames[key];
    const axis = this.parameter(key).log ? Math.log : (v) => v;
    let i = stack.findIndex((frame) => frame.value >= value);
    if (i < 0) i = stack.length - 1;
    const high = stack[i];
    const low = stack[Math.max(i - 1, 0)];
    const span = axis(high.value) - axis(low.value);
    const weight = span > 0 ? Math.min(Math.max((axis(value) - axis(low.value)) / span, 0), 1) : 1;
    return { low, high, weight };
  }

  // Each component's place: its log-weight, shift and stretch now.
  placed() {
    const total = this.simplex ? this.values[this.simplex].reduce((a, b) => a + b, 0) : 1;
    return this.components.map(({ weight, shift, stretch }) => ({
      logWeight: weight ? Math.log(this.get(weight) / total) : 0,
      shift: follow(shift, this.values, 0),
      stretch: follow(stretch, this.values, 1),
    }));
  }

  // log-density at ascending xs.
  logDensity(xs) {
    if (this.kind === "discrete") return this.logMass(xs);
    const [first, ...others] = this.placed().map((place) => this.componentLogDensity(xs, place));
    for (const other of others) {
      for (let k = 0; k < xs.length; k += 1) first[k] = logSum(first[k], other[k]);
    }
    return first;
  }

  logMass(xs) {
    if (this.direct) {
      const probs = this.values[this.direct];
      const total = probs.reduce((a, b) => a + b, 0);
      return xs.map((k) => (k < probs.length ? Math.log(probs[k] / total) : -Infinity));
    }
    const { table } = this;
    const last = table.length - 1;
    // An unending curve goes on beyond its table as it left it.
    const slope = this.support[1] === null && table[last] > -Infinity ? table[last] - table[last - 1] : -Infinity;
    return xs.map((k) => (k <= last ? table[k] : table[last] + slope * (k - last)));
  }

  // Linear between the table's places and on beyond them; nothing outside the support.
  componentLogDensity(xs, { logWeight, shift, stretch }) {
    const { u, table } = this;
    const low = this.support[0] ?? -Infinity;
    const high = this.support[1] ?? Infinity;
    const last = u.length - 2;
    const level = logWeight - Math.log(stretch);
    const logs = new Float64Array(xs.length);
    let i = 0;
    for (let k = 0; k < xs.length; k += 1) {
      const at = (xs[k] - shift) / stretch;
      if (at < low || at > high) {
        logs[k] = -Infinity;
        continue;
      }
      while (i < last && u[i + 1] < at) i += 1;
      const [left, right] = [table[i], table[i + 1]];
      const part = (at - u[i]) / (u[i + 1] - u[i]);
      const value = left === -Infinity || right === -Infinity ? (part < 0.5 ? left : right) : left + part * (right - left);
      logs[k] = value + level;
    }
    return logs;
  }

  // Where a picture of this curve needs points between low and high: its own table's places, no closer than gap, and
  // both sides of every edge of its support.
  places(low, high, gap) {
    const places = [];
    for (const { shift, stretch } of this.placed()) {
      let last = low - gap;
      for (const u of this.u) {
        const x = shift + stretch * u;
        if (x < last + gap) continue;
        if (x > high) break;
        places.push(x);
        last = x;
      }
      for (const edge of this.support) {
        const x = shift + stretch * edge;
        if (edge === null || x < low || x > high) continue;
        const side = 1e-9 * Math.max(1, Math.abs(x), stretch);
        places.push(x - side, x + side);
      }
    }
    return places;
  }

  // How many outcomes its table, or its vector of probabilities, holds.
  get outcomes() {
    return this.direct ? this.values[this.direct].length : this.table.length;
  }

  // A minimum that does not exist for this target has a place in the scene, but no curve.
  get there() {
    return !this.hidden && Object.values(this.values).flat().every(Number.isFinite);
  }

  // A bar's share of the whole.
  share(key) {
    const value = this.get(key);
    return this.simplex ? value / this.values[this.simplex].reduce((a, b) => a + b, 0) : value;
  }

  middleDensity() {
    const { shift, stretch } = this.placed()[0];
    return Math.exp(this.logDensity([shift + stretch / 2])[0]);
  }

  // The weight that would lift its component's peak to a height.
  weightAtHeight(key, height) {
    const peak = this.handleX({ key, kind: "weight" });
    const now = Math.exp(this.logDensity([peak])[0]);
    return now > 0 ? (this.share(key) * Math.max(height, 0)) / now : this.share(key);
  }

  // The x at which a parameter's handle sits.
  handleX({ key, kind }) {
    const component = this.components[Number(key.split(".")[1] ?? 0)] ?? this.components[0];
    const shift = follow(component.shift, this.values, 0);
    const stretch = follow(component.stretch, this.values, 1);
    if (kind === "frames") {
      const { low, high, weight } = this.between(key, this.get(key));
      return shift + stretch * ((1 - weight) * low.at + weight * high.at);
    }
    return kind === "shift" || kind === "weight" || kind === "low" ? shift : shift + stretch;
  }

  // The parameter's value that puts its handle at x.
  valueAt({ key, kind }, x) {
    const component = this.components[Number(key.split(".")[1] ?? 0)] ?? this.components[0];
    const shift = follow(component.shift, this.values, 0);
    const stretch = follow(component.stretch, this.values, 1);
    switch (kind) {
      case "stretch": return Math.abs(x - shift);
      case "rate": return 1 / Math.max(x - shift, 1e-9);
      case "log": return Math.log(Math.max(x, 1e-9));
      case "frames": return this.frameValueAt(key, (x - shift) / stretch);
      default: return x;
    }
  }

  frameValueAt(key, at) {
    const stack = this.frames[key].filter((frame) => Number.isFinite(frame.at));
    const rising = stack[stack.length - 1].at > stack[0].at;
    const ordered = rising ? stack : [...stack].reverse();
    let i = ordered.findIndex((frame) => frame.at >= at);
    if (i < 0) i = ordered.length - 1;
    const high = ordered[i];
    const low = ordered[Math.max(i - 1, 0)];
    const span = high.at - low.at;
    const weight = span > 0 ? Math.min(Math.max((at - low.at) / span, 0), 1) : 1;
    if (!this.parameter(key).log) return (1 - weight) * low.value + weight * high.value;
    return Math.exp((1 - weight) * Math.log(low.value) + weight * Math.log(high.value));
  }
}
