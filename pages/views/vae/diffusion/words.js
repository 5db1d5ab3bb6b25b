// @ts-check
// Words for the steps of a diffusion. Pure functions.

const LOW = "₀₁₂₃₄₅₆₇₈₉";

/** x₁₂ for 12 */
export const state = (/** @type {number} */ t) => `x${String(t).replace(/\d/g, (digit) => LOW[Number(digit)])}`;

export const digits = (/** @type {number} */ value) => {
  const text = Math.abs(value) < 0.0005 ? "0" : Math.abs(value) < 0.1 ? String(Number(value.toFixed(3))) : value.toPrecision(3);
  return text.replace("-", "−");
};

// The term `at` of T steps: its title, its two distributions, and what it is averaged to.
export const termInWords = (/** @type {number} */ at, /** @type {number} */ last) => {
  if (at === 1) return { title: `t = 1: from ${state(1)} back to the data`, q: "x₀, the data", p: `p(x₀|${state(1)})`, measure: `−log p(x₀|${state(1)})` };
  if (at > last) return { title: `The prior: is ${state(last)} noise yet?`, q: `q(${state(last)}|x₀)`, p: `p(${state(last)}) = N(0, 1)`, measure: "KL(q‖p)" };
  return { title: `t = ${at}: from ${state(at)} back to ${state(at - 1)}`, q: `q(${state(at - 1)}|${state(at)}, x₀)`, p: `p(${state(at - 1)}|${state(at)})`, measure: "KL(q‖p)" };
};
