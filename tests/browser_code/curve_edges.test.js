// Curves at their edges: frames that fall, frames without a place, weights under a hand, masses beyond the table, supports.
import assert from "node:assert/strict";
import test from "node:test";

import { Curve, written } from "../../pages/shared/live/curve.js";
import { bars, near, normal, pack, parameter } from "./made.js";

const shaped = ({ ats, values = [1, 10, 100], now = 10, log = true }) => new Curve({
  label: "P", family: "Made", style: "p", values: { shape: now }, components: [{ weight: null, shift: null, stretch: null }], support: [null, null],
  parameters: [parameter("shape", { low: 1, high: 100, log })], handles: [],
  frames: { shape: { values: values.filter((value) => value !== now), at: ats.filter((_, i) => values[i] !== now), at_current: ats[values.indexOf(now)],
    log_density: pack([0, -1, -4, -5], Float32Array) } },
}, "continuous", { u: pack([0, 1]), log_density: pack([-2, -3]) });

const HANDLE = { key: "shape", kind: "frames" };

test("a handle that moves left as its parameter grows finds the parameter under the hand", () => {
  const falling = shaped({ ats: [4, 2, 0] });
  assert.ok(near(falling.valueAt(HANDLE, 3), Math.sqrt(10)));
  assert.ok(near(falling.valueAt(HANDLE, 1), 10 * Math.sqrt(10)));
  assert.ok(near(falling.valueAt(HANDLE, 9), 1));
  assert.ok(near(falling.valueAt(HANDLE, -9), 100));
});

test("and on a plain scale between two frames by itself", () => {
  const plain = shaped({ ats: [0, 2, 4], log: false });
  assert.ok(near(plain.valueAt(HANDLE, 1), 5.5));
  assert.ok(near(plain.valueAt(HANDLE, 3), 55));
  assert.ok(near(plain.valueAt(HANDLE, 2), 10));
});

test("frames whose handle has no place are passed over", () => {
  const curve = shaped({ ats: [0, 2, NaN] });
  assert.ok(near(curve.valueAt(HANDLE, 5), 10));
});

test("beyond its last frame a curve stays as that frame has it", () => {
  const curve = shaped({ ats: [0, 2, 4], now: 1 });
  curve.set("shape", 400);
  assert.deepEqual([...curve.table], [-4, -5]);
  curve.set("shape", 0.5);
  assert.deepEqual([...curve.table], [-2, -3]);
});

test("the settled table stands among the frames at its own value", () => {
  const curve = shaped({ ats: [0, 2, 4] });
  curve.set("shape", 10);
  assert.deepEqual([...curve.table], [-2, -3]);
  curve.set("shape", Math.sqrt(10));
  assert.ok(near(curve.table[0], -1) && near(curve.table[1], -2));
});

const twoHills = (weights) => {
  const u = Array.from({ length: 2001 }, (_, i) => (i - 1000) / 100);
  const log = u.map((x) => -0.5 * x * x - 0.5 * Math.log(2 * Math.PI));
  return new Curve({
    label: "P", family: "Mixture", style: "p", values: { weights, locs: [-30, 30], scales: [1, 2] }, simplex: "weights",
    components: [0, 1].map((i) => ({ weight: `weights.${i}`, shift: ["value", `locs.${i}`], stretch: ["value", `scales.${i}`] })),
    support: [null, null], parameters: [], handles: [],
  }, "continuous", { u: pack(u), log_density: pack(log) });
};

test("a mixture's density is the weighted sum of its components", () => {
  const curve = twoHills([1, 3]);
  assert.ok(near(Math.exp(curve.logDensity([-30])[0]), 0.25 / Math.sqrt(2 * Math.PI), 1e-9));
  assert.ok(near(Math.exp(curve.logDensity([30])[0]), 0.75 / 2 / Math.sqrt(2 * Math.PI), 1e-9));
  const [left, right] = curve.logDensity([-30, 30]).map(Math.exp);
  assert.ok(near(left, 0.25 / Math.sqrt(2 * Math.PI), 1e-9) && near(right, 0.75 / 2 / Math.sqrt(2 * Math.PI), 1e-9));
});

