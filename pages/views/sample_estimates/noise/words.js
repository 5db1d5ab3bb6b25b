// @ts-check
// Words for the estimators' gradients at one sampler. Pure functions.

const EXACT = 1e-6; // of the true gradient's length: rounding
const TO = "∇KL(π‖π_ref)";
const FROM = "∇KL(π_ref‖π)";

// What a loss follows on average.
export const follows = ({ error, length, backError }) => {
  if (length < EXACT) return "zero";
  if (error < EXACT) return "exact";
  return backError < EXACT ? "back" : "neither";
};

export const degrees = (angle) => (angle < 0.95 ? `${Number(angle.toPrecision(1))}°` : `${Math.round(angle)}°`);

// For the table: how far the expected gradient is off.
export const offInWords = (measures) => {
  const kind = follows(measures);
  if (kind === "zero") return "its mean is 0";
  if (kind === "exact") return "right on average";
  return `${degrees(measures.angle)} off, ${Number(measures.length.toPrecision(2))} × as long`;
};

export const spreadInWords = (spread) => `±${Number((100 * spread).toPrecision(2))} %`;

export const samplerInWords = (share) => {
  if (share === 0) return "μ = π";
  return share === 1 ? "μ = π_ref" : `μ ${Math.round(100 * share)} % of the way to π_ref`;
};

const listed = (names) => (names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`);

// The finding at one sampler: which losses are right on average, and how far off the others are.
export const verdict = (share, losses) => {
  if (!losses.length) return "Choose a loss to see its gradient.";
  const of = (kind) => losses.filter((loss) => follows(loss) === kind).map((loss) => loss.name);
  const said = [];
  if (of("exact").length) said.push(`${listed(of("exact"))} ${of("exact").length > 1 ? "follow" : "follows"} ${TO}`);
  if (of("back").length) said.push(`${listed(of("back"))} ${of("back").length > 1 ? "follow" : "follows"} ${FROM}`);
  const off = losses.filter((loss) => follows(loss) === "neither").map((loss) => `${loss.name} is ${degrees(loss.angle)} off`);
  if (off.length) said.push(listed(off));
  if (of("zero").length) said.push(`${listed(of("zero"))} averages to 0`);
  const place = share === 0 ? "On-policy" : `With ${samplerInWords(share)}`;
  return `${place}: ${said.join("; ")}.`;
};
