// @ts-check
// Words for a draft and its target. Pure functions.

export const percent = (share) => {
  if (share > 0.995 && share < 1) return `${(100 * share).toPrecision(4)} %`;
  if (share >= 0.0995 || share === 0) return `${Math.round(100 * share)} %`;
  return share < 5e-4 ? "<0.1 %" : `${Number((100 * share).toPrecision(2))} %`;
};

export const nats = (kl) => (Number.isFinite(kl) ? kl.toPrecision(3) : "∞");

const EQUAL = 1e-9; // acceptance short of 1 by rounding

export const verdict = ({ acceptance, tokens, gamma, kl_pq: forward }) => {
  const calls = `${tokens.toPrecision(3)} words per call of P`;
  if (acceptance > 1 - EQUAL) return `P and Q agree, so P keeps every draft: ${gamma + 1} words per call.`;
  if (acceptance < EQUAL) return "P and Q do not overlap, so P keeps no draft: 1 word per call, as without Q.";
  if (!Number.isFinite(forward)) return `KL(P‖Q) is ∞, yet P keeps ${percent(acceptance)} of the drafts: ${calls}.`;
  return `P keeps ${percent(acceptance)} of Q’s drafts: ${calls} instead of 1.`;
};

// What a bound says of the acceptance.
export const boundInWords = (bound) => (bound > 0 ? `≥ ${bound.toFixed(3)}` : bound === 0 ? "≥ 0" : "below 0: says nothing");

export const runInWords = (words, calls, expected, farthest) =>
  `${calls} calls of P gave ${words} words: ${(words / calls).toPrecision(3)} per call, ${expected.toPrecision(3)} expected. `
  + `Each word’s share (the dots) is within ${(100 * farthest).toPrecision(2)} percentage points of P.`;

export const temperatureInWords = (temperature) => String(Number(temperature.toPrecision(2)));
