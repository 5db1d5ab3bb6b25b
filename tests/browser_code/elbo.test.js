// What the ELBO leaves out: the bound under a hand, the climb, the words.
import assert from "node:assert/strict";
import test from "node:test";

import { climbed, elboOf, expected, importance, rateOf, valueAt } from "../../pages/views/vae/elbo/bounds.js";
import { cubicRows } from "../../pages/views/vae/elbo/grid.js";
import { bandsOf } from "../../pages/views/vae/elbo/contours.js";
import { gapInWords, importanceInWords, verdict } from "../../pages/views/vae/elbo/words.js";

const nats = { name: "nats", per_nat: 1 };
const u = Float64Array.from({ length: 97 }, (_, i) => -6 + i / 8);
const raw = u.map((x) => Math.exp(-x * x / 2));
const nodes = { u, weight: raw.map((x) => x / raw.reduce((a, b) => a + b)) };

// log p(x|z) of a linear decoder: −(2 − 1.5 z₁)²/2 − (1 + z₂)²/2, less a constant.
const likelihood = (x, y) => -((2 - 1.5 * x) ** 2) / 2 - (1 + y) ** 2 / 2;
const size = [129, 81];
const table = { low: [-3, -2], high: [3, 2], size, values: Float32Array.from({ length: 129 * 81 }, (_, k) => likelihood(-3 + (Math.floor(k / 81) * 6) / 128, -2 + ((k % 81) * 4) / 80)) };
const exact = ([x, y, wide, high]) => likelihood(x, y) - (2.25 * wide * wide + high * high) / 2 - rateOf([x, y, wide, high]);

test("the bound under the hand is that of the closed form, within the table and beyond its edge", () => {
  for (const q of [[0, 0, 1, 1], [0.9, -0.5, 0.55, 0.7], [0.2, 0.1, 0.05, 0.3]]) assert.ok(Math.abs(elboOf(table, q, nodes) - exact(q)) < 0.03, String(q));
  assert.ok(Math.abs(elboOf(table, [0.9, -0.5, 0.2, 0.2], nodes) - exact([0.9, -0.5, 0.2, 0.2])) < 1e-4);
  assert.ok(Math.abs(valueAt(table, [0.333, 0.777]) - likelihood(0.333, 0.777)) < 1e-5);
  assert.ok(Number.isFinite(expected(table, [6, -6, 1.6, 1.6], nodes)));
});

test("the climb never falls and ends at the true posterior, which for a linear decoder is a Gaussian", () => {
  let q = [-0.5, 0.6, 0.2, 0.2];
  let last = elboOf(table, q, nodes);
  for (let next = climbed(table, q, nodes), steps = 0; next && steps < 400; next = climbed(table, q, nodes), steps += 1) {
    const now = elboOf(table, next, nodes);
    assert.ok(now > last);
    [q, last] = [next, now];
  }
  const truth = [3 / 3.25, -0.5, 1 / Math.sqrt(3.25), 1 / Math.sqrt(2)];
  q.forEach((value, i) => assert.ok(Math.abs(value - truth[i]) < 0.01, `${q} against ${truth}`));
});

test("bounds of more samples never fall, and with the true posterior none misses anything", () => {
  const draws = Float32Array.from({ length: 1024 }, (_, i) => 2 * Math.sin(12.9898 * i));
  const bounds = importance(table, [0, 0, 0.5, 0.5], draws, [1, 2, 4, 8]);
  bounds.slice(1).forEach((bound, i) => assert.ok(bound >= bounds[i]));
  const same = importance(table, [3 / 3.25, -0.5, 1 / Math.sqrt(3.25), 1 / Math.sqrt(2)], draws, [1, 64]);
  assert.ok(Math.abs(same[1] - same[0]) < 0.01);
});

test("contours are drawn where the posterior is, rows from the top", () => {
  const joint = cubicRows(table, [-1, 1, -1, 1], 4, 2);
  const at = likelihood(-0.75, 0.5) - (0.75 ** 2 + 0.25) / 2 - Math.log(2 * Math.PI);
  assert.ok(Math.abs(joint[0] - at) < 1e-3);
  const bands = bandsOf(table, [-1e9, 1e9], [-1, 1, -1, 1], 4, 2);
  assert.deepEqual([...bands], Array(8).fill(1));
});

const usual = { evidence: -27.4, best: -27.8, elbo: -29.1, encoder: -29.1, modes: 3, unit: nats };

test("the verdict says what q misses and why", () => {
  assert.equal(verdict(usual, "encoder"), "The encoder’s ELBO misses 1.7 nats of log p(x). Drag q, or press Fit q.");
  assert.equal(verdict({ ...usual, elbo: -27.8 }, "fit"), "The amortisation gap of 1.3 nats is closed. 0.4 nats stay: p(z|x) has three hills, a Gaussian has one.");
  assert.ok(verdict({ ...usual, elbo: -28 }, "fit").startsWith("q stopped on a local maximum, 0.2 nats below the best"));
  assert.ok(verdict({ ...usual, elbo: -28 }, "hand").includes("less than the encoder’s, which misses 1.7"));
  assert.ok(verdict({ ...usual, elbo: -40 }, "hand").includes("more than"));
  assert.ok(verdict({ ...usual, best: -27.4, elbo: -27.4 }, "fit").startsWith("q is the true posterior"));
  assert.ok(verdict({ ...usual, best: -27.4, elbo: -27.401 }, "encoder").startsWith("q is almost the true posterior: the ELBO misses 0.001 nats"));
});

test("gaps have three digits and none shows a rounding", () => {
  assert.deepEqual([1e-6, 0.0123, 0.361, 5.2918, 12.345].map((gap) => gapInWords(gap, nats)), ["0", "0.012", "0.361", "5.29", "12.3"]);
  assert.equal(gapInWords(1, { name: "bits", per_nat: 1 / Math.LN2 }), "1.44");
});

test("what more samples buy is said with its error", () => {
  const bounds = { counts: [1, 64], mean: [-29.1, -27.464], error: [0, 0.023] };
  assert.equal(importanceInWords(bounds, -27.4, nats), "From 1 to 64 samples the bound rises, and what it misses falls from 1.7 to 0.064 ± 0.023 nats.");
  assert.ok(importanceInWords({ ...bounds, mean: [-27.4, -27.4] }, -27.4, nats).includes("one sample already"));
});
