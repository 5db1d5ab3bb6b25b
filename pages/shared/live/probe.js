// @ts-check
// A probe carried through a latent space: the hand, what is decoded where it stands, and small pictures beside it.

import { draw, make, put } from "./draw.js";
import { decode } from "./tables.js";

// A hand on an element carries the probe. toZ: from pixels within it. A finger may be about to scroll: it moves nothing before
// it goes sideways or lifts, and what it moved is put back where the browser takes it for scrolling.
export const carried = (node, picture, toZ) => {
  let held = false;
  let before = null;
  const go = (event) => {
    const box = node.getBoundingClientRect();
    picture.probeTo(toZ(event.clientX - box.left, event.clientY - box.top));
  };
  node.addEventListener("pointerdown", (event) => {
    held = true;
    before = picture.z;
    node.setPointerCapture(event.pointerId);
    if (event.pointerType !== "touch") go(event);
  });
  node.addEventListener("pointermove", (event) => held && go(event));
  node.addEventListener("pointerup", (event) => {
    if (!held) return;
    go(event);
    picture.probed();
    held = false;
  });
  node.addEventListener("pointercancel", () => {
    if (held) picture.probeTo(before);
    held = false;
  });
};

// The picture at the probe: torch's own where it was left, and else between the four of the grid around it.
export const decodedAt = ({ scene: { latent, images }, position, z: [x, y] }) => {
  const { side, columns, pixels } = images.grid;
  const size = side * side;
  const frame = Math.round(position);
  if (position === frame && x === latent.z[0] && y === latent.z[1]) {
    const exact = decode(latent.decoded, Uint8Array).subarray(frame * size, (frame + 1) * size);
    return { ink: Array.from(exact, (value) => value / 255), settled: true };
  }
  const all = decode(pixels, Uint8Array);
  const { span } = latent;
  const inside = (value) => Math.min(Math.max(value, 0), columns - 1);
  const [column, row] = [inside(((x + span) / (2 * span)) * (columns - 1)), inside(((span - y) / (2 * span)) * (columns - 1))];
  const [left, top] = [Math.floor(column), Math.floor(row)];
  const [right, below] = [Math.min(left + 1, columns - 1), Math.min(top + 1, columns - 1)];
  const [u, v] = [column - left, row - top];
  const at = (r, c, pixel) => all[((frame * columns + r) * columns + c) * size + pixel];
  const inRow = (r, i) => (1 - u) * at(r, left, i) + u * at(r, right, i);
  const ink = Array.from({ length: size }, (_, i) => ((1 - v) * inRow(top, i) + v * inRow(below, i)) / 255);
  return { ink, settled: false };
};

// A small picture within a plot, with a word below it.
export class Inset {
  constructor() {
    this.canvas = make("canvas", { width: 8, height: 8 });
    this.image = draw("image", { preserveAspectRatio: "none", "image-rendering": "pixelated" });
    this.frame = draw("rect", { class: "inset" });
    this.text = draw("text", { class: "inset-name" });
    this.node = draw("g", {}, [this.frame, this.image, this.text]);
  }

  /**
   * @param {number[]} ink from 0 to 1
   * @param {[number, number, number]} place x, y and size
   * @param {string} words
   * @param {number[]} colour red, green and blue of the ink
   */
  show(ink, [x, y, size], words, colour) {
    const [red, green, blue] = colour;
    const signature = `${ink} ${red}`;
    if (signature !== this.shown) {
      const context = this.canvas.getContext("2d");
      const picture = context.createImageData(8, 8);
      ink.forEach((value, i) => picture.data.set([red, green, blue, 12 + 243 * value], 4 * i));
      context.putImageData(picture, 0, 0);
      this.image.setAttribute("href", this.canvas.toDataURL());
    }
    this.shown = signature;
    for (const node of [this.frame, this.image]) put(node, { x, y, width: size, height: size });
    put(this.text, { x: x + size / 2, y: y + size + 15, text: words });
  }
}
