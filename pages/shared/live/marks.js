// @ts-check
// Paths of what charts are made of: bars, whiskers, dots, and lines with gaps.

import { tenth } from "./draw.js";

// Bars, those of all series side by side at each whole x, or each on the bar before it: floors, where it begins.
export const columns = (xs, ys, scale, i, count, floors = new Float64Array(xs.length)) => {
  const wide = (0.8 * scale.perX) / count;
  return Array.from(xs, (x, k) => {
    if (!Number.isFinite(ys[k])) return "";
    const left = tenth(scale.x(x) + (i - count / 2) * wide);
    const base = tenth(scale.y(floors[k]));
    return `M${left} ${base}V${tenth(scale.y(floors[k] + ys[k]))}H${tenth(left + wide - 2)}V${base}Z`;
  }).join("");
};

// How sure each place is: from its value less its error to its value and as much.
export const whiskers = (xs, ys, errors, scale, i, count) => {
  const wide = (0.8 * scale.perX) / count;
  return Array.from(xs, (x, k) => {
    if (!Number.isFinite(ys[k]) || !(errors[k] > 0)) return "";
    const at = tenth(scale.x(x) + (count > 1 ? (i - count / 2 + 0.5) * wide - 1 : 0));
    const [low, high] = [tenth(scale.y(ys[k] - errors[k])), tenth(scale.y(ys[k] + errors[k]))];
    return `M${at - 5} ${low}h10M${at} ${low}V${high}M${at - 5} ${high}h10`;
  }).join("");
};

// A dot at each place: a measurement, where a line would claim what lies between.
export const spots = (xs, ys, scale, r = 4.5) => Array.from(xs, (x, k) =>
  Number.isFinite(ys[k]) ? `M${tenth(scale.x(x) - r)} ${tenth(scale.y(ys[k]))}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z` : "").join("");

// A line that lifts its pen where there is nothing to draw.
export const segments = (xs, ys, scale) => {
  let path = "";
  let down = false;
  for (let i = 0; i < xs.length; i += 1) {
    const drawn = Number.isFinite(ys[i]);
    if (drawn) path += `${down ? "L" : "M"}${tenth(scale.x(xs[i]))} ${tenth(scale.y(ys[i]))}`;
    down = drawn;
  }
  return path;
};
