// Numbers as words: the same cases as Python's formatter has.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { short, written4 } from "../../pages/shared/live/numbers.js";

for (const [value, text] of JSON.parse(readFileSync(new URL("./numbers.json", import.meta.url), "utf8"))) {
  test(`${value} is ${text}`, () => assert.equal(written4(Number(value)), text));
}

test("a parameter is as short as it is exact", () => {
  assert.deepEqual([0.1 + 0.2, -3, 1e-7, 123456].map(short), ["0.3", "−3", "1e−7", "123460"]);
});
