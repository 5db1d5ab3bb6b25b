// @ts-check
// Scene 3: days side by side. Width P(x), height log(P(x)/Q(x)), area one term of KL; KL is the average height.

import { line, rect, text } from "../marks.js";
import { figure, signed } from "../words.js";

const RANGE = [-0.8, 2.2];

// The bars of one direction between left and right: weights side by side, heights up from zero.
export const sideBySide = (weights, left, right) => {
  let x = left;
  return weights.map((weight) => {
    const made = { x, w: Math.max(weight * (right - left) - 2, 1) };
    x += weight * (right - left);
    return made;
  });
};

const frame = (m) => {
  const left = m.left + (m.compact ? 14 : 0) * m.u;
  const right = m.compact ? m.right - 62 * m.u : m.left + (m.right - m.left) * 0.82;
  const top = m.compact ? 74 * m.u : m.h * 0.245;
  const low = m.compact ? m.h - 24 * m.u : m.h - 196 * m.u;
  const perNat = (low - top) / (RANGE[1] - RANGE[0]);
  return { left, right, top, low, perNat, zero: top + RANGE[1] * perNat };
};

const bars = (state, weather, m, f) => sideBySide(weather.p, f.left, f.right).flatMap(({ x, w }, i) => {
  const bill = weather.bills[i];
  const height = Math.abs(bill) * f.perNat;
  const top = bill < 0 ? f.zero : f.zero - height;
  const chosen = state.at === i;
  const middle = x + w / 2;
  const small = (m.compact ? 13 : 15) * m.u;
  const inside = height > 46 * m.u && w > 54 * m.u;
  return [
    rect(`t.${i}`, { x, y: top, w, h: Math.max(height, 1) }, chosen || (state.lit === "height" && bill > 0) ? "ink" : bill < 0 ? "back" : "grey", { pick: i }),
    rect(`p.${i}`, { x, y: f.zero - 2, w, h: state.lit === "width" ? 9 * m.u : chosen ? 6 : 4 }, "p solid", { pick: i }),
    rect(`q.${i}`, { x, y: f.zero, w, h: 0, o: 0 }, "q"),
    ...(m.compact ? [text(`n.${i}`, middle + (i === 4 ? 9 * m.u : 0), m.h - 6 * m.u, weather.names[i], 13 * m.u, chosen ? "strong" : "quiet", { anchor: "middle", pick: i })] : []),
    ...(chosen ? [
      ...(inside ? [
        text("area.label", middle, top + height / 2 - 4 * m.u, "area", small, "on-ink", { anchor: "middle" }),
        text("area", middle, top + height / 2 + 20 * m.u, figure(weather.terms[i]), (m.compact ? 17 : 22) * m.u, "on-ink strong", { anchor: "middle" }),
      ] : [text("area", middle, bill < 0 ? top + height + 18 * m.u : top - (m.compact ? 8 : 28) * m.u, `area ${figure(weather.terms[i])}`, small, "strong", { anchor: "middle" })]),
      ...(m.compact ? [] : [
        text("height", middle, bill < 0 ? top + height + 20 * m.u : top - 9 * m.u, `height log(${figure(weather.p[i], 2)}/${figure(weather.q[i], 2)})`, 14 * m.u, "strong", { anchor: "middle" }),
        text("width", middle, bill < 0 ? f.zero - 10 * m.u : f.zero + 22 * m.u, `width ${figure(weather.p[i], 2)}`, 14 * m.u, "p strong", { anchor: "middle" }),
      ]),
    ] : bill < 0 ? [text("back", middle, top + height / 2 + 5 * m.u, "money back", 14 * m.u, "quiet halo", { anchor: "middle" })]
      : bill === 0 ? [text("right", middle, f.zero + 22 * m.u, "0: Q is right", 14 * m.u, "quiet", { anchor: "middle", o: m.compact ? 0 : 1 })] : []),
  ];
});

