// The words of a diffusion's steps.
import test from "node:test";
import assert from "node:assert/strict";
import { stepBy } from "../../pages/views/vae/diffusion/rail.js";
import { digits, state, termInWords } from "../../pages/views/vae/diffusion/words.js";

test("a state has its number lowered", () => {
  assert.equal(state(0), "x₀");
  assert.equal(state(12), "x₁₂");
});

test("numbers have three digits, small ones three decimals, and a minus", () => {
  assert.deepEqual([0.24139, 1.0976, -0.6675, 0.0466, 0.00012, -0.0001].map(digits), ["0.241", "1.10", "−0.667", "0.047", "0", "0"]);
});

test("the first term is the reconstruction, the last the prior, those between are steps", () => {
  assert.equal(termInWords(1, 12).measure, "−log p(x₀|x₁)");
  assert.deepEqual(termInWords(3, 12), { title: "t = 3: from x₃ back to x₂", q: "q(x₂|x₃, x₀)", p: "p(x₂|x₃)", measure: "KL(q‖p)" });
  assert.equal(termInWords(13, 12).q, "q(x₁₂|x₀)");
});

test("keys go from term to term, and not beyond the prior's", () => {
  assert.deepEqual(["ArrowRight", "ArrowLeft", "Home", "End", "x"].map((key) => stepBy(key, 5, 12)), [6, 4, 1, 13, null]);
  assert.deepEqual([stepBy("ArrowLeft", 1, 12), stepBy("ArrowRight", 13, 12)], [1, 13]);
});
