// @ts-check
// Numbers while a hand is on the picture: sums over the curves' whole tables, far beyond what is in view, so that no
// tail is cut at the picture's edge. In nats.

const MOST_PLACES = 2400; // of all curves together; a sum over more would not be finished in a frame

const MEASURES = {
  // p log(p/q) − p + q: the two last terms cancel over a whole axis and keep a cut-off sum from turning negative.
  kl: (p, q, lp, lq) => (p === 0 ? q : lq === -Infinity ? Infinity : p * (lp - lq) - p + q),
  entropy: (p, q, lp) => (p === 0 ? 0 : -p * lp),
  cross_entropy: (p, q, lp, lq) => (p === 0 ? 0 : -p * lq),
  total_variation: (p, q) => Math.abs(p - q) / 2,
  hellinger: (p, q) => (Math.sqrt(p) - Math.sqrt(q)) ** 2 / 2,
  jensen_shannon: (p, q) => {
    const m = (p + q) / 2;
    return ((p > 0 ? p * Math.log(p / m) : 0) + (q > 0 ? q * Math.log(q / m) : 0)) / 2;
  },
};

export const contribution = (p, q, lp, lq) => (p === 0 ? 0 : p * (lp - lq));

// Where to sum, ascending, and each place's weight: outcomes, or the trapezoid rule on the tables of all curves.
export const sumPlaces = (curves, discrete) => {
  if (discrete) {
    const xs = Float64Array.from({ length: Math.max(...curves.map((curve) => curve.outcomes)) }, (_, k) => k);
    return { xs, weights: xs.map(() => 1) };
  }
  const all = curves.flatMap((curve) => curve.places(-Infinity, Infinity, 0));
  const stride = Math.ceil(all.length / MOST_PLACES);
  const xs = Float64Array.from(stride > 1 ? all.filter((_, i) => i % stride === 0) : all).sort();
  const weights = xs.map((_, i) => (xs[Math.min(i + 1, xs.length - 1)] - xs[Math.max(i - 1, 0)]) / 2);
  return { xs, weights };
};

// A curve's log-density and density at xs. Between two frames masses do not sum to 1, and where a density has no bound
// a sum over points finds more than all of its mass: then both are scaled to 1.
export const weighed = (curve, { xs, weights }) => {
  const log = curve.logDensity(xs);
  const density = log.map(Math.exp);
  let mass = 0;
  for (let i = 0; i < xs.length; i += 1) mass += weights[i] * density[i];
  if (!Number.isFinite(mass) || !(mass > (curve.kind === "discrete" ? 0 : 1.001))) return { log, density };
  return { log: log.map((value) => value - Math.log(mass)), density: density.map((value) => value / mass) };
};

export const summed = (measure, p, q, weights) => {
  const term = MEASURES[measure];
  let sum = 0;
  for (let i = 0; i < weights.length; i += 1) {
    const value = term(p.density[i], q.density[i], p.log[i], q.log[i]);
    if (value !== 0) sum += weights[i] * value;
  }
  return measure === "hellinger" ? Math.sqrt(Math.max(sum, 0)) : sum;
};
