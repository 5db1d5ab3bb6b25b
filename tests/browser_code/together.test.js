// A room's pictures: what a hand moves is told once, and what is told is shown by the picture that it is of.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { join, listen, moved, retake, settled, show } from "../../pages/shared/live/together.js";

const picture = (key) => ({
  root: { isConnected: true }, at: 0, taken: [],
  key: () => key, posture() { return { at: this.at }; }, take(posture) { this.taken.push(posture.at); },
});

beforeEach(() => { listen(null); show(null); });

test("a move is told with the picture it is of, and only once", () => {
  const [heard, one] = [[], picture("bars")];
  listen((told) => heard.push(told));
  settled(one);
  moved(one);
  assert.deepEqual(heard, []);
  one.at = 0.5;
  moved(one);
  moved(one);
  assert.deepEqual(heard, [{ key: "bars", posture: { at: 0.5 } }]);
});

test("what Python has told is no move of a hand", () => {
  const [heard, one] = [[], picture("bars")];
  listen((told) => heard.push(told));
  one.at = 2;
  settled(one);
  moved(one);
  assert.deepEqual(heard, []);
});

test("a move is shown by the pictures that it is of, by those that come later too, and by none that has gone", () => {
  const [bars, curves, gone] = [picture("bars"), picture("curves"), picture("bars")];
  for (const one of [bars, curves, gone]) join(one);
  gone.root.isConnected = false;
  assert.equal(show({ key: "bars", posture: { at: 3 } }), true);
  assert.deepEqual([bars.taken, curves.taken, gone.taken], [[3], [], []]);
  const late = picture("bars");
  join(late);
  retake(late);
  assert.deepEqual(late.taken, [3]);
  assert.equal(show(null), false);
  retake(late);
  assert.deepEqual(late.taken, [3]);
});
