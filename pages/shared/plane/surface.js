// @ts-check
// A function of both axes as bands of one colour, on a canvas: the stronger, the greater.

import { bilinear, decode } from "../live/tables.js";

const BANDS = 12;
const SIZE = 640; // pixels a side

const within = (part) => Math.min(Math.max(part, 0), 1);

// The value at a place of a square table, rows by y; u and v from 0 to 1.
export const valueAt = (table, side, u, v) => bilinear(table, side, within(v) * (side - 1), within(u) * (side - 1));

// The band of a value, from 0 to BANDS − 1: the closer to the greatest, the narrower.
export const bandOf = (value, low, high) => {
  const depth = Math.min(Math.max((high - value) / (high - low || 1), 0), 1);
  return Math.min(Math.floor(BANDS * (1 - Math.sqrt(depth))), BANDS - 1);
};

// The row between two rows, twice, so that it is a table of its own.
export const rowAt = (table, side, v) => {
  const y = within(v) * (side - 1);
  const j = Math.min(Math.floor(y), side - 2);
  const row = new Float64Array(2 * side);
  for (let i = 0; i < side; i += 1) row[i] = row[side + i] = (1 - (y - j)) * table[j * side + i] + (y - j) * table[(j + 1) * side + i];
  return row;
};

const STRONGEST = 0.55; // of 1: lines and names are read on it

// colour: as a browser computes it, rgb(15, 118, 110).
export const painted = ({ values, side }, colour) => {
  const table = decode(values, Float64Array);
  const [low, high] = table.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity]);
  const canvas = document.createElement("canvas");
  canvas.width = SIZE;
  canvas.height = SIZE;
  const context = canvas.getContext("2d");
  const image = context.createImageData(SIZE, SIZE);
  const pixels = new Uint32Array(image.data.buffer); // a whole pixel at once: bytes are set ten times as slowly
  const [red, green, blue] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  const opaque = (band) => Math.round((255 * STRONGEST * band) / (BANDS - 1));
  const inks = Array.from({ length: BANDS }, (_, band) => ((opaque(band) << 24) | (blue << 16) | (green << 8) | red) >>> 0);
  for (let y = 0, at = 0; y < SIZE; y += 1) {
    const row = rowAt(table, side, 1 - y / (SIZE - 1));
    for (let x = 0; x < SIZE; x += 1, at += 1) pixels[at] = inks[bandOf(valueAt(row, side, x / (SIZE - 1), 0), low, high)];
  }
  context.putImageData(image, 0, 0);
  return canvas.toDataURL();
};
