// Where a dragged step of a lesson goes.
import assert from "node:assert/strict";
import test from "node:test";

import { gapAt, placesLater } from "../../pages/views/lessons/order.js";

const box = (left, top) => ({ left, top, right: left + 100, bottom: top + 200 });
const row = [box(0, 0), box(120, 0), box(240, 0), box(0, 220)];
const column = [box(0, 0), box(0, 220), box(0, 440)];

test("in rows a card goes before or after the one that is nearest", () => {
  assert.equal(gapAt(row, 10, 100), 0);
  assert.equal(gapAt(row, 90, 100), 1);
  assert.equal(gapAt(row, 300, 90), 3);
  assert.equal(gapAt(row, 80, 330), 4);
});

test("in a column it goes above or below", () => {
  assert.deepEqual([20, 180, 640].map((y) => gapAt(column, 50, y)), [0, 1, 3]);
});

test("a card dropped on either side of itself stays", () => {
  assert.deepEqual([0, 1, 2, 3].map((gap) => placesLater(1, gap)), [-1, 0, 0, 1]);
});
