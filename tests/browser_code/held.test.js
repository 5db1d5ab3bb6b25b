import assert from "node:assert/strict";
import { test } from "node:test";

import { whole } from "../../pages/shared/live/held.js";

const LONG = "digits ".repeat(100);

test("a text that came once is there when only its name comes", () => {
  const first = { images: { grid: { pixels: { $: "a1", text: LONG } } }, z: [0, 1], answers: 0 };
  assert.deepEqual(whole(first), { images: { grid: { pixels: LONG } }, z: [0, 1], answers: 0, held: ["a1"] });
  const next = { images: { grid: { pixels: { $: "a1" } } }, z: [2, 1], answers: 1 };
  assert.deepEqual(whole(next), { images: { grid: { pixels: LONG } }, z: [2, 1], answers: 1, held: ["a1"] });
});

test("what is told twice in one scene is listed once", () => {
  assert.deepEqual(whole({ p: { $: "b", text: LONG }, q: { $: "b" } }).held, ["b"]);
});

test("a name that nobody has explained makes no scene", () => {
  assert.equal(whole({ p: { $: "never told" } }), null);
});

test("nothing is missed where Python names nothing", () => {
  const told = { curves: {}, numbers: { kl: { value: null } }, steps: [1, [2]] };
  assert.deepEqual(whole(told), { ...told, held: [] });
});
