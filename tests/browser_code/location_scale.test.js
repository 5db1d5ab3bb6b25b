// A map of locations and scales: places, pointers and arrow keys.
import assert from "node:assert/strict";
import test from "node:test";

import { LocationScale } from "../../pages/shared/live/location_scale.js";

const map = Object.assign(new LocationScale(), { map: { loc: [-4, 4], log_scale: [0, Math.log(16)] }, width: 400, height: 200 });

test("the middle of the map is the middle location and the geometric mean of the scales", () => {
  assert.deepEqual(map.at(200, 100), { loc: 0, scale: 4 });
  assert.equal(map.x(0), 200);
  assert.ok(Math.abs(map.y(4) - 100) < 1e-9);
});

test("beyond the map's edge a pointer means the edge", () => assert.deepEqual(map.at(-50, 500), { loc: -4, scale: 1 }));

test("an arrow key goes a fortieth of the map, with Shift an eighth, and another key nowhere", () => {
  assert.deepEqual(map.stepped({ key: "ArrowRight", shiftKey: false }, { loc: 0, scale: 4 }), { loc: 0.2, scale: 4 });
  assert.deepEqual(map.stepped({ key: "ArrowUp", shiftKey: true }, { loc: 0, scale: 4 }), { loc: 0, scale: Number((4 * Math.SQRT2).toPrecision(4)) });
  assert.equal(map.stepped({ key: "Enter", shiftKey: false }, { loc: 0, scale: 4 }), null);
});
