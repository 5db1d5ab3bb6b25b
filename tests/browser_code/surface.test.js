import assert from "node:assert/strict";
import { test } from "node:test";

import { bandOf, rowAt, valueAt } from "../../pages/shared/plane/surface.js";

const SIDE = 3;
const table = Array.from({ length: SIDE * SIDE }, (_, i) => 10 * Math.floor(i / SIDE) + (i % SIDE)); // 10 a row, 1 a column
const places = [0, 0.1, 0.25, 0.5, 0.7, 0.999, 1];
const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-12, `${a} is not ${b}`);

test("a plane is met at every place, and its edge beyond it", () => {
  for (const u of places) for (const v of places) near(valueAt(table, SIDE, u, v), 20 * v + 2 * u);
  near(valueAt(table, SIDE, -1, 2), 20);
  near(valueAt(table, SIDE, 2, -1), 2);
});

test("a row between two rows is a table in which the same values stand", () => {
  for (const v of [-1, ...places, 2]) for (const u of places) near(valueAt(rowAt(table, SIDE, v), SIDE, u, 0), valueAt(table, SIDE, u, v));
});

test("twelve bands, the narrower the closer to the greatest value", () => {
  const [low, high] = [-1, 5];
  for (let band = 1; band < 12; band += 1) {
    const edge = high - (high - low) * (1 - band / 12) ** 2;
    assert.equal(bandOf(edge - 1e-9, low, high), band - 1);
    assert.equal(bandOf(edge + 1e-9, low, high), band);
  }
  assert.equal(bandOf(3, 3, 3), 11, "a surface that is the same everywhere is all in one band");
});
