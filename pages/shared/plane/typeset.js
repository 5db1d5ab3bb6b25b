// @ts-check
// Text with subscripts: "π_ref" as π with a lowered "ref", in SVG and in HTML.

import { draw, make } from "../live/draw.js";

// Pieces of a text: [text, whether it is lowered]. A subscript is a run of letters after "_".
export const pieces = (/** @type {string} */ text) => text.split(/_(\p{L}+)/u).map((piece, i) => /** @type {[string, boolean]} */ ([piece, i % 2 === 1])).filter(([piece]) => piece);

export const svgText = (/** @type {Record<string, any>} */ attributes, /** @type {string} */ text) => {
  let lowered = false;
  return draw("text", attributes, pieces(text).map(([piece, low]) => {
    const dy = low ? "0.3em" : lowered ? "-0.225em" : "0";
    lowered = low;
    return draw("tspan", low ? { dy, "font-size": "75%", text: piece } : { dy, text: piece });
  }));
};

export const htmlText = (/** @type {string} */ text) => pieces(text).map(([piece, low]) => (low ? make("sub", { text: piece }) : piece));

// How many characters wide a text is, roughly: a subscript is narrower.
export const widthOf = (/** @type {string} */ text) => pieces(text).reduce((sum, [piece, low]) => sum + (low ? 0.75 : 1) * piece.length, 0);
