// @ts-check
// 8 × 8 pictures of ink as images, in the colour of the text.

import { decode } from "../../../shared/live/tables.js";

const SIDE = 8;
const made = new Map();

export const picture = (/** @type {string} */ pixels, /** @type {number[]} */ [red, green, blue]) => {
  const key = `${pixels} ${red} ${green} ${blue}`;
  if (!made.has(key)) {
    if (made.size > 200) made.clear();
    const canvas = document.createElement("canvas");
    canvas.width = SIDE;
    canvas.height = SIDE;
    const context = canvas.getContext("2d");
    const image = context.createImageData(SIDE, SIDE);
    decode(pixels, Uint8Array).forEach((ink, i) => image.data.set([red, green, blue, ink], 4 * i));
    context.putImageData(image, 0, 0);
    made.set(key, canvas.toDataURL());
  }
  return made.get(key);
};
