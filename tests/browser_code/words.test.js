// What stands below the picture, in words, and the number of the outcome that comes first.
import assert from "node:assert/strict";
import test from "node:test";

import { Computed } from "../../pages/shared/live/computed.js";
import { ranked, softShares } from "../../pages/shared/live/softened.js";
import { bars, near, pack } from "./made.js";
import { Tracks } from "../../pages/shared/live/scrub.js";

const reading = (unit = { name: "nats", per_nat: 1 }) => Object.assign(new Computed(), {
  panels: [{ spec: { kind: "integrand", p: "p", q: "q" } }], curves: { p: bars([0.5, 0.5]), q: bars([0.25, 0.75]) },
  cursor: 0, names: ["heads", "tails"], unit, scene: { hint: "Drag." },
});

test("under the pointer: both probabilities, log p/q with its sign, and what the place adds", () => {
  assert.equal(reading().words(), "heads: p = 0.5000, q = 0.2500, log p/q = 0.6931 nats. Adds +0.3466 to KL(P‖Q), −0.1733 to KL(Q‖P).");
});

test("in bits where bits are shown", () => {
  assert.match(reading({ name: "bits", per_nat: 1 / Math.log(2) }).words(), /log p\/q = 1\.000 bits\. Adds \+0\.5000 to KL\(P‖Q\), −0\.2500/);
});

test("without a pointer the hint stands there", () => {
  assert.equal(Object.assign(reading(), { cursor: null }).words(), "Drag.");
});

test("the scrubber's place has its unit", () => {
  const tracks = new Tracks({ values: pack([0, 1, 2]), numbers: { kl: pack([1, 3, 7]) } });
  const picture = Object.assign(new Computed(), { tracks, position: 1.5, scene: { scrub: { unit: "β =" } } });
  assert.equal(picture.place(), "β = 1.5");
  assert.equal(tracks.number("kl", 1.5), 5);
  assert.equal(tracks.number("js", 1), null);
});

test("where P has mass and Q has none is marked", () => {
  const picture = Object.assign(new Computed(), { discrete: true, xs: [0, 1, 2, 3] });
  const [p, q] = [{ density: [1, 1, 0, 1] }, { log: [0, -Infinity, -Infinity, -Infinity] }];
  assert.deepEqual(picture.uncovered(p, q), [[0.5, 1.5], [2.5, 3.5]]);
});

test("the first and the second outcome, ties in their order", () => {
  assert.deepEqual(ranked([0.2, 0.4, 0.4], 1), { value: 0.4, outcome: 1 });
  assert.deepEqual(ranked([0.2, 0.4, 0.4], 2), { value: 0.4, outcome: 2 });
});

test("softened shares have the ratio e to the gap over T", () => {
  const [a, b] = softShares([3, 1], 2);
  assert.ok(near(a / b, Math.E));
});

test("and stay finite however large the logits", () => {
  assert.deepEqual(softShares([2000, 0], 1), [1, 0]);
});
