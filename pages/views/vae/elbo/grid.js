// @ts-check
// log p(x, z) at every pixel: the table of log p(x|z) between its nodes, and the prior. Pure functions.

// Catmull–Rom weights of four neighbours at t between the middle two.
const around = (t) => [((-t + 2) * t - 1) * t / 2, ((3 * t - 5) * t * t + 2) / 2, ((-3 * t + 4) * t + 1) * t / 2, (t - 1) * t * t / 2];

// For each of n places from low to high (pixel middles), its first neighbour among `count` nodes and the four weights.
const taps = (from, to, n, low, high, count) => Array.from({ length: n }, (_, k) => {
  const place = from + ((k + 0.5) / n) * (to - from);
  const at = Math.min(Math.max(((place - low) / (high - low)) * (count - 1), 0), count - 1);
  const i = Math.min(Math.max(Math.floor(at), 1), count - 3);
  return { place, i, w: around(at - i) };
});

// Rows from the top; window: [left, right, bottom, top].
export const cubicRows = ({ low, high, size: [columns, rows], values }, [left, right, bottom, top], width, height) => {
  const across = taps(left, right, width, low[0], high[0], columns);
  const down = taps(top, bottom, height, low[1], high[1], rows);
  const out = new Float32Array(width * height);
  const column = new Float32Array(columns);
  down.forEach(({ place: y, i: j, w: v }, row) => {
    for (let c = 0; c < columns; c += 1) {
      const at = c * rows + j;
      column[c] = v[0] * values[at - 1] + v[1] * values[at] + v[2] * values[at + 1] + v[3] * values[at + 2];
    }
    for (let k = 0; k < width; k += 1) {
      const { place: x, i, w } = across[k];
      out[row * width + k] = w[0] * column[i - 1] + w[1] * column[i] + w[2] * column[i + 1] + w[3] * column[i + 2] - (x * x + y * y) / 2 - Math.log(2 * Math.PI);
    }
  });
  return out;
};
