// @ts-check
// The true posterior as bands of one colour with a line around each.

import { cubicRows } from "./grid.js";

const TINTS = [0.1, 0.2, 0.34, 0.5]; // of the bands, from the outermost
const EDGE = 0.75;

// Each pixel's band: 0 outside all contours. levels: of log p(x, z), the outermost first; window: [left, right, bottom, top].
export const bandsOf = (table, levels, window, width, height) => {
  const joint = cubicRows(table, window, width, height);
  return Uint8Array.from(joint, (value) => levels.reduce((count, level) => count + Number(value >= level), 0));
};

export const paint = (/** @type {HTMLCanvasElement} */ canvas, bands, width, height, /** @type {number[]} */ [red, green, blue]) => {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 1) {
      const band = bands[at];
      const edge = band && ((x && bands[at - 1] < band) || (x + 1 < width && bands[at + 1] < band) || (y && bands[at - width] < band) || (y + 1 < height && bands[at + width] < band));
      if (!band) continue;
      image.data.set([red, green, blue, Math.round(255 * (edge ? EDGE : TINTS[band - 1] ?? TINTS[TINTS.length - 1]))], 4 * at);
    }
  }
  context.putImageData(image, 0, 0);
};
