// Tables and what lies between their entries.
import assert from "node:assert/strict";
import test from "node:test";

import { along, between, bilinear, decode, pixelMiddles, resampled, spot } from "../../pages/shared/live/tables.js";
import { pack } from "./made.js";

test("a packed table comes back", () => {
  assert.deepEqual([...decode(pack([1.5, -2]))], [1.5, -2]);
  assert.deepEqual([...decode(pack([1.5], Float32Array), Float32Array)], [1.5]);
});

test("between two entries lies their weighted mean", () => {
  assert.equal(along([0, 10, 30], 0.25), 2.5);
  assert.equal(along([0, 10, 30], 1.5), 20);
  assert.equal(along([0, 10, 30], 2), 30);
});

test("between a number and infinity lies nothing: the nearer one stands", () => {
  assert.equal(along([0, Infinity], 0.4), 0);
  assert.equal(along([0, Infinity], 0.6), Infinity);
});

test("a number's place in a table is where the table would give it", () => {
  assert.equal(spot([0, 10, 30], 20), 1.5);
  assert.equal(spot([0, 10, 30], -1), 0);
  assert.equal(spot([0, 10, 30], 99), 2);
});

test("rows are interpolated whole, in thousandths", () => {
  assert.deepEqual([...between(Int16Array.of(0, 1000, 2000, 3000), 0.5, 2)], [1, 2]);
  assert.deepEqual([...between(Int16Array.of(0, 0, 1000, 2000, 5000, 8000), 1.25, 2)], [2, 3.5]);
  assert.deepEqual([...between(Int16Array.of(0, 0, 1000, 2000), 1, 2)], [1, 2]);
});

test("a whole table between four entries is bilinear, and an infinite neighbour without a part does not count", () => {
  assert.equal(bilinear([0, 1, 2, 3], 2, 0.5, 0.5), 1.5);
  assert.equal(bilinear([0, Infinity, 2, Infinity], 2, 0.5, 0), 1);
  assert.equal(bilinear([0, 1, 2, 3], 2, 1, 1), 3);
});

test("a resampled table has, at each place, the value between four of its entries", () => {
  const values = [0, 1, 4, 9, 2, Infinity, 5, 7, 1, 8, 3, 6];
  const [rows, places] = [[0, 0.25, 1, 1.75, 2], pixelMiddles(7, 4)];
  const all = resampled(values, 4, rows, places);
  assert.equal(all.length, rows.length * places.length);
  rows.forEach((row, y) => places.forEach((column, x) => {
    const expected = bilinear(values, 4, row, column);
    const value = all[y * places.length + x];
    assert.ok(value === expected || Math.abs(value - expected) < 1e-12, `${row}, ${column}: ${value}, not ${expected}`);
  }));
});

test("the middles of pixels lie evenly on a table, half a pixel from its ends", () => {
  assert.deepEqual([...pixelMiddles(4, 9)], [1, 3, 5, 7]);
});
