// What happened to a drawing, in words; and strokes as a link has them.
import assert from "node:assert/strict";
import test from "node:test";

import { fitted, MOST_POINTS, MOST_STROKES, onGrid, pieces, rendered, strokesOf, textOf } from "../../pages/views/vae/drawing/strokes.js";
import { amount, around, atPoint, verdict } from "../../pages/views/vae/drawing/words.js";

const nats = { name: "nats", per_nat: 1 };
const typical = { low: 43, middle: 83, high: 137 };
const near = (first, second = 0, far = 0.1) => ({ kinds: [{ digit: first, share: 1 - second }, { digit: 4, share: second }], far });

test("a drawing between two digits is said to lie between them", () => {
  assert.equal(verdict(123.2, near(9, 0.4), typical, nats),
    "Your drawing costs 123 nats; a typical digit costs 83. It lies between the 9s and the 4s, and the VAE gives back a 9.");
  assert.ok(verdict(70, near(8, 0.1), typical, nats).endsWith("It lies among the 8s, and the VAE gives back an 8."));
  assert.ok(verdict(200, near(8, 0, 0.9), typical, nats).includes("It lies where no digit does"));
});

test("a scribble costs many times a typical glyph, and the sentence says why", () => {
  assert.equal(verdict(903, near(6), typical, nats),
    "Your drawing costs 903 nats; a typical digit costs 83. The decoder never saw one like it: the nearest it knows is a 6.");
  assert.ok(verdict(903, near(6), typical, { name: "bits", per_nat: 1 / Math.LN2 }).startsWith("Your drawing costs 1303 bits; a typical digit costs 120."));
});

test("a carried point is held against where the encoder put the drawing", () => {
  assert.equal(atPoint(214.4, 117, near(7), nats), "Here the decoder draws a 7. From here your drawing’s pixels cost 214 nats, more than the 117 where the encoder put it.");
  assert.ok(atPoint(100, 117, near(7), nats).includes("less than"));
  assert.ok(atPoint(117.2, 117, near(7), nats).includes("as much as"));
  assert.equal(atPoint(null, 0, near(7), nats), "Here the decoder draws a 7.");
});

test("the glyphs around a place are counted, the most frequent digit first", () => {
  const places = [0, 0, 0.1, 0, 0, 0.2, 3, 3];
  assert.deepEqual(around(places, [4, 9, 9, 1], [0, 0], 3), { kinds: [{ digit: 9, share: 2 / 3 }, { digit: 4, share: 1 / 3 }], far: 0 });
});

test("amounts keep two or three digits", () => {
  assert.deepEqual([5.906, 12.34, 82.9, 903.1].map((value) => amount(value, nats)), ["5.9", "12.3", "83", "903"]);
});

test("a straight line of a hundred points travels as two, and a text comes back as it was", () => {
  const line = Array.from({ length: 100 }, (_, i) => [3 * i, 2 * i]);
  assert.deepEqual(fitted([line]), [[[0, 0], [297, 198]]]);
  const strokes = [[[0, 511], [17, 300], [511, 0]], [[5, 5]]];
  assert.deepEqual(strokesOf(textOf(strokes)), strokes);
  assert.deepEqual(strokesOf(""), []);
});

test("however much is scribbled, a link can hold it", () => {
  const wild = Array.from({ length: MOST_STROKES + 3 }, (_, k) => Array.from({ length: 400 }, (_, i) => [onGrid(0.5 + 0.5 * Math.sin(i * (k + 1))), onGrid(0.5 + 0.5 * Math.cos(2.3 * i))]));
  const fit = fitted(wild);
  assert.equal(fit.length, MOST_STROKES);
  assert.ok(fit.flat().length <= MOST_POINTS);
});

test("a corner stays where it was drawn", () => {
  const corner = [...Array.from({ length: 50 }, (_, i) => [100 + 4 * i, 100]), ...Array.from({ length: 50 }, (_, i) => [296, 100 + 4 * i])];
  assert.deepEqual(fitted([corner]), [[[100, 100], [296, 100], [296, 296]]]);
});

test("a dot is one round spot in the middle", () => {
  const ink = rendered(pieces([[[40, 400]]]));
  assert.ok(Math.abs(ink.reduce((sum, value) => sum + value, 0) - Math.PI * 1.35 ** 2) < 0.6);
  assert.equal(ink[14 * 28 + 14], 1);
});
