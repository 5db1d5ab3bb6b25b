// @ts-check
// Texts in which π_ref stands for π with a lowered "ref". No other underscore is touched: texts may be a visitor's own.

const WRITTEN = "π_ref";

// Pieces of a text: [text, whether it is lowered].
export const pieces = (/** @type {string} */ text) => text.split(WRITTEN)
  .flatMap((part, i, parts) => /** @type {Array<[string, boolean]>} */ ([[i < parts.length - 1 ? `${part}π` : part, false], ["ref", true]]))
  .slice(0, -1).filter(([piece]) => piece);

// What is left of a text once it is typeset.
export const asRead = (/** @type {string} */ text) => text.replaceAll(WRITTEN, "πref");

// How many characters wide a text is, roughly: a subscript is narrower.
export const widthOf = (/** @type {string} */ text) => pieces(text).reduce((sum, [piece, low]) => sum + (low ? 0.75 : 1) * piece.length, 0);
