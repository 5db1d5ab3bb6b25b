// Where the names of lines stand in a picture.
import assert from "node:assert/strict";
import test from "node:test";

import { along, placed, roomFor } from "../../pages/shared/plane/labels.js";

const FRAME = { x: 46, y: 0, width: 300, height: 260 };
const overlap = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
const within = (box) => box.x >= FRAME.x && box.x + box.width <= FRAME.x + FRAME.width && box.y >= FRAME.y && box.y + box.height <= FRAME.y + FRAME.height;

test("a name alone stands right of its line's end", () => {
  const [box] = placed([{ x: 100, y: 100, width: 40, text: "a" }], [], FRAME);
  assert.ok(box.x > 100 && Math.abs(box.y + box.height / 2 - 100) < 1);
});

test("names of lines that end together lie on no other and none leaves the picture", () => {
  const names = Array.from({ length: 6 }, (_, i) => ({ x: 335 - 4 * i, y: 120 + 3 * i, width: 80, text: `line ${i}` }));
  const boxes = placed(names, [], FRAME);
  boxes.forEach((box, i) => {
    assert.ok(within(box));
    boxes.slice(i + 1).forEach((other) => assert.ok(!overlap(box, other)));
  });
});

test("a name goes out of the way of a line", () => {
  const line = along([[100, 100], [300, 100]]);
  const [box] = placed([{ x: 100, y: 100, width: 60, text: "a" }], line, FRAME);
  assert.ok(!line.some(([x, y]) => x > box.x && x < box.x + box.width && y > box.y && y < box.y + box.height));
});

test("points along a line are close, and its corners are among them", () => {
  const points = along([[0, 0], [30, 40], [30, 90]]);
  for (const corner of [[0, 0], [30, 40], [30, 90]]) assert.ok(points.some(([x, y]) => x === corner[0] && y === corner[1]));
  points.slice(1).forEach(([x, y], i) => assert.ok(Math.hypot(x - points[i][0], y - points[i][1]) <= 8));
});

test("only names that would leave the picture take room from it", () => {
  assert.equal(roomFor([[0.4, 100]], 700), 0);
  const room = roomFor([[0.4, 100], [1, 100], [0.9, 60]], 700);
  assert.equal(room, 110);
});

test("a shorter name stands at its place before a longer one far off", () => {
  const around = Array.from({ length: 400 }, (_, i) => [118 + 8 * (i % 20), 60 + 4 * Math.floor(i / 20)]);
  const left = Array.from({ length: 100 }, (_, i) => [20 + 8 * (i % 9), 60 + 8 * Math.floor(i / 9)]);
  const name = { x: 100, y: 100, width: 150, text: "7 successes it finds odd" };
  const far = placed([name], [...around, ...left], FRAME)[0];
  const near = placed([{ ...name, short: { text: "7", width: 8 } }], [...around, ...left], FRAME)[0];
  assert.equal(far.text, name.text);
  assert.equal(near.text, "7");
  assert.ok(Math.abs(near.y + 8 - 100) <= 18);
});
