// @ts-check
// The ELBO of any q while a hand moves: log p(x|z) comes as a table, the nodes of a normal expectation too. Pure functions.

/**
 * @typedef {{ low: number[], high: number[], size: number[], values: Float32Array }} Table log p(x|z), rows by z₁
 * @typedef {{ u: Float64Array, weight: Float64Array }} Nodes of the standard normal
 * @typedef {number[]} Q its means, then its standard deviations
 */

// What each node of a line counts for, when a value at `at` (in steps from the first) is interpolated: four neighbours by a cubic,
// and beyond the ends the straight line through the last two.
const add = (sums, at, share) => {
  const last = sums.length - 1;
  if (at < 0 || at > last) {
    const [end, next, beyond] = at < 0 ? [0, 1, -at] : [last, last - 1, at - last];
    sums[end] += share * (1 + beyond);
    sums[next] -= share * beyond;
    return;
  }
  const i = Math.min(Math.max(Math.floor(at), 1), last - 2);
  const t = at - i;
  sums[i - 1] -= (share * t * (t - 1) * (t - 2)) / 6;
  sums[i] += (share * (t + 1) * (t - 1) * (t - 2)) / 2;
  sums[i + 1] -= (share * (t + 1) * t * (t - 2)) / 2;
  sums[i + 2] += (share * (t + 1) * t * (t - 1)) / 6;
};

const side = (/** @type {Table} */ table, axis, mean, sd, /** @type {Nodes} */ { u, weight }) => {
  const sums = new Float64Array(table.size[axis]);
  const step = (table.high[axis] - table.low[axis]) / (table.size[axis] - 1);
  for (let k = 0; k < u.length; k += 1) add(sums, (mean + sd * u[k] - table.low[axis]) / step, weight[k]);
  return sums;
};

// E_q[log p(x|z)].
export const expected = (/** @type {Table} */ table, /** @type {Q} */ [x, y, wide, high], /** @type {Nodes} */ nodes) => {
  const [first, second] = [side(table, 0, x, wide, nodes), side(table, 1, y, high, nodes)];
  const rows = table.size[1];
  let sum = 0;
  for (let i = 0; i < first.length; i += 1) {
    if (!first[i]) continue;
    let row = 0;
    for (let j = 0; j < rows; j += 1) row += table.values[i * rows + j] * second[j];
    sum += first[i] * row;
  }
  return sum;
};

// log p(x|z) at one place.
export const valueAt = (/** @type {Table} */ table, z) => expected(table, [z[0], z[1], 0, 0], { u: new Float64Array(1), weight: new Float64Array([1]) });

// KL(q‖N(0, I)).
export const rateOf = (/** @type {Q} */ [x, y, wide, high]) => (x * x + y * y + wide * wide + high * high) / 2 - 1 - Math.log(wide * high);

export const elboOf = (/** @type {Table} */ table, /** @type {Q} */ q, /** @type {Nodes} */ nodes) => expected(table, q, nodes) - rateOf(q);

const NUDGE = 1e-3; // of a standard deviation

// One step of natural-gradient ascent on the ELBO, over the means and the logarithms of the spreads, halved until it climbs;
// null where nothing is left to climb.
export const climbed = (table, /** @type {Q} */ q, nodes, rate = 0.25) => {
  const [, , wide, high] = q;
  const nudged = (k, by) => q.map((value, i) => (i !== k ? value : k < 2 ? value + by * [wide, high][k] : value * Math.exp(by)));
  const slope = q.map((_, k) => (elboOf(table, nudged(k, NUDGE), nodes) - elboOf(table, nudged(k, -NUDGE), nodes)) / (2 * NUDGE));
  const now = elboOf(table, q, nodes);
  for (let step = rate; step > 1e-3; step /= 2) {
    const clip = (value) => Math.min(Math.max(step * value, -0.5), 0.5);
    const next = [q[0] + wide * clip(slope[0]), q[1] + high * clip(slope[1]), wide * Math.exp(clip(slope[2] / 2)), high * Math.exp(clip(slope[3] / 2))];
    const gain = elboOf(table, next, nodes) - now;
    if (gain > 1e-6) return next;
  }
  return null;
};

const logMeanExp = (values, from, count) => {
  let top = -Infinity;
  for (let i = from; i < from + count; i += 1) top = Math.max(top, values[i]);
  let sum = 0;
  for (let i = from; i < from + count; i += 1) sum += Math.exp(values[i] - top);
  return top + Math.log(sum / count);
};

const LOG_TAU = Math.log(2 * Math.PI);

// The importance-weighted bounds from a few draws (pairs of the standard normal): a preview of kl_core's.
export const importance = (table, /** @type {Q} */ [x, y, wide, high], draws, counts) => {
  const n = draws.length / 2;
  const weights = new Float64Array(n);
  for (let i = 0; i < n; i += 1) {
    const [u, v] = [draws[2 * i], draws[2 * i + 1]];
    const [a, b] = [x + wide * u, y + high * v];
    weights[i] = valueNear(table, a, b) - (a * a + b * b) / 2 - LOG_TAU + (u * u + v * v) / 2 + LOG_TAU + Math.log(wide * high);
  }
  return counts.map((count) => {
    let sum = 0;
    for (let from = 0; from + count <= n; from += count) sum += logMeanExp(weights, from, count);
    return sum / Math.floor(n / count);
  });
};

// The same by straight lines between four nodes: a hand moves 2048 of them at once.
const valueNear = (/** @type {Table} */ { low, high, size: [columns, rows], values }, a, b) => {
  const [x, y] = [((a - low[0]) / (high[0] - low[0])) * (columns - 1), ((b - low[1]) / (high[1] - low[1])) * (rows - 1)];
  const [i, j] = [Math.min(Math.max(Math.floor(x), 0), columns - 2), Math.min(Math.max(Math.floor(y), 0), rows - 2)];
  const [s, t] = [x - i, y - j];
  const at = i * rows + j;
  return (1 - s) * ((1 - t) * values[at] + t * values[at + 1]) + s * ((1 - t) * values[at + rows] + t * values[at + rows + 1]);
};
