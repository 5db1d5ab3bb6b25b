// Words for where a hand let go of β, the place of a β on its slider, and the link that is shared.
import assert from "node:assert/strict";
import test from "node:test";

import { stoppedAt, tenfold, verdict } from "../../pages/views/beta/answer/verdict.js";

const best = { beta: 0.0648, gain: 1.33 };

test("who stops off the best β is told by how much and where the best is", () => {
  assert.equal(stoppedAt({ beta: 0.41, gold: 0.27 }, best), "You stopped at β = 0.41: the true reward is 1.1 below the best, at β = 0.065.");
  assert.equal(stoppedAt({ beta: Infinity, gold: 0 }, best), "You stopped at β = ∞: the true reward is 1.3 below the best, at β = 0.065.");
});

test("who stops at the best is told so, and beside it that no twentieth is missing", () => {
  assert.equal(stoppedAt({ beta: 0.065, gold: 1.33 }, best), "You stopped at β = 0.065: the best β there is.");
  assert.equal(stoppedAt({ beta: 0.07, gold: 1.32 }, best), "You stopped at β = 0.07: within 0.05 of the best, at β = 0.065.");
});

test("ten times the reward asks for ten times the β until it has it", () => {
  assert.match(tenfold(0.065, 0.065), /ten times too cheap/);
  assert.match(tenfold(0.065, 0.65), /price in units of reward per nat/);
});

test("the finding names the side of the best on which β is", () => {
  assert.equal(verdict({ beta: 0.5, gold: 0.2, proxy: 0.2 }, best), "At β = 0.5 the model moves too little: the true reward is 1.1 below the best.");
  assert.equal(verdict({ beta: 0.01, gold: -6, proxy: 4.9 }, best), "At β = 0.01 the model pleases the reward model: the true reward is 7.3 below the best.");
});
