// The playground's pure functions: curves from tables, contributions, runs between steps, hills and bells under the hand.
import assert from "node:assert/strict";
import test from "node:test";

import { TERMS, along, contributions, logDensity, parameter, smoothed, summed, tableAt, three, valueAlong } from "../../pages/views/forward_reverse/canvas/curves.js";
import { afterKey, clamped, fewerHills, moreHills, reweighted } from "../../pages/views/forward_reverse/canvas/handles.js";
import { bandOf, takesBall } from "../../pages/views/forward_reverse/canvas/landscape.js";
import { pathOf, ticksOf } from "../../pages/views/forward_reverse/canvas/plot.js";
import { movedBells } from "../../pages/views/forward_reverse/canvas/specs.js";

const close = (a, b, tolerance = 1e-9) => assert.ok(Math.abs(a - b) <= tolerance, `${a} is not ${b}`);
const even = (low, high, count) => Array.from({ length: count }, (_, i) => low + (i / (count - 1)) * (high - low));
const log = (x, loc = 0, scale = 1) => -0.5 * ((x - loc) / scale) ** 2 - Math.log(scale) - 0.5 * Math.log(2 * Math.PI);
const base = { range: [-60, 60], table: even(-60, 60, 12001).map((u) => log(u)) };

test("a table is read on the line between its entries, and beyond its ends along the last slope", () => {
  close(tableAt([0, 1, 4], [0, 2], 1.5), 2.5);
  close(tableAt([0, 1, 4], [0, 2], 3), 7);
});

test("a shifted and stretched base table is the density of N(loc, scale)", () => {
  const xs = even(-3, 5, 17);
  logDensity(xs, base, [{ weight: 1, loc: 1, scale: 0.5 }]).forEach((value, i) => close(value, log(xs[i], 1, 0.5), 1e-3));
});

test("weights of a mixture add up, and one of weight 0 adds nothing", () => {
  const xs = [0];
  const alone = logDensity(xs, base, [{ weight: 1, loc: 0, scale: 1 }])[0];
  const halves = [{ weight: 0.5, loc: 0, scale: 1 }, { weight: 0.5, loc: 0, scale: 1 }, { weight: 0, loc: 0, scale: 1 }];
  close(logDensity(xs, base, halves)[0], alone);
});

// KL(N(0, 1)‖N(1, 1)) = ½; the integral of the α-terms is (1 − e^(−α(1 − α)/2)) / (α(1 − α)).
const xs = even(-12, 13, 2501);
const [p, q] = [xs.map((x) => log(x)), xs.map((x) => log(x, 1))];
test("contributions sum up to the closed forms of two Gaussians", () => {
  close(summed(xs, contributions("kl_pq", p, q)), 0.5, 1e-6);
  close(summed(xs, contributions("kl_qp", p, q)), 0.5, 1e-6);
  close(summed(xs, contributions("alpha", p, q, 0.3)), (1 - Math.exp(-0.105)) / 0.21, 1e-6);
});

test("Jensen–Shannon of distributions that do not meet is log 2, and no place is NaN", () => {
  const [a, b] = [[Math.log(1), -Infinity], [-Infinity, Math.log(1)]];
  close(contributions("js", a, b).reduce((sum, value) => sum + value, 0), Math.log(2));
});

test("where only the second density is 0 the contribution is infinite", () => assert.equal(TERMS.kl_pq(0, -Infinity), Infinity));

test("between two steps of a run the mean lies on the line and the scale on the ratio", () => {
  const path = { value: [2, 1], components: [{ loc: [0, 4], scale: [1, 4] }] };
  assert.deepEqual(along(path, 0.5), [{ weight: 1, loc: 2, scale: 2 }]);
  close(valueAlong(path, 0.25), 1.75);
});

test("a path of one step is that step wherever one looks", () => {
  assert.deepEqual(along({ value: [1], components: [{ loc: [3], scale: [2] }] }, 180), [{ weight: 1, loc: 3, scale: 2 }]);
});

for (const [value, text] of [[0.4619946, "0.462"], [2.236, "2.24"], [0.0205, "0.0205"], [295.4, "295"], [-0.25, "−0.250"], [Infinity, "∞"], [NaN, "NaN"], [1e-9, "0.000"]]) {
  test(`${value} is written ${text}`, () => assert.equal(three(value), text));
}
test("a parameter at 0 is written 0", () => assert.equal(parameter(1e-12), "0"));

test("smoothing leaves a level line as it is", () => smoothed([2, 2, 2, 2, 2]).forEach((height) => close(height, 2)));

test("ticks are even, round and at most as many as asked for", () => {
  assert.deepEqual(ticksOf([-8, 8], 8), [-8, -6, -4, -2, 0, 2, 4, 6, 8]);
  assert.deepEqual(ticksOf([-2, 2], 4), [-2, -1, 0, 1, 2]);
});

test("a path is drawn through every place", () => assert.equal(pathOf([0, 1], [2, 3], (x) => 10 * x, (y) => y), "M0 2L10 3"));

test("the bands of a landscape widen upwards: floor first, page last, infinity is page", () => {
  assert.equal(bandOf(0.1, 0.1, 4.5), 0);
  assert.equal(bandOf(4.7, 0.1, 4.5), 9);
  assert.equal(bandOf(Infinity, 0, 4.5), 9);
});

test("a finger takes the ball sideways, and scrolls the page up and down", () => {
  assert.ok(takesBall(-12, 5) && !takesBall(3, 0) && !takesBall(4, 30));
});


test("a hill's new weight leaves the others in their proportion, and all sum to 1", () => {
  const weights = reweighted([0.2, 0.2, 0.6], 0, 0.6);
  close(weights[1] / weights[2], 1 / 3);
  close(weights.reduce((sum, weight) => sum + weight, 0), 1);
});

const two = { weights: [0.5, 0.5], locs: [-3, 3], scales: [1, 1] };
test("a new hill stands in the widest gap, and weights still sum to 1", () => {
  const more = moreHills(two);
  assert.equal(more.locs[2], 0);
  close(more.weights.reduce((sum, weight) => sum + weight, 0), 1);
});
test("without a hill the rest share its weight", () => assert.deepEqual(fewerHills(two, 0), { weights: [1], locs: [3], scales: [1] }));

test("keys and hands stay inside the range", () => {
  assert.equal(afterKey("loc", 7.95, { key: "ArrowRight" }), 8);
  assert.equal(afterKey("scale", 1, { key: "Home" }), 0.1);
  assert.equal(afterKey("loc", 0, { key: "x" }), null);
  assert.equal(clamped("weight", 2), 0.95);
});

const pair = [{ weight: 0.5, loc: -2, scale: 1 }, { weight: 0.5, loc: 2, scale: 1 }];
test("two bells move together and keep their distance in widths", () => {
  assert.deepEqual(movedBells(pair, { loc: 0 }, false).map(({ loc }) => loc), [0, 4]);
  assert.deepEqual(movedBells(pair, { scale: 2 }, false).map(({ loc }) => loc), [-4, 4]);
  assert.deepEqual(movedBells(pair, { loc: 1, scale: 1 }, true).map(({ loc }) => loc), [-1, 3]);
});
