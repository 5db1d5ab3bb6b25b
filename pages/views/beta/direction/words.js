// @ts-check
// Words for the two optima. Pure functions.

export const percent = (share) => {
  if (share >= 0.995 && share < 1) return `${(100 * share).toPrecision(4)} %`;
  if (share >= 0.0995) return `${Math.round(100 * share)} %`;
  if (share >= 1e-4) return `${Number((100 * share).toPrecision(2))} %`;
  const [digits, power] = share.toExponential(0).split("e");
  return share > 0 ? `${digits}e${power.replace("-", "−")}` : "0";
};

// Odds of an answer against all others together, as one says them.
export const odds = (value) => {
  if (!Number.isFinite(value)) return "∞ : 1";
  const short = (x) => (x >= 1000 ? x.toExponential(0).replace("e+", "e") : String(Number(x.toPrecision(2))));
  return value >= 1 ? `${short(value)} : 1` : value > 0 ? `1 : ${short(1 / value)}` : "0 : 1";
};

export const betaInWords = (beta) => String(Number(beta.toPrecision(2)));

const NUMBERS = { 2: "two", 3: "three", 4: "four", 5: "five", 6: "six" };

// Which penalty collapses more here: the shares on the hack decide.
export const verdict = (beta, reverse, forward, answers) => {
  const at = `At β = ${betaInWords(beta)}`;
  const support = `Both keep all ${NUMBERS[answers] ?? answers} answers: full support.`;
  if (Math.abs(reverse - forward) < 0.005) return `${at} both directions put about ${percent(forward)} on the hack. ${support}`;
  const [more, high, low] = forward > reverse ? ["forward", forward, reverse] : ["reverse", reverse, forward];
  return `${at} the ${more} penalty collapses more: ${percent(high)} on the hack, against ${percent(low)}. ${support}`;
};
