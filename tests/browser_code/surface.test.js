import assert from "node:assert/strict";
import { test } from "node:test";

import { bandOf } from "../../pages/shared/plane/surface.js";

test("twelve bands, the narrower the closer to the greatest value", () => {
  const [low, high] = [-1, 5];
  for (let band = 1; band < 12; band += 1) {
    const edge = high - (high - low) * (1 - band / 12) ** 2;
    assert.equal(bandOf(edge - 1e-9, low, high), band - 1);
    assert.equal(bandOf(edge + 1e-9, low, high), band);
  }
  assert.equal(bandOf(3, 3, 3), 11, "a surface that is the same everywhere is all in one band");
});
