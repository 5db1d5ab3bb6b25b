// Words for speculative decoding.
import assert from "node:assert/strict";
import test from "node:test";

import { boundInWords, nats, percent, runInWords, verdict } from "../../pages/views/two_distributions/speculative/words.js";

const usual = { acceptance: 0.74, tokens: 2.99, gamma: 4, kl_pq: 0.172 };

test("the verdict says how many drafts pass and what that buys", () => {
  assert.equal(verdict(usual), "P keeps 74 % of Q’s drafts: 2.99 words per call of P instead of 1.");
  assert.ok(verdict({ ...usual, kl_pq: Infinity }).startsWith("KL(P‖Q) is ∞, yet P keeps 74 %"));
  assert.ok(verdict({ ...usual, acceptance: 1, tokens: 5 }).includes("5 words per call"));
  assert.ok(verdict({ ...usual, acceptance: 0, tokens: 1 }).includes("keeps no draft"));
});

test("a bound below 0 says that it says nothing", () => {
  assert.equal(boundInWords(0.7241), "≥ 0.724");
  assert.equal(boundInWords(0), "≥ 0");
  assert.equal(boundInWords(-Infinity), "below 0: says nothing");
  assert.equal(nats(Infinity), "∞");
});

test("shares near the ends keep their digits", () => {
  assert.deepEqual([percent(0), percent(0.0002), percent(0.0123), percent(0.5), percent(0.9991), percent(1)], ["0 %", "<0.1 %", "1.2 %", "50 %", "99.91 %", "100 %"]);
});

test("the run is held against what is expected", () => {
  assert.ok(runInWords(6000, 2000, 2.99, 0.0123).startsWith("2000 calls of P gave 6000 words: 3.00 per call, 2.99 expected."));
});
