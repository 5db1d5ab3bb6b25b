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

// The finding: where the true reward stands against the best β there is. The lines are drawn as in "In practice": best.little, in
// nats, and best.near, a share of best.gain.
export const verdict = ({ beta, gold, proxy, kl }, best) => {
  const short = best.gain - gold;
  const name = `β = ${betaInWords(beta)}`;
  if (!Number.isFinite(beta)) return `At ${name} the model may not change: it answers as before.`;
  if (short < 0.05) {
    const same = betaInWords(beta) === betaInWords(best.beta);
    return same ? `At ${name} the true reward is greatest: the best β there is.` : `At ${name} the true reward is within 0.05 of that at the best β, ${betaInWords(best.beta)}.`;
  }
  const apart = `the true reward is ${short.toFixed(1)} below the best`;
  if (kl < best.little) return `At ${name} the model hardly moves: ${apart}.`;
  if (gold < 0) return `At ${name} the model pleases ${proxy > 0 ? "the reward model" : "nobody"}: ${apart}.`;
  if (gold > best.near * best.gain) return `At ${name} the true reward is near the best: ${short.toFixed(1)} below it.`;
  const why = beta > best.beta ? "the model moves too little" : "the reward model is fooled a little";
  return `At ${name} ${why}: ${apart}.`;
};

// The same once the hand has let go, to be shared.
export const stoppedAt = ({ beta, gold }, best) => {
  const short = best.gain - gold;
  const name = `You stopped at β = ${betaInWords(beta)}`;
  if (short >= 0.05) return `${name}: the true reward is ${short.toFixed(1)} below the best, at β = ${betaInWords(best.beta)}.`;
  return betaInWords(beta) === betaInWords(best.beta) ? `${name}: the best β there is.` : `${name}: within 0.05 of the best, at β = ${betaInWords(best.beta)}.`;
};

// What ten times the reward does, at the same β and then at ten times the β.
export const tenfold = (before, beta) => (beta < 9.8 * before
  ? `Ten times the reward, and β = ${betaInWords(beta)} is ten times too cheap. Raise β too.`
  : "Ten times the β, and the same answer is back: β is a price in units of reward per nat.");

// Where two answers differ: the places of the words that are new.
export const changed = (before, after) => after.map((word, i) => word !== before[i]);
