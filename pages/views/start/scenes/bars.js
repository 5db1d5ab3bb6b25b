// @ts-check
// What scenes with the five bars have in common: columns, outlines, names.

import { withShare } from "../sums.js";
import { icon, line, rect, text } from "../marks.js";
import { percent } from "../words.js";

const LETTER = 0.54; // of its size: how wide a letter of a name is on average

// What a solid and what a dashed bar mean: two swatches with words, from x on.
export const legend = (m, x, y, said = "P, what happens", forecast = "Q, the forecast") => [["p", said], ["q", forecast]].flatMap(([key, words], k) => {
  const top = y + 26 * k * m.u;
  return [
    rect(`${key}.swatch`, { x, y: top - 13 * m.u, w: 18 * m.u, h: 14 * m.u }, key),
    text(`${key}.tag`, x + 26 * m.u, top, words, 15 * m.u, `${key} strong`),
  ];
});

// Columns for n bars between left and right: their centres and widths.
export const columns = (n, left, right, fill = 0.62) => {
  const slot = (right - left) / n;
  return { slot, width: slot * fill, centre: (i) => left + slot * (i + 0.5) };
};

export const barP = (i, cx, width, base, height, o = 1) => rect(`p.${i}`, { x: cx - width / 2, y: base - height, w: width, h: height, o }, "p");
export const barQ = (i, cx, width, base, height, o = 1) => rect(`q.${i}`, { x: cx - width / 2, y: base - height, w: width, h: height, o }, "q");

// The axis and below it each outcome's picture and name.
export const names = (m, weather, cols, base) => {
  const bare = m.compact || cols.slot < 6 * LETTER * 16 * m.u + 36 * m.u; // no room for little pictures
  return [
    line("axis", { x1: cols.centre(0) - cols.slot * 0.55, x2: cols.centre(4) + cols.slot * 0.55, y1: base, y2: base }, "axis"),
    ...weather.names.flatMap((name, i) => {
      const size = m.compact ? 13 * m.u : 16 * m.u;
      const shift = bare ? 0 : 13.5 * m.u;
      const half = (name.length * LETTER * size) / 2;
      return [
        ...(bare ? [] : [icon(`i.${i}`, { x: cols.centre(i) + shift - half - 27 * m.u, y: base + 13 * m.u, size: 20 * m.u }, "quiet", { name })]),
        text(`n.${i}`, cols.centre(i) + shift, base + (m.compact ? 23 : 29) * m.u, name, size, m.compact ? "quiet" : "strong", { anchor: "middle" }),
      ];
    }),
  ];
};

// A slider at the top of one bar of Q.
export const handleQ = (m, state, weather, i, cx, base, scale, { low = 0, still = null, snap = null, most = 0.95 } = {}) => ({
  key: `q.${i}`,
  label: `Q of ${weather.names[i]}`,
  x: cx,
  y: base - state.q[i] * scale,
  axis: "y",
  value: state.q[i],
  min: low,
  max: most,
  step: 0.01,
  says: percent(state.q[i]),
  at: (_, y) => (base - y) / scale,
  set: (value) => {
    const wanted = Math.min(Math.max(value, low), most);
    state.q = withShare(state.q, i, snap ? snap(wanted, i) : wanted, still?.(i));
    state.held = i;
    state.moved = true;
  },
});
