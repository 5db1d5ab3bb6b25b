// @ts-check
// Scene 5: exchange P and Q. Widths become Q's, heights change sign; the average is another number.

import { line, rect, text } from "../marks.js";
import { eased } from "../progress.js";
import { figure } from "../words.js";
import { sideBySide } from "./formula.js";

const SECONDS = 1.4;
const UP = 2.2;
const DOWN = 0.8;
const GUESSES = [["pq", "KL(P‖Q)"], ["qp", "KL(Q‖P)"], ["same", "Equal"]];

const frame = (m) => {
  const left = m.left + (m.compact ? 0 : 10 * m.u);
  const right = m.compact ? m.right - 84 * m.u : m.left + (m.right - m.left) * 0.72;
  const top = (m.compact ? 22 : 60) * m.u;
  const low = m.h - (m.compact ? 22 : 60) * m.u;
  const gap = (m.compact ? 20 : 60) * m.u;
  const perNat = (low - top - gap) / (2 * (UP + DOWN));
  return { left, right, perNat, side: right + (m.compact ? 10 : 40) * m.u, first: top + UP * perNat, second: low - UP * perNat, bottom: low };
};

const panel = (m, f, key, places, heights, zero, average, opacity) => [
  ...places.map(({ x, w }, i) => {
    const height = Math.abs(heights[i]) * f.perNat;
    return rect(`${key}.${i}`, { x, y: heights[i] < 0 ? zero : zero - height, w, h: Math.max(height, 1), o: opacity }, heights[i] < 0 ? "back" : "grey");
  }),
  ...places.map(({ x, w }, i) => rect(`${key === "t" ? "p" : "w"}.${i}`, { x, y: zero - 2, w, h: 4, o: opacity }, key === "t" ? "p solid" : "q solid")),
  line(key === "t" ? "limit" : "limit.qp", { x1: f.left, x2: f.side - 8 * m.u, y1: zero - average * f.perNat, y2: zero - average * f.perNat, o: opacity }, "limit"),
];

const titled = (m, f, key, zero, name, value, opacity, note) => [
  text(`${key}.name`, f.side, zero - (m.compact ? 20 : 56) * m.u, name, (m.compact ? 14 : 18) * m.u, "strong"),
  text(key === "t" ? "big" : "big.qp", f.side, zero + (m.compact ? 6 : -8) * m.u, figure(value), (m.compact ? 24 : 48) * m.u, "big", { o: opacity }),
  text(`${key}.note`, f.side, zero + 22 * m.u, note, 15 * m.u, "quiet", { o: m.compact ? 0 : opacity }),
];

export const directions = {
  start: () => ({ guess: null, t: 0 }),
  draw: (state, { weather }, m) => {
    const f = frame(m);
    const [p, q] = [sideBySide(weather.p, f.left, f.right), sideBySide(weather.q, f.left, f.right)];
    const t = eased(state.t);
    const mix = (a, b) => a + (b - a) * t;
    const zero = mix(f.first, f.second);
    const places = p.map((place, i) => ({ x: mix(place.x, q[i].x), w: mix(place.w, q[i].w) }));
    const heights = weather.bills.map((bill) => mix(bill, -bill));
    const small = (m.compact ? 13 : 15) * m.u;
    return [
      ...panel(m, f, "t", p, weather.bills, f.first, weather.kl_pq, 1),
      ...(state.t > 0 ? panel(m, f, "r", places, heights, zero, mix(weather.kl_pq, weather.kl_qp), 1) : []),
      ...weather.names.map((name, i) => text(`n.${i}`, p[i].x + p[i].w / 2, weather.bills[i] < 0 ? f.first - (weather.bills[i] * f.perNat) / 2 + 5 * m.u : f.first + 18 * m.u, name, small, "quiet halo", { anchor: "middle", o: p[i].w < 34 * m.u ? 0 : 1 })),
      ...(state.t >= 1 ? weather.names.map((name, i) => text(`n2.${i}`, q[i].x + q[i].w / 2, f.second + (weather.bills[i] > 0 ? (weather.bills[i] * f.perNat) / 2 + 5 * m.u : 18 * m.u), name, small, "quiet halo", { anchor: "middle", o: q[i].w < 34 * m.u ? 0 : 1 })) : []),
      ...titled(m, f, "t", f.first, "KL(P‖Q)", weather.kl_pq, 1, "days drawn from P"),
      ...titled(m, f, "r", f.second, "KL(Q‖P)", weather.kl_qp, state.t, "days drawn from Q"),
      ...(state.guess ? [] : [text("ask", (f.left + f.right) / 2, f.second + 16 * m.u, "?", (m.compact ? 48 : 90) * m.u, "question", { anchor: "middle" })]),
    ];
  },
  tick: (state, seconds, still) => {
    if (!state.guess || state.t >= 1) return false;
    state.t = still ? 1 : Math.min(state.t + seconds / SECONDS, 1);
    return true;
  },
  buttons: (state) => (state.guess && state.t >= 1
    ? [{ key: "again", label: "Exchange again", icon: "again", main: true, act: () => Object.assign(state, { t: 0.001 }) }]
    : GUESSES.map(([key, label]) => ({ key, label, main: state.guess === key, act: () => Object.assign(state, { guess: key, t: 0.001 }) }))),
  readouts: (state, { weather }) => [
    { quantity: "kl_pq", value: weather.kl_pq, large: true, label: "KL(P‖Q), days from P" },
    ...(state.guess ? [{ quantity: "kl_qp", value: weather.kl_qp, large: true, label: "KL(Q‖P), days from Q" }] : []),
  ],
  done: (state) => state.guess !== null,
  says: (state, { weather }) => `${state.guess === "pq" ? "Right." : "Not this time."} KL(P‖Q) is ${figure(weather.kl_pq)}, KL(Q‖P) ${figure(weather.kl_qp)}: KL is not symmetric, so it is not a distance.`,
  describe: (state, { weather }) => `The bars of KL(P‖Q): widths from P, heights log(P/Q), average ${figure(weather.kl_pq)}.${state.guess ? ` Below, those of KL(Q‖P): widths from Q, heights turned over, average ${figure(weather.kl_qp)}.` : " Below, a question mark."}`,
};
