// Words find a free place.
import assert from "node:assert/strict";
import test from "node:test";

import { lineOfMark, placeMarks } from "../../pages/shared/live/labels.js";
import { peaksOf } from "../../pages/shared/live/panels.js";
import { line, scales, ticks } from "../../pages/shared/live/draw.js";

test("a mark's words go to the other end where a line crosses the first", () => {
  const mark = () => [{ label: "peak", left: 20 }];
  const [free, crossed] = [mark(), mark()];
  placeMarks(free, [], true, 200, 1);
  placeMarks(crossed, [[[0, free[0].y - 4], [100, free[0].y - 4]]], true, 200, 1);
  assert.ok(free[0].y < 60 && crossed[0].y > 140);
});

test("a mark's line begins below, or ends above, the words of another that it would go through", () => {
  const [first, second, far] = [{ x: 10, left: 14, y: 36, label: "one minimum" }, { x: 40, left: 44, y: 51, label: "three" }, { x: 300, left: 304, y: 66, label: "best" }];
  const all = [first, second, far];
  assert.ok(lineOfMark(second, all, 200, 1)[0] > 36 && lineOfMark(second, all, 200, 1)[1] === lineOfMark(far, all, 200, 1)[1]);
  assert.ok(lineOfMark(far, all, 200, 1)[0] === lineOfMark(first, all, 200, 1)[0]);
  assert.ok(lineOfMark(second, [{ ...first, y: 180 }, second], 200, 1)[1] < 180);
});

test("peaks of at least half the height, from left to right", () => {
  assert.deepEqual(peaksOf([0, 4, 1, 3, 0, 1, 0]), [1, 3]);
});

test("ticks are round and inside the view", () => {
  assert.deepEqual(ticks([-1, 1], 4), [-1, -0.5, 0, 0.5, 1]);
  assert.deepEqual(ticks([0, 7], 3, true), [0, 5]);
});

test("a pixel and its value are each other's", () => {
  const scale = scales(612, 236, [-3, 3], [0, 2]);
  assert.equal(scale.toX(scale.x(1.5)), 1.5);
  assert.equal(scale.toY(scale.y(0.5)), 0.5);
  assert.equal(scale.perX, 100);
});

test("a straight line needs its ends only", () => {
  const scale = scales(612, 236, [0, 6], [0, 6]);
  assert.equal(line([0, 1, 2, 6], [0, 1, 2, 6], scale).split("L").length, 2);
  assert.equal(line([0, 3, 6], [0, 6, 0], scale).split("L").length, 3);
});
