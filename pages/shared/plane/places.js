// @ts-check
// Where ticks and names stand. Pure functions.

import { ticks } from "../live/draw.js";

export const short = (/** @type {number} */ value) => String(Number(value.toPrecision(3))).replace("-", "−");

export const ticksOf = (low, high, count, percent) => ticks([low, high], count).map((value) => ({
  value, text: percent ? `${Number((100 * value).toPrecision(4))} %`.replace("-", "−") : String(value).replace("-", "−"),
}));

// A range [low, high] as wide as it must be for its pixels to be as large as those of another one; around the same middle.
export const widened = ([low, high], pixels, perPixel) => {
  const [middle, half] = [(low + high) / 2, Math.max(high - low, pixels * perPixel) / 2];
  return [middle - half, middle + half];
};
