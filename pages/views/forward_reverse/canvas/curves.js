// @ts-check
// What is drawn of P and Q, from torch's tables alone: shifted, stretched, mixed and summed. Pure functions, no screen.

// The value of an even table at u, on the line between its neighbours; beyond its ends along its last slope.
export const tableAt = (table, [low, high], u) => {
  const last = table.length - 1;
  const place = ((u - low) / (high - low)) * last;
  const left = Math.min(Math.max(Math.floor(place), 0), last - 1);
  if (!Number.isFinite(table[left]) || !Number.isFinite(table[left + 1])) return place === left ? table[left] : -Infinity;
  return table[left] + (place - left) * (table[left + 1] - table[left]);
};

// The log-density of a mixture of shifted and stretched copies of one base table, at every x.
export const logDensity = (xs, base, components) => xs.map((x) => {
  let top = -Infinity;
  const logs = components.map(({ weight, loc, scale }) => {
    const log = weight > 0 ? Math.log(weight) - Math.log(scale) + tableAt(base.table, base.range, (x - loc) / scale) : -Infinity;
    top = Math.max(top, log);
    return log;
  });
  return top === -Infinity ? top : top + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - top), 0));
});

// a·log(a/b) where a may be 0; ∞ where only b is 0.
const loss = (logA, logB) => (logA === -Infinity ? 0 : Math.exp(logA) * (logA - logB));

// What each place adds to a divergence. α: KL(P‖Q) at 1, KL(Q‖P) at 0, between them (αp + (1 − α)q − p^α q^(1−α)) / (α(1 − α)).
export const TERMS = {
  kl_pq: (logP, logQ) => loss(logP, logQ),
  kl_qp: (logP, logQ) => loss(logQ, logP),
  alpha: (logP, logQ, alpha) => {
    const [p, q] = [Math.exp(logP), Math.exp(logQ)];
    const between = logP === -Infinity || logQ === -Infinity ? 0 : Math.exp(alpha * logP + (1 - alpha) * logQ);
    return (alpha * p + (1 - alpha) * q - between) / (alpha * (1 - alpha));
  },
  js: (logP, logQ) => {
    const logM = Math.log((Math.exp(logP) + Math.exp(logQ)) / 2);
    return (loss(logP, logM) + loss(logQ, logM)) / 2;
  },
};

export const contributions = (kind, logP, logQ, alpha) => logP.map((log, i) => TERMS[kind](log, logQ[i], alpha));

// The sum over an even grid, as a preview of the integral.
export const summed = (xs, values) => {
  const step = xs[1] - xs[0];
  return step * values.reduce((sum, value) => sum + value, 0);
};

// Q along a run at a place between two steps; scales and weights between steps by their ratio.
export const along = (path, place) => {
  const last = path.value.length - 1;
  const at = Math.min(Math.max(place, 0), last);
  const left = Math.min(Math.floor(at), Math.max(last - 1, 0));
  const part = last ? at - left : 0;
  const right = Math.min(left + 1, last);
  const line = (track) => track[left] + part * (track[right] - track[left]);
  const ratio = (track) => track[left] * (track[right] / track[left]) ** part;
  return path.components.map(({ weight, loc, scale }) => ({ weight: weight ? line(weight) : 1, loc: line(loc), scale: ratio(scale) }));
};

// The exact value at a step; between steps on the line between them.
export const valueAlong = (path, place) => {
  const last = path.value.length - 1;
  const at = Math.min(Math.max(place, 0), last);
  const left = Math.floor(at);
  const right = Math.min(left + 1, last);
  return path.value[left] + (at - left) * (path.value[right] - path.value[left]);
};

// Three significant digits, as one reads a number across a room.
export const three = (value) => {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size >= 0.001 && size < 0.0995) return value.toPrecision(3).replace("-", "−");
  const decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return value.toFixed(decimals).replace("-", "−");
};

// The same for a parameter, where 0 is a place like any other.
export const parameter = (value) => (Math.abs(value) < 5e-4 ? "0" : three(value));

// Heights drawn by a hand at even places: where the hand left a gap, the line between its ends; then smoothed twice.
export const smoothed = (heights, span = 2) => {
  const once = (values) => values.map((_, i) => {
    const near = values.slice(Math.max(0, i - span), i + span + 1);
    return near.reduce((sum, value) => sum + value, 0) / near.length;
  });
  return once(once(heights));
};