test("a weight's handle asks for the weight whose peak is as high as the hand", () => {
  const curve = twoHills([0.25, 0.75]);
  const peak = 0.5 / Math.sqrt(2 * Math.PI);
  assert.ok(near(curve.weightAtHeight("weights.0", peak), 0.5, 1e-9));
  assert.equal(curve.weightAtHeight("weights.0", -1), 0);
});

test("a weight without a peak to lift stays as it is", () => {
  const curve = twoHills([0, 1]);
  assert.equal(curve.weightAtHeight("weights.0", 1), 0);
});

test("when one bar has everything the others share what it gives up evenly", () => {
  const curve = bars([1, 0, 0]);
  curve.set("probs.0", 0.4);
  assert.ok(curve.values.probs.every((value, i) => near(value, [0.4, 0.3, 0.3][i])));
});

test("a bar stays between 0 and 1, and unnormalised bars count by their share", () => {
  const curve = bars([1, 1, 2]);
  assert.equal(curve.share("probs.2"), 0.5);
  curve.set("probs.2", 7);
  assert.deepEqual(curve.values.probs, [0, 0, 1]);
  curve.set("probs.2", -7);
  assert.deepEqual(curve.values.probs, [0.5, 0.5, 0]);
});

test("an outcome that pays for itself is no payer", () => {
  const curve = bars([0.2, 0.3, 0.5]);
  curve.set("probs.1", 0.6, 1);
  assert.ok(curve.values.probs.every((value, i) => near(value, [0.2 * 0.4 / 0.7, 0.6, 0.5 * 0.4 / 0.7][i])));
});

const counts = (log, support) => new Curve({
  label: "P", family: "Counts", style: "p", values: { rate: 2 }, components: [{ weight: null, shift: null, stretch: null }], support,
  parameters: [parameter("rate")], handles: [],
}, "discrete", { u: pack(log.map((_, i) => i)), log_density: pack(log) });

test("counts without an end go on beyond their table as they left it", () => {
  const log = counts([0, -1, -3], [0, null]).logDensity([2, 3, 5]);
  assert.deepEqual([...log], [-3, -5, -9]);
});

test("counts with an end have nothing beyond it, and bars nothing beyond the last", () => {
  assert.deepEqual([...counts([0, -1, -3], [0, 2]).logDensity([2, 3])], [-3, -Infinity]);
  assert.deepEqual([...bars([0.5, 0.5]).logDensity([1, 2])], [Math.log(0.5), -Infinity]);
});

test("a table that ends at −∞ stays there", () => {
  assert.equal(counts([0, -1, -Infinity], [0, null]).logDensity([4])[0], -Infinity);
});

const between = (support) => new Curve({
  label: "P", family: "Made", style: "p", values: { low: 1, high: 5 },
  components: [{ weight: null, shift: ["value", "low"], stretch: ["difference", "high", "low"] }], support,
  parameters: [parameter("low"), parameter("high")], handles: [],
}, "continuous", { u: pack([0, 0.5, 1]), log_density: pack([0, 0, 0]) });

test("outside its support a curve is 0, on its edges it is not", () => {
  const curve = between([0, 1]);
  const log = curve.logDensity([0.99, 1, 3, 5, 5.01]);
  assert.deepEqual([...log].map(Number.isFinite), [false, true, true, true, false]);
  assert.ok(near(log[2], -Math.log(4)));
});

test("beside an infinite entry of the table the nearer entry counts", () => {
  const curve = new Curve({
    label: "P", family: "Made", style: "p", values: { loc: 0 }, components: [{ weight: null, shift: ["value", "loc"], stretch: null }], support: [null, null],
    parameters: [parameter("loc")], handles: [],
  }, "continuous", { u: pack([0, 1, 2]), log_density: pack([-Infinity, -1, -2]) });
  assert.deepEqual([...curve.logDensity([0.4, 0.6])], [-Infinity, -1]);
});

test("points for a picture lie on both sides of every edge, and no closer than the gap elsewhere", () => {
  const places = between([0, 1]).places(0, 10, 0.5);
  for (const edge of [1, 5]) assert.ok(places.some((x) => x < edge && x > edge - 1e-6) && places.some((x) => x > edge && x < edge + 1e-6));
  const inner = normal(0, 1).places(-1, 1, 0.25);
  assert.ok(inner.length >= 7 && inner.every((x, i) => x >= -1 && x <= 1 && (!i || x - inner[i - 1] >= 0.25 - 1e-9)));
});

