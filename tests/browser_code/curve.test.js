// Curves: shifts and stretches, frames along a shape parameter, bars that rescale.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { Curve } from "../../pages/shared/live/curve.js";
import { bars, framed, near, normal, pack, parameter } from "./made.js";

const CASES = JSON.parse(readFileSync(new URL("./affine.json", import.meta.url), "utf8"));

for (const { family, values, shift, stretch, links } of CASES) {
  test(`${family} at ${JSON.stringify(values)} is shifted and stretched as in Python`, () => {
    const curve = new Curve({
      values, components: [{ weight: null, ...links }], support: [null, null], parameters: Object.keys(values).map((key) => parameter(key)), handles: [],
    }, "continuous", { u: pack([-1, 0, 1]), log_density: pack([0, 0, 0]) });
    const [place] = curve.placed();
    assert.ok(near(place.shift, shift) && near(place.stretch, stretch), JSON.stringify(place));
    assert.ok(near(curve.logDensity([shift])[0], -Math.log(stretch)));
  });
}

test("between two frames a parameter on a log scale counts by its logarithm", () => {
  const curve = framed(1, true);
  curve.set("shape", 10);
  assert.deepEqual([...curve.table], [-2, -3]);
  assert.ok(near(curve.handleX({ key: "shape", kind: "frames" }), 1));
  assert.ok(near(curve.valueAt({ key: "shape", kind: "frames" }, 1), 10));
});

test("and one on a plain scale by itself", () => {
  const curve = framed(1, false);
  curve.set("shape", 50.5);
  assert.deepEqual([...curve.table], [-2, -3]);
  assert.ok(near(curve.valueAt({ key: "shape", kind: "frames" }, 1), 50.5));
});

test("a frame's own value gives its own table", () => {
  const curve = framed(1, true);
  curve.set("shape", 100);
  assert.deepEqual([...curve.table], [-4, -5]);
  curve.set("shape", 1);
  assert.deepEqual([...curve.table], [0, -1]);
});

test("when one bar moves the others rescale in proportion", () => {
  const curve = bars([0.2, 0.3, 0.5]);
  curve.set("probs.2", 0.75);
  assert.ok(curve.values.probs.every((value, i) => near(value, [0.1, 0.15, 0.75][i])));
});

test("or one outcome pays alone, with no more than it has", () => {
  const curve = bars([0.2, 0.3, 0.5]);
  curve.set("probs.2", 0.6, 0);
  assert.ok(curve.values.probs.every((value, i) => near(value, [0.1, 0.3, 0.6][i])));
  curve.set("probs.2", 0.9, 0);
  assert.ok(curve.values.probs.every((value, i) => near(value, [0, 0.3, 0.7][i])));
});

test("a Normal's density is that of the shifted and stretched table", () => {
  const [log] = normal(2, 0.5).logDensity([2.5]);
  assert.ok(near(log, -0.5 - 0.5 * Math.log(2 * Math.PI) - Math.log(0.5), 1e-6));
});

test("a handle is where its parameter puts it, and back", () => {
  const curve = normal(2, 0.5);
  assert.equal(curve.handleX({ key: "loc", kind: "shift" }), 2);
  assert.equal(curve.handleX({ key: "scale", kind: "stretch" }), 2.5);
  assert.equal(curve.valueAt({ key: "loc", kind: "shift" }, 3), 3);
  assert.equal(curve.valueAt({ key: "scale", kind: "stretch" }, 4), 2);
});
