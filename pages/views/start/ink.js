// @ts-check
// Pictures of 8 × 8 pixels from 64 hexadecimal digits of ink, as addresses an <image> can show; each made once.

const SIDE = 8;
const made = new Map();

const picture = (ink) => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [SIDE, SIDE];
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(SIDE, SIDE);
  for (let i = 0; i < SIDE * SIDE; i += 1) {
    pixels.data.set([0, 0, 0, 17 * Number.parseInt(ink[i], 16)], 4 * i);
  }
  context.putImageData(pixels, 0, 0);
  return canvas.toDataURL();
};

export const drawn = (ink) => {
  if (!made.has(ink)) made.set(ink, picture(ink));
  return made.get(ink);
};

// Whether letters are lighter than what they stand on; a node that has left the document has no colour.
export const isDark = (node) => (getComputedStyle(node).color.match(/[\d.]+/g) ?? []).slice(0, 3).reduce((sum, value) => sum + Number(value), 0) > 384;
