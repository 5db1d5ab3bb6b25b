// Every number that is shown while a hand drags, against sums done by hand and closed forms.
import assert from "node:assert/strict";
import test from "node:test";

import { contribution, summed, sumPlaces, weighed } from "../../pages/shared/live/previews.js";
import { bars, near, normal } from "./made.js";

const preview = (measure, p, q, discrete) => {
  const places = sumPlaces([p, q], discrete);
  return summed(measure, weighed(p, places), weighed(q, places), places.weights);
};
const { log, sqrt } = Math;

const COINS = {
  kl: 0.5 * log(2) + 0.5 * log(2 / 3),
  entropy: log(2),
  cross_entropy: -0.5 * log(1 / 4) - 0.5 * log(3 / 4),
  total_variation: 1 / 4,
  hellinger: sqrt(1 - sqrt(1 / 8) - sqrt(3 / 8)),
  jensen_shannon: 0.5 * (0.5 * log(4 / 3) + 0.5 * log(4 / 5)) + 0.5 * (0.25 * log(2 / 3) + 0.75 * log(6 / 5)),
};

for (const [measure, exact] of Object.entries(COINS)) {
  test(`${measure} of (1/2, 1/2) and (1/4, 3/4)`, () => {
    assert.ok(near(preview(measure, bars([0.5, 0.5]), bars([0.25, 0.75]), true), exact), String(preview(measure, bars([0.5, 0.5]), bars([0.25, 0.75]), true)));
  });
}

test("distances of distributions without a common outcome are as large as they get", () => {
  const [p, q] = [bars([1, 0]), bars([0, 1])];
  assert.equal(preview("kl", p, q, true), Infinity);
  assert.ok(near(preview("total_variation", p, q, true), 1));
  assert.ok(near(preview("hellinger", p, q, true), 1));
  assert.ok(near(preview("jensen_shannon", p, q, true), log(2)));
});

const NORMALS = {
  kl: log(2) + 2 / 8 - 1 / 2,
  entropy: 0.5 * log(2 * Math.PI * Math.E),
  cross_entropy: 0.5 * log(2 * Math.PI * 4) + 2 / 8,
  hellinger: sqrt(1 - sqrt(4 / 5) * Math.exp(-1 / 20)),
};

for (const [measure, exact] of Object.entries(NORMALS)) {
  test(`${measure} of N(0, 1) and N(1, 2²) by sums over the tables`, () => {
    assert.ok(near(preview(measure, normal(0, 1), normal(1, 2), false), exact, 1e-3));
  });
}

test("what a place adds is p log p/q, negative where q is larger", () => {
  assert.ok(near(contribution(0.5, 0.25, log(0.5), log(0.25)), 0.5 * log(2)));
  assert.ok(contribution(0.25, 0.5, log(0.25), log(0.5)) < 0);
  assert.equal(contribution(0, 0.5, -Infinity, log(0.5)), 0);
});

test("a density whose sum is more than 1 is scaled to 1", () => {
  const curve = { kind: "continuous", logDensity: (xs) => xs.map(() => log(2)) };
  const { density } = weighed(curve, { xs: Float64Array.of(0, 1), weights: Float64Array.of(0.5, 0.5) });
  assert.deepEqual([...density], [1, 1]);
});
