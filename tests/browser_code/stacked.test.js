// Bars of a chart that stand on one another.
import assert from "node:assert/strict";
import test from "node:test";

import { columns } from "../../pages/shared/live/marks.js";

const scale = { perX: 10, x: (value) => 10 * value, y: (value) => 100 - 10 * value };

test("a bar begins where the one below it ends", () => {
  assert.equal(columns([1], [2], scale, 0, 1), "M6 100V80H12V100Z");
  assert.equal(columns([1], [3], scale, 0, 1, Float64Array.of(2)), "M6 80V50H12V80Z");
});
