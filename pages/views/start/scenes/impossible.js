// @ts-check
// Scene 6: bring an outcome of Q to 0. KL(P‖Q) becomes infinite; KL(Q‖P) does not.

import { line, path, rect, text } from "../marks.js";
import { kl, surprisal } from "../sums.js";
import { figure, signed } from "../words.js";
import { barP, barQ, columns, handleQ, names } from "./bars.js";

const MOST = 1.2; // nats on the gauges
const ZERO = 0.004; // as near to 0 as a hand gets

const frame = (m) => {
  const cols = columns(5, m.left, m.right);
  const base = m.h * (m.compact ? 0.5 : 0.56);
  return { cols, base, scale: (base - (m.compact ? 22 : 50) * m.u) / 0.72, left: m.left + (m.compact ? 68 : 120) * m.u, right: m.right - (m.compact ? 54 : 110) * m.u };
};

const gauge = (m, f, key, y, label, value, cls) => {
  const endless = value === Infinity;
  const width = endless ? f.right - f.left : (Math.min(value, MOST) / MOST) * (f.right - f.left);
  const high = (m.compact ? 14 : 20) * m.u;
  const tip = f.left + width;
  return [
    rect(`${key}.track`, { x: f.left, y: y - high / 2, w: f.right - f.left, h: high }, "paper"),
    rect(`${key}.bar`, { x: f.left, y: y - high / 2, w: width, h: high }, cls),
    ...(endless ? [path(`${key}.tip`, { points: [tip, y - high, tip + 18 * m.u, y, tip, y + high] }, cls)] : []),
    line(`${key}.zero`, { x1: f.left, x2: f.left, y1: y - high * 0.9, y2: y + high * 0.9 }, "axis"),
    text(`${key}.name`, f.left - 12 * m.u, y + 5 * m.u, label, (m.compact ? 14 : 17) * m.u, "strong", { anchor: "end" }),
    text(`${key}.value`, m.right, y + (m.compact ? 8 : 12) * m.u, figure(value), (m.compact ? 22 : endless ? 52 : 34) * m.u, "big", { anchor: "end" }),
  ];
};

export const impossible = {
  start: ({ weather }) => ({ q: [...weather.q], held: 1, moved: false, reached: false }),
  draw: (state, { weather }, m) => {
    const f = frame(m);
    const never = state.q.map((value, i) => (value === 0 ? i : -1)).filter((i) => i >= 0);
    const [first, second] = m.compact ? [m.h * 0.78, m.h * 0.92] : [m.h * 0.78, m.h * 0.9];
    return [
      ...weather.p.flatMap((value, i) => [
        barP(i, f.cols.centre(i), f.cols.width - 8, f.base, value * f.scale),
        barQ(i, f.cols.centre(i), f.cols.width, f.base, state.q[i] * f.scale),
      ]),
      ...never.flatMap((i) => [
        rect(`beam.${i}`, { x: f.cols.centre(i) - 9 * m.u, y: -10, w: 18 * m.u, h: f.base + 10 }, "ink"),
        text(`beam.label.${i}`, f.cols.centre(i) - 16 * m.u, f.base * 0.3, m.compact ? "∞" : `log(${figure(weather.p[i], 2)}/0) = ∞`, (m.compact ? 20 : 18) * m.u, "strong halo", { anchor: "end" }),
      ]),
      ...names(m, weather, f.cols, f.base),
      ...weather.p.map((value, i) => {
        const bill = surprisal(state.q[i]) - surprisal(value);
        return text(`tv.${i}`, f.cols.centre(i), f.base + (m.compact ? 42 : 60) * m.u, signed(bill), (bill === Infinity ? 24 : m.compact ? 14 : 17) * m.u, "strong", { anchor: "middle" });
      }),
      text("bill.tag", m.left - 14 * m.u, f.base + 60 * m.u, "log(P/Q)", 14 * m.u, "quiet", { anchor: "end", o: m.compact ? 0 : 1 }),
      ...gauge(m, f, "t", first, "KL(P‖Q)", kl(weather.p, state.q), "ink"),
      ...gauge(m, f, "r", second, "KL(Q‖P)", kl(state.q, weather.p), "grey"),
    ];
  },
  handles: (state, { weather }, m) => {
    const f = frame(m);
    const snap = (value) => (value < ZERO ? 0 : value);
    return weather.names.map((_, i) => handleQ(m, state, weather, i, f.cols.centre(i), f.base, f.scale, { most: 0.7, snap }));
  },
  readouts: (state, { weather }) => [
    { quantity: "kl_pq", value: state.moved ? kl(weather.p, state.q) : weather.kl_pq, preview: state.moved, large: true, label: "KL(P‖Q)" },
    { quantity: "kl_qp", value: state.moved ? kl(state.q, weather.p) : weather.kl_qp, preview: state.moved, label: "KL(Q‖P)" },
  ],
  done: (state) => {
    if (state.q.some((value) => value === 0)) state.reached = true;
    return state.reached;
  },
  says: () => "KL(P‖Q) is infinite: P draws a day that Q rules out. A Q fitted by it avoids such zeros: zero-avoiding. KL(Q‖P) stays finite: Q never draws that day. A Q fitted by it must be 0 wherever P is 0: zero-forcing.",
  describe: (state, { weather }) => `P's bars with Q's outlines, and two gauges: KL(P‖Q) ${figure(kl(weather.p, state.q))}, KL(Q‖P) ${figure(kl(state.q, weather.p))} nats. Where Q is 0 and P is not, the bill shoots off the picture.`,
};
