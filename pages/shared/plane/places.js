// @ts-check
// Where ticks and names stand. Pure functions.

import { ticks } from "../live/draw.js";

export const short = (/** @type {number} */ value) => String(Number(value.toPrecision(3))).replace("-", "−");

export const ticksOf = (low, high, count, percent) => ticks([low, high], count).map((value) => ({
  value, text: percent ? `${Number((100 * value).toPrecision(4))} %`.replace("-", "−") : String(value).replace("-", "−"),
}));

// Names that would lie on each other are pushed apart, top to bottom, within the picture.
export const apart = (names, gap, top, bottom) => {
  const sorted = [...names].sort((a, b) => a.y - b.y);
  let free = top;
  for (const name of sorted) {
    name.y = Math.max(name.y, free);
    free = name.y + gap;
  }
  let limit = bottom;
  for (const name of sorted.reverse()) {
    name.y = Math.min(name.y, limit);
    limit = name.y - gap;
  }
  return names;
};

// A range [low, high] as wide as it must be for its pixels to be as large as those of another one; around the same middle.
export const widened = ([low, high], pixels, perPixel) => {
  const [middle, half] = [(low + high) / 2, Math.max(high - low, pixels * perPixel) / 2];
  return [middle - half, middle + half];
};
