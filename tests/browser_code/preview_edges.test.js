// Previews at their edges: outcomes that only one curve has, tables too long for a frame, masses that are not 1.
import assert from "node:assert/strict";
import test from "node:test";

import { contribution, summed, sumPlaces, weighed } from "../../pages/shared/live/previews.js";
import { bars, near, normal } from "./made.js";

const previewed = (measure, p, q, discrete = true) => {
  const places = sumPlaces([p, q], discrete);
  return summed(measure, weighed(p, places), weighed(q, places), places.weights);
};

test("a sum goes over the outcomes of the longer vector", () => {
  assert.deepEqual([...sumPlaces([bars([0.5, 0.5]), bars([0.2, 0.3, 0.5])], true).xs], [0, 1, 2]);
  assert.equal(previewed("kl", bars([0.2, 0.3, 0.5]), bars([0.5, 0.5])), Infinity);
});

test("an outcome that P lacks costs KL(P‖Q) nothing", () => {
  assert.ok(near(previewed("kl", bars([1, 0]), bars([0.25, 0.75])), Math.log(4)));
  assert.equal(contribution(0, 0.5, -Infinity, Math.log(0.5)), 0);
  assert.ok(near(previewed("cross_entropy", bars([1, 0]), bars([0.25, 0.75])), Math.log(4)));
  assert.equal(previewed("entropy", bars([1, 0]), bars([0.25, 0.75])), 0);
});

test("Jensen–Shannon of distributions without a common outcome is log 2, total variation and Hellinger are 1", () => {
  const [p, q] = [bars([1, 0]), bars([0, 1])];
  assert.ok(near(previewed("jensen_shannon", p, q), Math.log(2)));
  assert.ok(near(previewed("total_variation", p, q), 1));
  assert.ok(near(previewed("hellinger", p, q), 1));
});

test("a long table is summed over fewer places, and the sum is still KL", () => {
  const [p, q] = [normal(0, 1), normal(1, 1)];
  const { xs } = sumPlaces([p, q], false);
  assert.ok(xs.length > 1200 && xs.length <= 2400);
  assert.ok(near(previewed("kl", p, q, false), 0.5, 1e-4));
});

test("a short table is summed over all of its places, each with half the width between its neighbours", () => {
  const p = normal(0, 1);
  const { xs, weights } = sumPlaces([p], false);
  assert.equal(xs.length, 2001);
  assert.ok(near(weights[0], 0.005) && near(weights[1000], 0.01, 1e-9) && near(weights[2000], 0.005, 1e-9));
});

test("masses that do not sum to 1 are scaled, and densities that find more than all of their mass", () => {
  const curve = { kind: "discrete", logDensity: () => Float64Array.of(Math.log(0.5), Math.log(1)) };
  const { density, log } = weighed(curve, { xs: [0, 1], weights: [1, 1] });
  assert.ok(near(density[0], 1 / 3) && near(log[1], Math.log(2 / 3)));
  const dense = { kind: "continuous", logDensity: () => Float64Array.of(0, 0) };
  assert.ok(near(weighed(dense, { xs: [0, 1], weights: [1, 1] }).density[0], 0.5));
  assert.equal(weighed(dense, { xs: [0, 1], weights: [0.4, 0.4] }).density[0], 1);
});
