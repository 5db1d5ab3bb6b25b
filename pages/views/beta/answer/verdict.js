// @ts-check
// Words for a place of the slider. Pure functions.

// β as one writes it: two significant digits.
export const betaInWords = (beta) => {
  if (!Number.isFinite(beta)) return "∞";
  return beta === 0 ? "0" : String(Number(beta.toPrecision(2)));
};

export const signed = (value) => {
  const text = Math.abs(value).toFixed(1);
  return Number(text) === 0 ? "0" : `${value < 0 ? "−" : "+"}${text}`;
};

// The finding: where the true reward stands against the best β there is.
export const verdict = ({ beta, gold, proxy }, best) => {
  const short = best.gain - gold;
  const name = `β = ${betaInWords(beta)}`;
  if (!Number.isFinite(beta)) return `At ${name} the model may not change: it answers as before.`;
  if (short < 0.05) {
    const same = betaInWords(beta) === betaInWords(best.beta);
    return same ? `At ${name} the true reward is greatest: the best β there is.` : `At ${name} the true reward is within 0.05 of that at the best β, ${betaInWords(best.beta)}.`;
  }
  const apart = `${short.toFixed(1)} less than at the best β, ${betaInWords(best.beta)}`;
  if (beta > best.beta) return `At ${name} the model moves too little: the true reward is ${apart}.`;
  if (gold < 0) return `At ${name} the model pleases the reward model${proxy > 0 ? "" : " no more"}. The true reward is ${apart}.`;
  return `At ${name} the reward model is fooled a little: the true reward is ${apart}.`;
};

// Where two answers differ: the places of the words that are new.
export const changed = (before, after) => after.map((word, i) => word !== before[i]);
