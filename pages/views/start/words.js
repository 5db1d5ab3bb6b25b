// @ts-check
// How numbers and letters are written in the story.

const MINUS = "−";

// Three significant digits or so; ∞ for infinity, NaN for what is none.
export const figure = (value, decimals = Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3) => {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : `${MINUS}∞`;
  if (Math.abs(value) < 0.5 * 10 ** -decimals) return "0";
  return value.toFixed(decimals).replace("-", MINUS);
};

// With its sign, as on a bill.
export const signed = (value, decimals = 2) => (value >= 0.5 * 10 ** -decimals ? "+" : "") + figure(value, decimals);

export const percent = (value) => `${value < 0.1 ? Number((100 * value).toFixed(1)) : Math.round(100 * value)} %`;

export const count = (n) => n.toLocaleString("en-US");

// "KL(P‖Q)" as pieces: the letters P and Q by themselves have colours of their own.
export const pieces = (words) => words.split(/(?<![A-Za-z])([PQ])(?![A-Za-z])/).filter(Boolean);