test("the handles of an interval's ends and its middle are where they are", () => {
  const curve = between([0, 1]);
  assert.equal(curve.handleX({ key: "low", kind: "low" }), 1);
  assert.equal(curve.handleX({ key: "high", kind: "high" }), 5);
  assert.ok(near(curve.middleDensity(), 0.25));
});

test("a rate is the reciprocal of the width under the hand, a log parameter its logarithm", () => {
  const rated = new Curve({
    label: "P", family: "Exponential", style: "p", values: { rate: 2 }, components: [{ weight: null, shift: null, stretch: ["reciprocal", "rate"] }],
    support: [0, null], parameters: [parameter("rate")], handles: [],
  }, "continuous", { u: pack([0, 1]), log_density: pack([0, -1]) });
  assert.equal(rated.handleX({ key: "rate", kind: "rate" }), 0.5);
  assert.ok(near(rated.valueAt({ key: "rate", kind: "rate" }, 0.25), 4));
  assert.ok(near(rated.valueAt({ key: "rate", kind: "log" }, Math.E), 1));
  assert.ok(near(rated.valueAt({ key: "rate", kind: "rate" }, -1), 1e9));
});

test("a curve with a number that is none, or hidden, is not there", () => {
  assert.ok(normal(0, 1).there);
  assert.ok(!normal(NaN, 1).there);
  assert.ok(!Object.assign(normal(0, 1), { hidden: true }).there);
  assert.equal(bars([0.5, 0.5]).outcomes, 2);
  assert.equal(counts([0, -1, -3], [0, null]).outcomes, 3);
});

test("one entry of a vector is written without changing the old one", () => {
  const before = { locs: [1, 2], scale: 3 };
  assert.deepEqual(written(before, "locs.1", 5), { locs: [1, 5], scale: 3 });
  assert.deepEqual(written(before, "scale", 4), { locs: [1, 2], scale: 4 });
  assert.deepEqual(before, { locs: [1, 2], scale: 3 });
});

test("a rate's handle stands one over the rate from where the distribution begins", () => {
  const curve = normal(2, 1);
  assert.ok(near(curve.valueAt({ key: "scale", kind: "rate" }, 6), 0.25));
  assert.ok(near(curve.valueAt({ key: "scale", kind: "rate" }, 1), 1e9), "a hand on the wrong side asks for the greatest");
  assert.ok(near(curve.valueAt({ key: "scale", kind: "stretch" }, -1), 3));
  assert.ok(near(curve.valueAt({ key: "scale", kind: "log" }, Math.E), 1));
});

for (const edge of [0, 1e6]) {
  test(`an edge of the support at ${edge} is drawn from both its sides, however near`, () => {
    const curve = normal(edge, 1);
    curve.support = [0, null];
    const beside = curve.places(edge - 1, edge + 1, 0.5).filter((x) => x !== edge && Math.abs(x - edge) < 5e-3);
    assert.ok(beside.some((x) => x < edge) && beside.some((x) => x > edge), String(beside));
  });
}

test("frames whose handles stand close together are told apart too", () => {
  const curve = shaped({ ats: [0, 0.2, 0.4], log: false });
  assert.ok(near(curve.valueAt(HANDLE, 0.1), 5.5));
  assert.ok(near(curve.valueAt(HANDLE, 0.3), 55));
});

test("between two frames a handle stands between theirs", () => {
  const rising = shaped({ ats: [1, 2, 4], log: false, now: 1 });
  rising.set("shape", 55); // halfway from 10 to 100
  assert.ok(near(rising.handleX(HANDLE), 3));
});

test("a picture's points may be as close as the gap", () => {
  const curve = new Curve({
    label: "P", family: "Made", style: "p", values: { loc: 0 }, components: [{ weight: null, shift: ["value", "loc"], stretch: null }], support: [null, null],
    parameters: [parameter("loc")], handles: [],
  }, "continuous", { u: pack([-2, -1, 0, 1, 2]), log_density: pack([0, 0, 0, 0, 0]) });
  assert.deepEqual(curve.places(-2, 2, 1), [-2, -1, 0, 1, 2]);
  assert.deepEqual(curve.places(-2, 2, 1.5), [-2, 0, 2]);
});
