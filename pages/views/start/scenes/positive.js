// @ts-check
// Scene 4: P log(P/Q) may be below 0; with Q − P added to each it cannot, and the sum is the same. The sum is 0 once Q = P.

import { line, rect, text } from "../marks.js";
import { kl, term } from "../sums.js";
import { figure, signed } from "../words.js";
import { barP, barQ, columns, handleQ, legend, names } from "./bars.js";

const NEAR = 0.012; // a bar this close to P's is at P's
const SOLVED = 0.0005;

const frame = (m) => {
  const right = m.right - (m.compact ? 64 : 150) * m.u;
  const cols = columns(5, m.left + (m.compact ? 0 : 40 * m.u), right);
  const base = m.h * (m.compact ? 0.36 : 0.33);
  const scale = (base - (m.compact ? 24 : 30) * m.u) / 0.72;
  const first = m.h * (m.compact ? 0.64 : 0.59);
  const second = m.h * (m.compact ? 0.96 : 0.93);
  return { cols, base, scale, first, second, perNat: m.h * (m.compact ? 0.34 : 0.34), side: right + (m.compact ? 8 : 30) * m.u };
};

const settled = (state, weather) => state.q.every((value, i) => Math.abs(value - weather.p[i]) < 1e-9);

const row = (m, f, weather, key, zero, values, sum, label) => {
  const small = (m.compact ? 13 : 15) * m.u;
  return [
    line(`${key}.zero`, { x1: f.cols.centre(0) - f.cols.slot * 0.55, x2: f.cols.centre(4) + f.cols.slot * 0.55, y1: zero, y2: zero }, "axis"),
    ...values.flatMap((value, i) => {
      const height = Math.min(Math.abs(value), 2) * f.perNat;
      const cx = f.cols.centre(i);
      const cls = value < 0 ? "back" : key === "u" ? "good" : "ink";
      return [
        rect(`${key}.${i}`, { x: cx - f.cols.width / 2, y: value < 0 ? zero : zero - height, w: f.cols.width, h: Math.max(height, 1) }, cls),
        text(`${key}v.${i}`, cx, value < 0 ? zero + height + 17 * m.u : zero - height - 7 * m.u, signed(value, 3), small, value < 0 ? "strong" : "", { anchor: "middle", o: m.compact && Math.abs(value) < 0.001 ? 0 : 1 }),
      ];
    }),
    text(`${key}.sum`, f.side, zero + 4 * m.u, figure(sum), (m.compact ? 20 : 34) * m.u, "big"),
    text(`${key}.label`, f.side, zero - (m.compact ? 22 : 34) * m.u, label, (m.compact ? 13 : 15) * m.u, "quiet"),
  ];
};

export const positive = {
  start: ({ weather }) => ({ q: [...weather.q], p: weather.p, held: null, moved: false, solved: false }),
  draw: (state, { weather }, m) => {
    const f = frame(m);
    const terms = weather.p.map((p, i) => term(p, state.q[i]));
    const added = weather.p.map((p, i) => state.q[i] - p);
    const sum = kl(weather.p, state.q);
    const small = (m.compact ? 13 : 15) * m.u;
    const between = (f.first + f.second) / 2 + (m.compact ? -6 : 2) * m.u;
    return [
      ...weather.p.flatMap((value, i) => [
        barP(i, f.cols.centre(i), f.cols.width - 8, f.base, value * f.scale),
        barQ(i, f.cols.centre(i), f.cols.width, f.base, state.q[i] * f.scale),
      ]),
      ...names(m, weather, f.cols, f.base),
      ...(m.compact ? legend(m, f.side, f.base - 40 * m.u, "P", "Q") : legend(m, f.side, f.base - 80 * m.u)),
      ...row(m, f, weather, "t", f.first, terms, sum, m.compact ? "sum" : "sum of P log(P/Q)"),
      ...(m.compact ? [] : added.map((value, i) => text(`add.${i}`, f.cols.centre(i), between, signed(value), small, "quiet", { anchor: "middle" }))),
      ...(m.compact ? [] : [
        text("add.tag", f.cols.centre(0) - f.cols.slot * 0.6, between, "+ Q − P", small, "quiet", { anchor: "end" }),
        text("add.sum", f.side, between, "adds up to 0", small, "quiet"),
        text("t.tag", f.cols.centre(0) - f.cols.slot * 0.6, f.first + 5 * m.u, "P log(P/Q)", small, "", { anchor: "end" }),
        text("u.tag", f.cols.centre(0) - f.cols.slot * 0.6, f.second + 5 * m.u, "never below 0", small, "good", { anchor: "end" }),
      ]),
      ...row(m, f, weather, "u", f.second, terms.map((value, i) => value + added[i]), sum, m.compact ? "same sum" : "the same sum"),
    ];
  },
  handles: (state, { weather }, m) => {
    const f = frame(m);
    const there = (i) => Math.abs(state.q[i] - weather.p[i]) < 1e-9;
    const still = (i) => weather.names.map((_, j) => j).filter((j) => j !== i && there(j));
    const snap = (value, i) => (Math.abs(value - weather.p[i]) < NEAR ? weather.p[i] : value);
    return weather.names.map((_, i) => handleQ(m, state, weather, i, f.cols.centre(i), f.base, f.scale, { low: 0.005, most: 0.7, snap, still }));
  },
  readouts: (state, { weather }) => [{
    quantity: "kl_pq", value: state.moved ? kl(weather.p, state.q) : weather.kl_pq, preview: state.moved && !settled(state, weather), large: true, label: "KL(P‖Q): bring it to 0",
  }],
  done: (state) => {
    if (kl(state.p, state.q) < SOLVED) state.solved = true;
    return state.solved;
  },
  says: () => "KL is 0 only if Q = P. Any other Q costs something.",
  describe: (state, { weather }) => `Three rows of five bars. First P with the outline of Q. Then P log(P/Q), some below 0. Then the same plus Q − P, none below 0. Both rows add up to ${figure(kl(weather.p, state.q))} nats.`,
};
