// @ts-check
// Ellipses of covariances, and runs between two steps. Pure functions, no screen.

// The ellipse of one standard deviation: its half-axes and the angle of the longer, in radians.
export const axesOf = (/** @type {number[]} */ [xx, xy, yy]) => {
  const [middle, half] = [(xx + yy) / 2, Math.hypot((xx - yy) / 2, xy)];
  return { major: Math.sqrt(middle + half), minor: Math.sqrt(Math.max(middle - half, 0)), angle: Math.atan2(2 * xy, xx - yy) / 2 };
};

export const covarianceOf = ({ major, minor, angle }) => {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [major ** 2 * c * c + minor ** 2 * s * s, (major ** 2 - minor ** 2) * c * s, major ** 2 * s * s + minor ** 2 * c * c];
};

// Q's [x, y, xx, xy, yy] along a run; between steps on the line, which keeps a covariance positive definite.
export const ellipseAlong = (path, place) => {
  const last = path.value.length - 1;
  const at = Math.min(Math.max(place, 0), last);
  const left = Math.floor(at);
  const right = Math.min(left + 1, last);
  return path.ellipse.map((track) => track[left] + (at - left) * (track[right] - track[left]));
};

// What a hill becomes when one of its handles is put at (x, y): its middle, or the end of an axis, the shorter staying the shorter.
export const movedHill = ([weight, x, y, ...covariance], kind, [toX, toY]) => {
  if (kind === "loc") return [weight, toX, toY, ...covariance];
  const axes = axesOf(covariance);
  const [dx, dy] = [toX - x, toY - y];
  const length = Math.min(Math.max(Math.hypot(dx, dy), 0.2), 4);
  if (kind === "major") return [weight, x, y, ...covarianceOf({ major: Math.max(length, axes.minor), minor: axes.minor, angle: Math.atan2(dy, dx) })];
  return [weight, x, y, ...covarianceOf({ ...axes, minor: Math.min(length, axes.major) })];
};
