// What the keyboard does with a handle.
import assert from "node:assert/strict";
import test from "node:test";

import { Handle } from "../../pages/shared/live/handles.js";
import { near, normal } from "./made.js";

const handle = (key, kind) => Object.assign(Object.create(Handle.prototype), { key, kind });
const after = (key, shiftKey = false, at = 1) => handle("loc", "shift").valueAfterKey(normal(at, 1), { key, shiftKey });

for (const [key, by] of [["ArrowRight", 0.1], ["ArrowUp", 0.1], ["ArrowLeft", -0.1], ["ArrowDown", -0.1], ["PageUp", 1], ["PageDown", -1]]) {
  test(`${key} moves by ${by}`, () => assert.ok(near(after(key), 1 + by), String(after(key))));
}
for (const [key, by] of [["ArrowRight", 1], ["ArrowLeft", -1]]) {
  test(`Shift and ${key} move by ${by}`, () => assert.ok(near(after(key, true), 1 + by)));
}

test("Home and End are the ends of the range, and no key leaves it", () => {
  assert.equal(after("Home"), -10);
  assert.equal(after("End"), 10);
  assert.equal(after("PageUp", false, 9.5), 10);
});

test("other keys are left to the page", () => assert.equal(after("a"), null));

test("a value on a log scale has three digits", () => {
  assert.equal(handle("scale", "stretch").fit(normal(0, 1), 1.23456), 1.23);
});
