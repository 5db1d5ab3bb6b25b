// Curves made of small tables, as Python would send them.
import { Curve } from "../../pages/shared/live/curve.js";

export const pack = (values, Kind = Float64Array) => btoa(String.fromCharCode(...new Uint8Array(Kind.from(values).buffer)));

export const parameter = (key, more = {}) =>
  ({ key, name: key.split(".")[0], label: key, meaning: "", low: -10, high: 10, step: 0.1, log: false, integer: false, ...more });

export const bars = (probs) => new Curve({
  label: "P", family: "Categorical", style: "p", values: { probs }, direct: "probs", simplex: "probs", components: [], support: [null, null],
  parameters: probs.map((_, i) => parameter(`probs.${i}`, { low: 0, high: 1, step: 0.01 })), handles: [],
}, "discrete", { u: "", log_density: "" });

// The standard Normal's table, shifted and stretched.
export const normal = (loc, scale) => {
  const u = Array.from({ length: 2001 }, (_, i) => (i - 1000) / 100);
  const log = u.map((x) => -0.5 * x * x - 0.5 * Math.log(2 * Math.PI));
  return new Curve({
    label: "P", family: "Normal", style: "p", values: { loc, scale }, components: [{ weight: null, shift: ["value", "loc"], stretch: ["value", "scale"] }],
    support: [null, null], parameters: [parameter("loc"), parameter("scale", { low: 0.05, high: 20, log: true })], handles: [],
  }, "continuous", { u: pack(u), log_density: pack(log) });
};

// Two frames of a shape parameter, at 1 and at 100, besides the settled one.
export const framed = (value, log) => new Curve({
  label: "P", family: "Made", style: "p", values: { shape: value }, components: [{ weight: null, shift: null, stretch: null }], support: [null, null],
  parameters: [parameter("shape", { low: 1, high: 100, log })], handles: [],
  frames: { shape: { values: [1, 100], at: [0, 2], at_current: value === 1 ? 0 : 2, log_density: pack([0, -1, -4, -5], Float32Array) } },
}, "continuous", { u: pack([0, 1]), log_density: pack(value === 1 ? [0, -1] : [-4, -5]) });

export const near = (a, b, by = 1e-12) => Math.abs(a - b) <= by * Math.max(1, Math.abs(b));
