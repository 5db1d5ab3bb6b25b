// @ts-check
// Scene 1: a bar of Q above, the surprise −log Q below; a short bar is a long surprise.

import { line, rect, text } from "../marks.js";
import { surprisal } from "../sums.js";
import { figure, percent } from "../words.js";
import { barQ, columns, handleQ, names } from "./bars.js";

const MOST = 5; // nats that fit below the axis

const frame = (m) => {
  const base = m.h * (m.compact ? 0.44 : 0.43);
  const top = m.compact ? 26 * m.u : m.h * 0.08;
  const under = base + (m.compact ? 32 : 48) * m.u;
  return { base, under, cols: columns(5, m.left, m.right), scale: (base - top) / 0.72, perNat: (m.h - under - (m.compact ? 20 : 34) * m.u) / MOST };
};

const bars = (state, data, m, f) => data.weather.names.flatMap((_, i) => {
  const q = state.q[i];
  const nats = surprisal(q);
  const height = Math.min(nats, MOST) * f.perNat;
  const cx = f.cols.centre(i);
  const held = i === state.held;
  const size = (m.compact ? 13 : 15) * m.u;
  return [
    barQ(i, cx, f.cols.width, f.base, q * f.scale),
    text(`qv.${i}`, cx, f.base - q * f.scale - 18 * m.u, percent(q), size, held ? "q strong" : "q", { anchor: "middle" }),
    rect(`t.${i}`, { x: cx - f.cols.width / 2, y: f.under, w: f.cols.width, h: height }, held ? "ink" : "grey"),
    text(`tv.${i}`, cx, f.under + height + 18 * m.u, figure(nats, 2), size, held ? "strong" : "quiet", { anchor: "middle" }),
  ];
});

const headline = (state, data, m, f) => {
  const name = data.weather.names[state.held];
  const x = m.right;
  const words = [
    text("big.label", x, m.h * 0.1, `Surprise when ${{ sun: "the sun shines", cloud: "it is cloudy", rain: "it rains", storm: "a storm comes", snow: "it snows" }[name]}`, 16 * m.u, "quiet", { anchor: "end" }),
    text("big", x, m.h * 0.1 + 52 * m.u, figure(surprisal(state.q[state.held])), 48 * m.u, "big", { anchor: "end" }),
    text("big.unit", x, m.h * 0.1 + 78 * m.u, `= −log ${figure(state.q[state.held], 2)} nats`, 16 * m.u, "quiet", { anchor: "end" }),
  ];
  return [
    ...(m.compact ? [] : words),
    text("side.q", m.left - 10 * m.u, f.base - 6 * m.u, "Q(x)", 15 * m.u, "q strong", { anchor: "end", o: m.compact ? 0 : 1 }),
    text("side.t", m.left - 10 * m.u, f.under + 14 * m.u, "−log Q(x)", 15 * m.u, "quiet", { anchor: "end", o: m.compact ? 0 : 1 }),
    line("under", { x1: f.cols.centre(0) - f.cols.slot * 0.55, x2: f.cols.centre(4) + f.cols.slot * 0.55, y1: f.under, y2: f.under }, "hair"),
  ];
};

export const surprise = {
  start: ({ weather }) => ({ q: [...weather.q], held: 2, moved: false }),
  draw: (state, data, m) => {
    const f = frame(m);
    return [...bars(state, data, m, f), ...names(m, data.weather, f.cols, f.base), ...headline(state, data, m, f)];
  },
  handles: (state, data, m) => {
    const f = frame(m);
    return data.weather.names.map((_, i) => handleQ(m, state, data.weather, i, f.cols.centre(i), f.base, f.scale, { low: 0.01, most: 0.7 }));
  },
  readouts: (state, data) => [{
    quantity: "surprise", value: surprisal(state.q[state.held]), preview: state.moved, large: true,
    label: `−log Q(${data.weather.names[state.held]}), in nats`,
  }],
  done: (state) => state.moved,
  says: () => "Halve Q(x), and the surprise grows by log 2 ≈ 0.69 nats. Its name is surprisal; the natural logarithm counts it in nats.",
  describe: (state, data) => `Five bars of Q: ${data.weather.names.map((name, i) => `${name} ${percent(state.q[i])}, surprise ${figure(surprisal(state.q[i]), 2)} nats`).join("; ")}. The smaller the bar, the longer its surprise.`,
};
