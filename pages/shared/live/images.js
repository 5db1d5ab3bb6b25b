// @ts-check
// Small grey pictures, side by side: ink from 0 to 1, one set for every place of the scrubber or one for all. Those of a
// grid over latent space show where the probe is, and carry it.

import { inkOf, make } from "./draw.js";
import { carried } from "./probe.js";
import { decode } from "./tables.js";

export class ImagesPanel {
  /** @type {import("./types").Images | null} what is drawn, and where the probe was */
  drawn = null;

  place = "";

  painted = "";

  /** @type {number[]} red, green and blue */
  ink = [];

  frameColour = "";

  /** @type {ImageData | null} */
  sheet = null;

  /** @param {import("./types").ImagesPanel} spec */
  constructor(spec, curves, uid, picture) {
    this.spec = spec;
    const style = `images ${spec.wide ? "wide" : ""} ${spec.probe ? "carried" : ""}`;
    this.canvas = make("canvas", { class: style, role: "img", "aria-label": spec.label });
    this.node = make("section", { class: `panel ${spec.half ? "half" : ""} ${spec.narrow ? "narrow" : ""}` }, [
      ...(spec.title ? [make("h3", { text: spec.title })] : []), ...(spec.note ? [make("p", { class: "caption", text: spec.note })] : []),
      this.canvas,
    ]);
    if (spec.probe) carried(this.canvas, picture, (x, y) => this.toZ(picture, x, y));
  }

  // The middle of the first picture is at −span, that of the last at span.
  toZ(picture, x, y) {
    const { columns } = picture.scene.images[this.spec.name];
    const { span } = picture.scene.latent;
    const part = (pixel, whole) => ((pixel / whole) * columns - 0.5) / (columns - 1);
    return [span * (2 * part(x, this.canvas.clientWidth) - 1), span * (1 - 2 * part(y, this.canvas.clientHeight))];
  }

  measure() {
    this.drawn = null; // colours may have changed with the theme
  }

  // Before anything is written, as in latent.js.
  read() {
    [this.ink, this.frameColour] = [inkOf(this.canvas), getComputedStyle(this.canvas).outlineColor];
  }

  /** @param {import("./computed").Computed} state */
  draw(state) {
    const images = state.scene.images[this.spec.name];
    const frame = images.frames ? Math.round(state.position) : 0;
    const cell = this.spec.probe ? this.cell(state, images.columns) : null;
    const place = `${frame} ${cell} ${this.ink}`;
    if (images === this.drawn && place === this.place) return;
    if (images !== this.drawn || `${frame} ${this.ink}` !== this.painted) this.sheet = this.paint(images, frame, cell ? 1 : 0);
    [this.drawn, this.place, this.painted] = [images, place, `${frame} ${this.ink}`];
    const context = this.canvas.getContext("2d");
    context.putImageData(this.sheet, 0, 0);
    if (!cell) return;
    context.strokeStyle = this.frameColour;
    context.strokeRect(cell[0] * (images.side + 1) + 0.5, cell[1] * (images.side + 1) + 0.5, images.side + 1, images.side + 1);
  }

  // All pictures; a pixel between any two, and `edge` around all where one may be framed.
  paint({ pixels, side, count, columns }, frame, edge) {
    const size = side * side;
    const bytes = decode(pixels, Uint8Array);
    const rows = Math.ceil(count / columns);
    Object.assign(this.canvas, { width: columns * (side + 1) - 1 + 2 * edge, height: rows * (side + 1) - 1 + 2 * edge });
    const { width } = this.canvas;
    const [red, green, blue] = this.ink;
    const sheet = this.canvas.getContext("2d").createImageData(width, this.canvas.height);
    for (let i = 0; i < count * size; i += 1) {
      const [which, pixel] = [Math.floor(i / size), i % size];
      const x = edge + (which % columns) * (side + 1) + (pixel % side);
      const y = edge + Math.floor(which / columns) * (side + 1) + Math.floor(pixel / side);
      sheet.data.set([red, green, blue, 12 + (243 * bytes[frame * count * size + i]) / 255], 4 * (y * width + x));
    }
    return sheet;
  }

  // Column and row of the picture nearest to the probe.
  /**
   * @param {import("./computed").Computed} state
   * @param {number} columns
   * @returns {[number, number]}
   */
  cell({ z, scene: { latent: { span } } }, columns) {
    const nearest = (value) => Math.min(Math.max(Math.round((value + span) / (2 * span) * (columns - 1)), 0), columns - 1);
    return [nearest(z[0]), nearest(-z[1])];
  }
}
