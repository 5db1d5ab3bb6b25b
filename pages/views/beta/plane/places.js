// Where ticks and names stand. Pure functions.

import { ticks } from "../../../shared/live/draw.js";

export const ticksOf = (low, high, count, percent) => ticks([low, high], count).map((value) => ({
  value, text: percent ? `${Number((100 * value).toPrecision(4))} %` : String(value).replace("-", "−"),
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

export const short = (value) => String(Number(value.toPrecision(3))).replace("-", "−");
