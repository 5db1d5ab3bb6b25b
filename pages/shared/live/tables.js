// @ts-check
// Tables as Python packs them, and what lies between their entries.

// Tables come again with every answer, mostly the same: the last few are kept decoded.
const decoded = new Map();
/**
 * A packed table's values; Kind is the type that Python packed them in.
 * @type {{ (text: string): Float64Array, <T>(text: string, Kind: { new (buffer: ArrayBuffer): T }): T }}
 */
export const decode = (/** @type {string} */ text, Kind = /** @type {any} */ (Float64Array)) => {
  if (!decoded.has(text)) {
    if (decoded.size > 64) decoded.delete(decoded.keys().next().value);
    decoded.set(text, new Kind(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer));
  }
  return decoded.get(text);
};

// A track's value at a place between its entries.
export const along = (track, position) => {
  const low = Math.min(Math.floor(position), track.length - 1);
  const high = Math.min(low + 1, track.length - 1);
  const weight = position - low;
  if (!Number.isFinite(track[high]) || !Number.isFinite(track[low])) return track[weight < 0.5 ? low : high]; // nothing lies between
  return (1 - weight) * track[low] + weight * track[high];
};

// Where a number lies between the entries of an ascending table.
export const spot = (table, wanted) => {
  const high = table.findIndex((value) => value >= wanted);
  if (high <= 0) return high < 0 ? table.length - 1 : 0;
  return high - 1 + (wanted - table[high - 1]) / (table[high] - table[high - 1]);
};

// A table's row at a place between two of them, in units.
export const between = (table, position, size) => {
  const low = Math.floor(position);
  const weight = position - low;
  const row = table.subarray(low * size, (low + 1) * size);
  const next = weight ? table.subarray((low + 1) * size, (low + 2) * size) : row;
  return Float32Array.from(row, (value, i) => ((1 - weight) * value + weight * next[i]) / 1000);
};

// Where b has no part it does not count, though it be infinite.
const mix = (a, b, part) => (part === 0 ? a : (1 - part) * a + part * b);

// A whole table's value between four of its entries, by rows and columns; an infinite neighbour counts only where it has a part.
export const bilinear = (values, columns, row, column) => {
  const [top, left] = [Math.floor(row), Math.floor(column)];
  const [below, right] = [Math.min(top + 1, values.length / columns - 1), Math.min(left + 1, columns - 1)];
  const [v, u] = [row - top, column - left];
  return mix(mix(values[top * columns + left], values[top * columns + right], u),
    mix(values[below * columns + left], values[below * columns + right], u), v);
};

// The same at every place of a grid, a picture's pixels for instance: rows.length × places.length values, row by row.
/**
 * @param {ArrayLike<number>} values
 * @param {number} columns
 * @param {ArrayLike<number>} rows places between 0 and the last row
 * @param {ArrayLike<number>} places between 0 and the last column
 */
export const resampled = (values, columns, rows, places) => {
  const last = values.length / columns - 1;
  const left = Int32Array.from(places, Math.floor);
  const result = new Float64Array(rows.length * places.length);
  const line = new Float64Array(columns);
  for (let y = 0; y < rows.length; y += 1) {
    const top = Math.floor(rows[y]);
    const below = Math.min(top + 1, last);
    for (let k = 0; k < columns; k += 1) line[k] = mix(values[top * columns + k], values[below * columns + k], rows[y] - top);
    for (let x = 0; x < places.length; x += 1) {
      result[y * places.length + x] = mix(line[left[x]], line[Math.min(left[x] + 1, columns - 1)], places[x] - left[x]);
    }
  }
  return result;
};

// Where the middles of a picture's pixels lie on an even table of `count` entries, from its first end to its last.
export const pixelMiddles = (/** @type {number} */ pixels, /** @type {number} */ count) =>
  Float64Array.from({ length: pixels }, (_, i) => ((i + 0.5) / pixels) * (count - 1));
