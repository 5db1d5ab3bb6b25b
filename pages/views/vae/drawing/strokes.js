// @ts-check
// Pen strokes: fewer points for a link, one size and place, and 28×28 ink. As kl_core/data/strokes.py has it; a test holds both together.

export const SIDE = 28;
export const GRID = 512; // places along each side of the paper
export const MOST_STROKES = 24;
export const MOST_POINTS = 120;
export const PEN = 1.35; // half a line's width, in pixels
export const INK_BOX = 18; // the longer side of the box round the strokes, in pixels
const LEAST_SIZE = 0.08;
const FINEST = 2; // of GRID: how far a left-out point may lie from the line
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** @typedef {[number, number]} Point whole numbers from 0 to 511 */
/** @typedef {Point[]} Stroke */

export const onGrid = (/** @type {number} */ share) => Math.min(Math.max(Math.floor(share * GRID + 0.5), 0), GRID - 1);

const toText = (/** @type {Point} */ [x, y]) => [12, 6, 0].map((shift) => ALPHABET[((x * GRID + y) >> shift) & 63]).join("");

export const textOf = (/** @type {Stroke[]} */ strokes) => strokes.map((stroke) => stroke.map(toText).join("")).join(".");

// The strokes of a text that Python has checked.
export const strokesOf = (/** @type {string} */ text) => (text ? text.split(".") : []).map((part) => (part.match(/.{3}/g) ?? []).map((letters) => {
  const number = [...letters].reduce((sum, letter) => 64 * sum + ALPHABET.indexOf(letter), 0);
  return /** @type {Point} */ ([Math.floor(number / GRID), number % GRID]);
}));

const distance = ([x, y], [x0, y0], [x1, y1]) => {
  const [along, down] = [x1 - x0, y1 - y0];
  const share = Math.min(Math.max(((x - x0) * along + (y - y0) * down) / Math.max(along * along + down * down, 1e-12), 0), 1);
  return Math.hypot(x - x0 - share * along, y - y0 - share * down);
};

// Ramer, Douglas & Peucker: the ends, and the farthest point from the line between them while it is farther than the tolerance.
const thinned = (/** @type {Stroke} */ stroke, /** @type {number} */ tolerance) => {
  if (stroke.length < 3) return stroke;
  const [first, last] = [stroke[0], stroke[stroke.length - 1]];
  let [farthest, most] = [0, -1];
  for (let i = 1; i < stroke.length - 1; i += 1) {
    const far = distance(stroke[i], first, last);
    if (far > most) [farthest, most] = [i, far];
  }
  if (most <= tolerance) return [first, last];
  return [...thinned(stroke.slice(0, farthest + 1), tolerance).slice(0, -1), ...thinned(stroke.slice(farthest), tolerance)];
};

const withoutRepeats = (/** @type {Stroke} */ stroke) => stroke.filter(([x, y], i) => i === 0 || x !== stroke[i - 1][0] || y !== stroke[i - 1][1]);

// The strokes with as few points as a link can hold: where there are too many, corners are cut a little more.
export const fitted = (/** @type {Stroke[]} */ strokes) => {
  const whole = strokes.slice(0, MOST_STROKES).map(withoutRepeats);
  for (let tolerance = FINEST; ; tolerance *= 1.5) {
    const thin = whole.map((stroke) => thinned(stroke, tolerance));
    if (thin.reduce((sum, stroke) => sum + stroke.length, 0) <= MOST_POINTS) return thin;
  }
};

// The straight pieces of all strokes in pixels, [x0, y0, x1, y1]: centred, the longer side of their box INK_BOX long.
export const pieces = (/** @type {Stroke[]} */ strokes) => {
  const points = strokes.flat();
  const [xs, ys] = [points.map(([x]) => x / GRID), points.map(([, y]) => y / GRID)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = INK_BOX / Math.max(right - left, bottom - top, LEAST_SIZE);
  const place = ([x, y]) => [(x / GRID - (left + right) / 2) * scale + SIDE / 2, (y / GRID - (top + bottom) / 2) * scale + SIDE / 2];
  return strokes.flatMap((stroke) => (stroke.length === 1 ? [stroke[0], ...stroke] : stroke).slice(1)
    .map((end, i) => [...place(stroke[i]), ...place(end)]));
};

// Ink from 0 to 1, row by row.
export const rendered = (/** @type {number[][]} */ segments) => {
  const ink = new Float64Array(SIDE * SIDE);
  for (let i = 0; i < ink.length; i += 1) {
    const [x, y] = [(i % SIDE) + 0.5, Math.floor(i / SIDE) + 0.5];
    let least = Infinity;
    for (const [x0, y0, x1, y1] of segments) {
      const [ax, ay] = [x1 - x0, y1 - y0];
      const [fx, fy] = [x - x0, y - y0];
      const share = Math.min(Math.max((fx * ax + fy * ay) / Math.max(ax * ax + ay * ay, 1e-12), 0), 1);
      least = Math.min(least, (fx - share * ax) ** 2 + (fy - share * ay) ** 2);
    }
    ink[i] = Math.min(Math.max(PEN + 0.5 - Math.sqrt(least), 0), 1);
  }
  return ink;
};
