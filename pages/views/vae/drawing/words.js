// @ts-check
// What happened to a drawing, in words. Pure functions.

const FAR = 0.45; // standard deviations of the prior: farther from every glyph than this lies where none was seen
const SECOND = 0.25; // of the neighbours: a second digit that is named
const UNLIKE = 3; // typical costs

/** @typedef {{ digit: number, share: number }} Neighbours */
/** @typedef {{ low: number, middle: number, high: number }} Typical costs in nats: 5 %, 50 % and 95 % of the test glyphs */

// The digits of the glyphs nearest to a place, the most frequent first, and how far the nearest is.
export const around = (/** @type {ArrayLike<number>} */ places, /** @type {ArrayLike<number>} */ labels, /** @type {number[]} */ [x, y], count = 25) => {
  const near = Array.from(labels, (digit, i) => ({ digit, far: Math.hypot(places[2 * i] - x, places[2 * i + 1] - y) })).sort((a, b) => a.far - b.far).slice(0, count);
  const digits = [...new Set(near.map(({ digit }) => digit))];
  const kinds = digits.map((digit) => ({ digit, share: near.filter((one) => one.digit === digit).length / near.length }));
  return { kinds: kinds.sort((a, b) => b.share - a.share), far: near[0].far };
};

export const amount = (/** @type {number} */ nats, unit) => {
  const value = nats * unit.per_nat;
  return value >= 20 ? String(Math.round(value)) : value.toPrecision(value >= 10 ? 3 : 2);
};

const named = (/** @type {number} */ digit) => `${digit === 8 ? "an" : "a"} ${digit}`;

const where = ({ kinds: [first, second], far }) => {
  if (far > FAR) return "It lies where no digit does";
  return second && second.share >= SECOND ? `It lies between the ${first.digit}s and the ${second.digit}s` : `It lies among the ${first.digit}s`;
};

export const verdict = (cost, near, /** @type {Typical} */ typical, unit) => {
  const price = `Your drawing costs ${amount(cost, unit)} ${unit.name}; a typical digit costs ${amount(typical.middle, unit)}.`;
  const back = named(near.kinds[0].digit);
  if (cost > UNLIKE * typical.middle) return `${price} The decoder never saw one like it: the nearest it knows is ${back}.`;
  return `${price} ${where(near)}, and the VAE gives back ${back}.`;
};

export const EMPTY = "Draw a digit: the VAE encodes it while you draw.";
export const FULL = "This drawing has as many strokes as a link can hold. Undo one, or clear the paper.";

// While a point is carried over the plane.
export const atPoint = (distortion, own, near, unit) => {
  const back = named(near.kinds[0].digit);
  if (distortion === null) return `Here the decoder draws ${near.far > FAR ? "something between the digits it knows" : back}.`;
  const [here, there] = [amount(distortion, unit), amount(own, unit)];
  const compared = here === there ? "as much as" : distortion < own ? "less than" : "more than";
  return `Here the decoder draws ${back}. From here your drawing’s pixels cost ${here} ${unit.name}, ${compared} the ${there} where the encoder put it.`;
};
