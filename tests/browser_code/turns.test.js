// What a hand tells while Python answers: one question at a time, and never an old place after a new one.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Turns } from "../../pages/shared/turns.js";

const turns = () => {
  const told = [];
  return { told, hand: new Turns((kind, message) => told.push([kind, message.to])) };
};

test("while an answer is awaited only the hand's last place is kept, and it is asked when the answer has come", () => {
  const { told, hand } = turns();
  for (const to of [1, 2, 3]) hand.move({ to });
  assert.deepEqual(told, [["move", 1]]);
  hand.answered();
  assert.deepEqual(told, [["move", 1], ["move", 3]]);
  hand.answered();
  hand.move({ to: 4 });
  assert.deepEqual(told.at(-1), ["move", 4]);
});

test("where the hand lets go is told at once, and no place before it comes after it", () => {
  const { told, hand } = turns();
  hand.move({ to: 1 });
  hand.move({ to: 2 });
  hand.settle({ to: 3 });
  hand.answered();
  assert.deepEqual(told, [["move", 1], ["settle", 3]]);
});
