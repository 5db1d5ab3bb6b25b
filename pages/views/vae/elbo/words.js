// @ts-check
// Words for what the ELBO leaves out. Pure functions.

import { written4 } from "../../../shared/live/numbers.js";

export const NOTHING = 0.002; // nats: a gap below it is closed
const SHOWN = 5e-4; // what a gap is shown as 0 below

// A gap: three digits, and 0 where quadrature leaves a rounding.
export const gapInWords = (gap, unit) => {
  const value = gap * unit.per_nat;
  return value < 5e-4 ? "0" : value >= 0.1 ? String(Number(value.toPrecision(3))) : String(Number(value.toFixed(3)));
};

const ofUnit = (gap, unit) => `${gapInWords(gap, unit)} ${unit.name}`;

// Why no Gaussian reaches log p(x).
const shape = (modes) => (modes > 1 ? `p(z|x) has ${["", "", "two", "three"][modes] ?? "several"} hills, a Gaussian has one` : "p(z|x) is no Gaussian with axes along z₁ and z₂");

// {evidence, best, encoder, elbo, modes, unit}; by: "encoder", "hand" or "fit".
export const verdict = ({ evidence, best, elbo, encoder, modes, unit }, by) => {
  const [whole, toBest, beyond] = [evidence - elbo, best - elbo, evidence - best];
  if (whole < SHOWN) return "q is the true posterior, so the ELBO is log p(x). Drag q away and a gap opens.";
  if (whole < 0.01) return `q is almost the true posterior: the ELBO misses ${ofUnit(whole, unit)} of log p(x). Drag q away and the gap opens.`;
  if (by === "encoder") return `The encoder’s ELBO misses ${ofUnit(whole, unit)} of log p(x). Drag q, or press Fit q.`;
  if (toBest < NOTHING) {
    const closed = encoder < best - NOTHING ? `The amortisation gap of ${ofUnit(best - encoder, unit)} is closed. ` : "q is the best Gaussian. ";
    return beyond < NOTHING ? `${closed}q is the true posterior.` : `${closed}${ofUnit(beyond, unit)} stay: ${shape(modes)}.`;
  }
  if (by === "fit") return `q stopped on a local maximum, ${ofUnit(toBest, unit)} below the best Gaussian (dotted). Press Fit q again to go there.`;
  return `This q misses ${ofUnit(whole, unit)} of log p(x): ${elbo > encoder ? "less" : "more"} than the encoder’s, which misses ${gapInWords(evidence - encoder, unit)}.`;
};

// What more samples buy.
export const importanceInWords = ({ counts, mean, error }, evidence, unit) => {
  const last = counts.length - 1;
  const [first, left] = [evidence - mean[0], evidence - mean[last]];
  if (first < 0.01) return "q is the true posterior, or almost: one sample already gives log p(x).";
  const within = error[last] ? ` ± ${gapInWords(Math.max(error[last], 6e-4 / unit.per_nat), unit)}` : "";
  return `From 1 to ${counts[last]} samples the bound rises, and what it misses falls from ${gapInWords(first, unit)} to ${gapInWords(Math.max(left, 0), unit)}${within} ${unit.name}.`;
};

export const errorInWords = (error, exact) => (exact ? "closed form" : `quadrature error below ${error < 1e-6 ? "10⁻⁶" : written4(error)} nats`);
