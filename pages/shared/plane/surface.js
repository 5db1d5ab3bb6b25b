// @ts-check
// A function of both axes as bands of one colour, on a canvas: the stronger, the greater.

import { decode, resampled } from "../live/tables.js";

const BANDS = 12;
const SIZE = 640; // pixels a side

// The band of a value, from 0 to BANDS − 1: the closer to the greatest, the narrower.
export const bandOf = (value, low, high) => {
  const depth = Math.min(Math.max((high - value) / (high - low || 1), 0), 1);
  return Math.min(Math.floor(BANDS * (1 - Math.sqrt(depth))), BANDS - 1);
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
  const places = Float64Array.from({ length: SIZE }, (_, i) => (i / (SIZE - 1)) * (side - 1)); // the table's ends are the picture's
  resampled(table, side, places.toReversed(), places).forEach((value, i) => (pixels[i] = inks[bandOf(value, low, high)]));
  context.putImageData(image, 0, 0);
  return canvas.toDataURL();
};
