// @ts-check
// A landscape: a table of KL over (location, log scale), in bands, with what stands and moves on it.

import { draw, make, put, tenth, ticks } from "./draw.js";
import { LocationScale } from "./location_scale.js";
import { short } from "./numbers.js";
import { decode, pixelMiddles, resampled } from "./tables.js";

const BANDS = 14;

export class MapPanel extends LocationScale {
  /** @param {import("./types").MapPanel} spec */
  constructor(spec) {
    super();
    this.spec = spec;
    this.canvas = make("canvas", { class: "ground", "aria-hidden": "true" });
    this.border = draw("path", { class: "basin" });
    this.path = draw("path", { class: "path" });
    this.minima = draw("g");
    this.start = draw("circle", { class: "start", r: 5 });
    this.now = draw("circle", { class: "now", r: 7 });
    this.axis = draw("g", { class: "axis" });
    const held = spec.movable ? { tabindex: 0, role: "application", "aria-label": `${spec.label}. Arrow keys move the start.` }
      : { role: "img", "aria-label": spec.label };
    this.svg = draw("svg", { class: "plot map", ...held }, [
      this.border, this.path, this.minima, this.start, this.now, this.axis,
    ]);
    this.node = make("div", { class: "map" }, [this.canvas, this.svg, ...(spec.note ? [make("p", { class: "caption", text: spec.note })] : [])]);
  }

  measure() {
    this.width = this.svg.clientWidth || 300;
    this.height = this.svg.clientHeight || 200;
    this.painted = null;
  }

  /** @param {import("./computed").Computed} state */
  draw(state) {
    this.map = state.scene.maps[this.spec.quantity];
    this.node.classList.toggle("waiting", !this.map);
    if (!this.map) return;
    // While a hand moves the target the landscape is still that of the old one.
    this.node.classList.toggle("stale", Boolean(state.previewing && !state.startMoved));
    const curve = state.curves[this.spec.curve];
    // Outside the document, where a picture that is being left or shown again may stand, no colour is known.
    if (this.painted !== this.map && this.svg.isConnected) {
      this.paint();
      this.painted = this.map;
    }
    const tracks = state.tracks?.curves[this.spec.curve];
    put(this.path, { d: tracks && !state.startMoved ? this.trail(tracks) : "" });
    const first = tracks && !state.startMoved ? [tracks.loc[0], tracks.scale[0]] : [curve.values.loc, curve.values.scale];
    put(this.start, { cx: tenth(this.x(first[0])), cy: tenth(this.y(first[1])) });
    put(this.now, { cx: tenth(this.x(curve.values.loc)), cy: tenth(this.y(curve.values.scale)) });
  }

  /** @param {Record<string, ArrayLike<number>>} track */
  trail({ loc, scale }) {
    let path = "";
    for (let i = 0; i < loc.length; i += 1) path += `${i ? "L" : "M"}${tenth(this.x(loc[i]))} ${tenth(this.y(scale[i]))}`;
    return path;
  }

  paint() {
    this.paintBands(decode(this.map.values, Float32Array), this.map.size);
    put(this.border, { d: this.map.basins ? this.borders(this.map.basins, this.map.basin_size) : "" });
    this.minima.replaceChildren(...this.map.minima.map(({ loc, scale, best }) => draw("path", {
      class: best ? "minimum best" : "minimum", d: "M-5 -5L5 5M-5 5L5 -5",
      transform: `translate(${tenth(this.x(loc))} ${tenth(this.y(scale))})`,
    })));
    const [low, high] = this.map.loc;
    const locs = ticks([low, high], Math.max(3, Math.floor(this.width / 70)));
    const scalesShown = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30].filter((s) => Math.abs(this.y(s) - this.height / 2) < this.height / 2 - 14);
    this.axis.replaceChildren(
      ...locs.map((value) => draw("text", { x: tenth(this.x(value)), y: this.height - 4, "text-anchor": "middle", text: short(value) })),
      ...scalesShown.map((value) => draw("text", { x: 4, y: tenth(this.y(value) + 4), text: `σ ${short(value)}` })),
    );
  }

  // Bands of equal ratio above the lowest value, so that the valley floor and the walls both show.
  /**
   * @param {Float32Array} values
   * @param {ArrayLike<number> & Iterable<number>} size
   */
  paintBands(values, [columns, rows]) {
    const context = this.canvas.getContext("2d");
    const [width, height] = [Math.round(this.width), Math.round(this.height)];
    Object.assign(this.canvas, { width, height });
    const image = context.createImageData(width, height);
    const finite = values.filter(Number.isFinite);
    const lowest = finite.reduce((a, b) => Math.min(a, b), Infinity);
    const highest = finite.reduce((a, b) => Math.max(a, b), -Infinity);
    const depth = Math.max(0.004, (highest - lowest) * 1e-4);
    const perBand = Math.log1p((highest - lowest) / depth) / BANDS;
    const [red, green, blue] = getComputedStyle(this.svg).color.match(/[\d.]+/g).map(Number);
    const at = resampled(values, columns, pixelMiddles(height, rows).reverse(), pixelMiddles(width, columns));
    const bands = Uint8Array.from(at, (value) => Math.min(Math.log1p(Math.max(value - lowest, 0) / depth) / perBand, BANDS));
    bands.forEach((band, i) => {
      const edge = ((i + 1) % width && bands[i + 1] !== band) || (i + width < bands.length && bands[i + width] !== band);
      image.data.set([red, green, blue, 12 + band * 8 + (edge ? 50 : 0)], 4 * i);
    });
    context.putImageData(image, 0, 0);
  }

  // Lines between places whose descents end in different minima: through the middles of the edges of the squares
  // that four neighbouring places make, and through a square's own middle where more than two meet.
  /**
   * @param {string} text
   * @param {ArrayLike<number> & Iterable<number>} size
   */
  borders(text, [columns, rows]) {
    const basin = decode(text, Float32Array);
    const [w, h] = [this.width / (columns - 1), this.height / (rows - 1)];
    const at = (column, row) => `${tenth(column * w)} ${tenth(this.height - row * h)}`;
    let path = "";
    for (let row = 0; row + 1 < rows; row += 1) {
      for (let column = 0; column + 1 < columns; column += 1) {
        const [a, b] = [basin[row * columns + column], basin[row * columns + column + 1]];
        const [c, d] = [basin[(row + 1) * columns + column], basin[(row + 1) * columns + column + 1]];
        const crossed = [
          ...(a !== b ? [at(column + 0.5, row)] : []), ...(c !== d ? [at(column + 0.5, row + 1)] : []),
          ...(a !== c ? [at(column, row + 0.5)] : []), ...(b !== d ? [at(column + 1, row + 0.5)] : []),
        ];
        if (crossed.length === 2) path += `M${crossed[0]}L${crossed[1]}`;
        else for (const place of crossed) path += `M${place}L${at(column + 0.5, row + 0.5)}`;
      }
    }
    return path;
  }
}
