// @ts-check
// Classes ranked by probability, and softened while a hand moves their logits.

// While a hand holds a logit: unnormalised shares at temperature T, a preview until torch answers.
export const softShares = (logits, T) => {
  const top = Math.max(...logits);
  return logits.map((logit) => Math.exp((logit - top) / T));
};

// The outcome that comes `rank`th, from 1, and its probability.
export const ranked = (density, rank) => {
  const outcome = Array.from(density.keys()).sort((a, b) => density[b] - density[a] || a - b)[rank - 1];
  return { value: density[outcome], outcome };
};
