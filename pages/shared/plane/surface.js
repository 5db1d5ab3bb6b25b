// @ts-check
// A function of both axes as bands of one colour, on a canvas: the darker, the greater.

import { decode } from "../live/tables.js";

const BANDS = 12;
const SIZE = 240; // pixels a side; the browser smooths it

// The value at a place between four entries of a square table, rows by y; u and v from 0 to 1.
export const valueAt = (table, side, u, v) => {
  const [x, y] = [Math.min(Math.max(u, 0), 1) * (side - 1), Math.min(Math.max(v, 0), 1) * (side - 1)];
  const [i, j] = [Math.min(Math.floor(x), side - 2), Math.min(Math.floor(y), side - 2)];
  const [a, b] = [x - i, y - j];
  const row = (k) => (1 - a) * table[k * side + i] + a * table[k * side + i + 1];
  return (1 - b) * row(j) + b * row(j + 1);
};

// The band of a value, from 0 to BANDS − 1: levels that fall off fast from the greatest are closer there.
export const bandOf = (value, low, high) => Math.min(Math.floor(BANDS * Math.sqrt(Math.max(value - low, 0) / (high - low || 1))), BANDS - 1);

export const painted = ({ values, side }, colour) => {
  const table = decode(values, Float64Array);
  const [low, high] = table.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity]);
  const canvas = document.createElement("canvas");
  canvas.width = SIZE;
  canvas.height = SIZE;
  const context = canvas.getContext("2d");
  context.fillStyle = colour;
  for (let y = 0; y < SIZE; y += 1) {
    for (let x = 0; x < SIZE; x += 1) {
      const band = bandOf(valueAt(table, side, x / (SIZE - 1), 1 - y / (SIZE - 1)), low, high);
      context.globalAlpha = (0.5 * band) / (BANDS - 1);
      context.fillRect(x, y, 1, 1);
    }
  }
  return canvas.toDataURL();
};
