// @ts-check
// What is added up from bars that are drawn: previews; the numbers of the untouched picture come from kl_core.

// p·log(p/q) of one outcome; 0 where P has no mass, ∞ where only Q has none.
export const term = (p, q) => (p === 0 ? 0 : q === 0 ? Infinity : p * Math.log(p / q));

export const kl = (p, q) => p.reduce((sum, value, i) => sum + term(value, q[i]), 0);

export const surprisal = (q) => (q === 0 ? Infinity : -Math.log(q));

// Q with outcome i at `wanted`: the others share the rest as before. Outcomes in `still` keep their share, so that what
// has been brought to its place stays there; the moved bar may take no more than the others can give.
export const withShare = (q, i, wanted, still = []) => {
  const others = q.map((_, j) => j).filter((j) => j !== i && !still.includes(j));
  const free = others.length ? others : q.map((_, j) => j).filter((j) => j !== i);
  const held = q.reduce((sum, value, j) => (j === i || free.includes(j) ? sum : sum + value), 0);
  const value = Math.min(Math.max(wanted, 0), 1 - held);
  const rest = free.reduce((sum, j) => sum + q[j], 0);
  const left = 1 - held - value;
  return q.map((old, j) => (j === i ? value : !free.includes(j) ? old : rest > 0 ? (old / rest) * left : left / free.length));
};

// Counts of each outcome and the sum of the bills after every day: [outcome][n] and [n], n from 0.
export const totals = (days, bills) => {
  const counts = bills.map(() => new Int32Array(days.length + 1));
  const sums = new Float64Array(days.length + 1);
  for (let n = 0; n < days.length; n += 1) {
    for (const [k, count] of counts.entries()) count[n + 1] = count[n] + (k === days[n] ? 1 : 0);
    sums[n + 1] = sums[n] + bills[days[n]];
  }
  return { counts, sums };
};

// Days at which a curve over log n is drawn: every one at first, then evenly in the logarithm; up to n.
export const places = (n, perDecade = 90) => {
  const days = [];
  for (let day = 1; day < n; day = Math.max(day + 1, Math.round(day * 10 ** (1 / perDecade)))) days.push(day);
  if (n >= 1) days.push(n);
  return days;
};

// How many of `most` dots each outcome has once there are more days than dots; they add up to `most` to rounding.
export const dots = (counts, n, most = 100) => counts.map((count) => (n <= most ? count : Math.round((count * most) / n)));

// A table of values at evenly spaced z, read between its places; 0 outside.
const read = (table, edge, z) => {
  const at = ((z + edge) / (2 * edge)) * (table.length - 1);
  if (!(at >= 0 && at <= table.length - 1)) return 0;
  const i = Math.min(Math.floor(at), table.length - 2);
  return table[i] + (table[i + 1] - table[i]) * (at - i);
};

// A base density shifted and stretched: at each x.
export const shifted = (base, edge, loc, scale, xs) => xs.map((x) => read(base, edge, (x - loc) / scale) / scale);

export const nearest = (values, wanted) => values.reduce((best, value, i) => (Math.abs(value - wanted) < Math.abs(values[best] - wanted) ? i : best), 0);