const table = (state, weather, m, f) => {
  /** @type {[string, (i: number) => string, string, string][]} */
  const rows = [
    ["P(x)", (i) => figure(weather.p[i], 2), "p", "1"],
    ["Q(x)", (i) => figure(weather.q[i], 2), "q", "1"],
    ["log P/Q", (i) => signed(weather.bills[i]), "", ""],
    ["P log P/Q", (i) => signed(weather.terms[i], 3), "strong", `= ${figure(weather.kl_pq)}`],
  ];
  const y = (row) => m.h - (112 - 31 * row) * m.u;
  const places = sideBySide(weather.p, f.left, f.right);
  const marks = [line("rule", { x1: f.left - 62 * m.u, x2: m.right, y1: y(2) + 10 * m.u, y2: y(2) + 10 * m.u }, "hair")];
  if (state.at !== null) marks.unshift(rect("column", { x: places[state.at].x + 1, y: y(-1) - 22 * m.u, w: places[state.at].w, h: 158 * m.u }, "paper"));
  for (const [i, { x, w }] of places.entries()) {
    marks.push(text(`n.${i}`, x + w / 2, y(-1), weather.names[i], 15 * m.u, "strong", { anchor: "middle", pick: i }));
    for (const [r, [, value, cls]] of rows.entries()) marks.push(text(`c.${r}.${i}`, x + w / 2, y(r), value(i), 15 * m.u, i === state.at ? `${cls} strong` : cls, { anchor: "middle", pick: i }));
  }
  for (const [r, [label, , cls, total]] of rows.entries()) {
    marks.push(text(`c.${r}.label`, f.left - 12 * m.u, y(r), label, 14 * m.u, cls === "strong" ? "" : `quiet ${cls}`, { anchor: "end" }));
    marks.push(text(`c.${r}.sum`, f.right + 26 * m.u, y(r), total, 15 * m.u, cls));
  }
  return marks;
};

const told = (name, bill) => {
  if (bill === 0) return `0: Q expects as much ${name} as P sends, so it costs nothing.`;
  return bill < 0 ? `Below 0 you get money back: Q expects more ${name} than P sends.` : `Above 0 you pay: Q expects less ${name} than P sends.`;
};

export const formula = {
  start: () => ({ at: null, lit: null, seen: false }),
  draw: (state, { weather }, m) => {
    const f = frame(m);
    const level = f.zero - weather.kl_pq * f.perNat;
    const side = f.right + (m.compact ? 8 : 26) * m.u;
    return [
      ...[0, 1, 2].flatMap((v) => [
        line(`grid.${v}`, { x1: f.left - 10 * m.u, x2: f.left - 4 * m.u, y1: f.zero - v * f.perNat, y2: f.zero - v * f.perNat }, "hair"),
        text(`tick.${v}`, f.left - 14 * m.u, f.zero - v * f.perNat + 5 * m.u, String(v), 14 * m.u, "quiet", { anchor: "end" }),
      ]),
      ...bars(state, weather, m, f),
      line("limit", { x1: f.left, x2: side - 6 * m.u, y1: level, y2: level }, "limit"),
      text("big.label", side, level - 22 * m.u, m.compact ? "average" : "average height", (m.compact ? 13 : 15) * m.u, "quiet"),
      text("big", side, level + (m.compact ? 9 : 19) * m.u, figure(weather.kl_pq), (m.compact ? 22 : 44) * m.u, "big"),
      text("big.unit", side, level + (m.compact ? 28 : 44) * m.u, m.compact ? "KL(P‖Q)" : "= KL(P‖Q)", (m.compact ? 13 : 15) * m.u, ""),
      ...(m.compact ? [] : table(state, weather, m, f)),
    ];
  },
  // Each bar can be pointed at: by a pointer or a finger in the picture, by the keyboard here.
  buttons: (state, m, { weather }) => weather.names.map((name, i) => ({
    key: name, label: name, small: true, pressed: state.at === i, act: () => formula.pick(state, i),
  })),
  pick: (state, i) => {
    Object.assign(state, { at: i, seen: true });
  },
  readouts: (state, { weather }) => [
    ...(state.at === null ? [] : [{ quantity: "term", value: weather.terms[state.at], large: true, label: `area of ${weather.names[state.at]}, P log(P/Q)` }]),
    { quantity: "kl_pq", value: weather.kl_pq, label: "KL(P‖Q), the sum of the areas" },
  ],
  done: (state) => state.seen,
  says: (state, { weather }) => told(weather.names[state.at ?? 0], weather.bills[state.at ?? 0]),
  describe: (state, { weather }) => `Five bars side by side: ${weather.names.map((name, i) => `${name}, width ${figure(weather.p[i], 2)}, height ${signed(weather.bills[i])}, area ${signed(weather.terms[i], 3)}`).join("; ")}. A dotted line at the average height, ${figure(weather.kl_pq)} nats.`,
};
