// Words for estimators' gradients, names with subscripts, and bands of a surface.
import assert from "node:assert/strict";
import test from "node:test";

import { degrees, follows, offInWords, samplerInWords, verdict } from "../../pages/views/sample_estimates/noise/words.js";
import { widened } from "../../pages/shared/plane/places.js";
import { bandOf } from "../../pages/shared/plane/surface.js";
import { pieces, widthOf } from "../../pages/shared/live/typeset.js";

const exact = { name: "k2", error: 1e-12, length: 1, angle: 0, backError: 0.4 };
const back = { name: "k3", error: 0.4, length: 1.4, angle: 19.2, backError: 1e-12 };
const off = { name: "k3", error: 0.6, length: 2.5, angle: 30.4, backError: 0.5 };
const zero = { name: "k1", error: 1, length: 1e-17, angle: NaN, backError: 1 };

test("what a loss follows is decided by the errors, not by the angle", () => {
  assert.deepEqual([exact, back, off, zero].map(follows), ["exact", "back", "neither", "zero"]);
  assert.equal(offInWords(back), "19° off, 1.4 × as long");
  assert.equal(offInWords(zero), "its mean is 0");
});

test("the finding names what is right and how far off the rest is", () => {
  assert.equal(verdict(0, [exact, back]), "On-policy: k2 follows ∇KL(π‖π_ref); k3 follows ∇KL(π_ref‖π).");
  assert.equal(verdict(0.5, [exact, off]), "With μ 50 % of the way to π_ref: k2 follows ∇KL(π‖π_ref); k3 is 30° off.");
  assert.equal(verdict(1, [zero]), "With μ = π_ref: k1 averages to 0.");
  assert.ok(verdict(0, []).startsWith("Choose"));
});

test("small angles keep a digit", () => {
  assert.equal(degrees(0.234), "0.2°");
  assert.equal(samplerInWords(0.025), "μ 3 % of the way to π_ref");
});

test("the subscript of π_ref is lowered, and no other", () => {
  assert.deepEqual(pieces("KL(π‖π_ref), nats"), [["KL(π‖π", false], ["ref", true], ["), nats", false]]);
  assert.deepEqual(pieces("my_ref, π_old"), [["my_ref, π_old", false]]);
  assert.ok(widthOf("π_ref") < 5);
});

test("an axis is widened around its middle until a unit is as long as on the other", () => {
  assert.deepEqual(widened([0, 1], 400, 0.01), [-1.5, 2.5]);
  assert.deepEqual(widened([0, 8], 400, 0.01), [0, 8]);
});

test("a surface's bands begin at its least value and end at its greatest", () => {
  assert.equal(bandOf(3, 0, 3), 11);
  assert.equal(bandOf(0, 0, 3), 0);
});
