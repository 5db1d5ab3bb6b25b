// Ellipses of covariances in the plane, and what a hand makes of them.
import assert from "node:assert/strict";
import test from "node:test";

import { axesOf, covarianceOf, ellipseAlong, movedHill } from "../../pages/views/forward_reverse/plane/geometry.js";

const close = (a, b) => a.forEach((value, i) => assert.ok(Math.abs(value - b[i]) < 1e-9, `${a} is not ${b}`));

test("the axes of a slanted covariance are the roots of its eigenvalues", () => {
  const { major, minor, angle } = axesOf([1, 0.9, 1]);
  close([major ** 2, minor ** 2, angle], [1.9, 0.1, Math.PI / 4]);
});

for (const covariance of [[1, 0, 1], [0.5, 0.25, 1], [0.5, -0.25, 1], [4, 0, 0.25]]) {
  test(`axes lead back to ${covariance}`, () => close(covarianceOf(axesOf(covariance)), covariance));
}

test("between two steps every number lies on the line", () => {
  const path = { value: [1, 0], ellipse: [[0, 2], [0, 0], [1, 3], [0, 1], [1, 1]] };
  close(ellipseAlong(path, 0.5), [1, 0, 2, 0.5, 1]);
  close(ellipseAlong(path, 99), [2, 0, 3, 1, 1]);
});

const hill = [0.5, 1, 1, 1, 0, 0.25];
test("a hill's middle moves without its shape", () => close(movedHill(hill, "loc", [2, 3]), [0.5, 2, 3, 1, 0, 0.25]));
test("the longer axis follows the hand in length and in angle", () => close(movedHill(hill, "major", [1, 3]), [0.5, 1, 1, 0.25, 0, 4]));
test("the shorter axis never becomes the longer", () => close(movedHill(hill, "minor", [1, 9]), [0.5, 1, 1, 1, 0, 1]));
