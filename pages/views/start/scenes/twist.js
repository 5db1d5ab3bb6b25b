// @ts-check
// Scene 8: push the hills together. Where reverse KL has its minima at each separation, and which is the best.

import { circle, line, path, text } from "../marks.js";
import { nearest, shifted } from "../sums.js";
import { figure } from "../words.js";
import { SMOOTH, area, axisX, plane } from "./curves.js";

const MOST = 4;
const TAUGHT = 2.02; // at ±2, or closer

const frame = (m) => plane(m, m.h * (m.compact ? 0.53 : 0.52), (m.compact ? 14 : 40) * m.u);

const minimaAt = ({ twist }, i) => {
  const middle = { loc: 0, scale: twist.middle[0][i], kl: twist.middle[1][i] };
  const [loc, scale, cost] = twist.side.map((row) => row[i]);
  const side = loc === null ? null : { loc, scale, kl: cost };
  return { middle, side, best: side && side.kl < middle.kl ? side : middle };
};

const diagram = (state, { hills }, m, i) => {
  const { twist } = hills;
  const left = m.left + (m.compact ? 34 : 60) * m.u;
  const right = m.right - (m.compact ? 6 : 20) * m.u;
  const top = m.h * (m.compact ? 0.72 : 0.7);
  const low = m.h - (m.compact ? 32 : 62) * m.u;
  const x = (value) => left + ((value - 1) / (MOST - 1)) * (right - left);
  const y = (loc) => (top + low) / 2 - (loc / 4.4) * ((low - top) / 2);
  const small = (m.compact ? 13 : 14) * m.u;
  const trace = (sign, wins) => twist.separations.map((value, k) => [value, minimaAt(hills, k)])
    .filter(([, at]) => (sign ? at.side && (at.best === at.side) === wins : (at.best === at.middle) === wins))
    .map(([value, at], k) => `${k ? "L" : "M"}${x(value).toFixed(1)} ${y(sign * (sign ? at.side.loc : 0)).toFixed(1)}`).join("");
  const now = minimaAt(hills, i);
  const spots = [{ fit: now.middle, sign: 0 }, ...(now.side ? [{ fit: now.side, sign: 1 }, { fit: now.side, sign: -1 }] : [])];
  const mark = (key, value, label, anchor) => [
    line(`${key}.line`, { x1: x(value), x2: x(value), y1: top, y2: low }, "limit"),
    text(`${key}.label`, x(value) + (anchor === "end" ? 4 : -4) * m.u, top - 8 * m.u, label, small, "strong halo", { anchor }),
  ];
  return [
    line("m.axis", { x1: left, x2: right, y1: low, y2: low }, "hair"),
    ...[-3, 0, 3].map((v) => text(`loc.${v}`, left - 8 * m.u, y(v) + 5 * m.u, figure(v, 0), small, "quiet", { anchor: "end" })),
    ...[1, 2, 3, 4].map((v) => text(`m.${v}`, x(v), low + 18 * m.u, `±${v}`, small, v === 2 ? "strong" : "quiet", { anchor: v === 4 ? "end" : "middle" })),
    text("m.name", (left + right) / 2, low + (m.compact ? 30 : 42) * m.u, m.compact ? "" : "where P’s hills are: −m and m", small, "quiet", { anchor: "middle" }),
    ...(m.compact ? [text("m.title", left, top - 8 * m.u, "mean of Q", small, "quiet")] : [
      text("m.title", left, top - 40 * m.u, "Where KL(Q‖P) has its minima", 16 * m.u, "strong"),
      text("loc.name", left - 58 * m.u, (top + low) / 2 - 26 * m.u, "mean", small, "quiet"), text("loc.name2", left - 58 * m.u, (top + low) / 2 - 10 * m.u, "of Q", small, "quiet"),
    ]),
    ...mark("fold", twist.fold, m.compact ? figure(twist.fold) : `${figure(twist.fold, 3)}: minima appear at the hills`, "end"),
    ...mark("exchange", twist.exchange, m.compact ? figure(twist.exchange) : `${figure(twist.exchange, 3)}: they become the best`, "start"),
    path("trace.middle", {}, "q-line", { d: trace(0, true) }), path("trace.middle.local", {}, "ghost", { d: trace(0, false) }),
    ...[1, -1].flatMap((sign) => [path(`trace.${sign}`, {}, "q-line", { d: trace(sign, true) }), path(`trace.${sign}.local`, {}, "ghost", { d: trace(sign, false) })]),
    line("m.now", { x1: x(state.m), x2: x(state.m), y1: top, y2: low }, "accent"),
    ...spots.map(({ fit, sign }) => circle(`spot.${sign}`, { x: x(state.m), y: y(sign * fit.loc), r: (fit === now.best ? 7 : 5) * m.u }, fit === now.best ? "q-dot" : "hollow")),
  ];
};

const verdict = ({ middle, side, best }) => {
  if (!side) return ["The best Q covers both hills", "KL(Q‖P) has no other minimum"];
  return best === middle ? ["The best Q covers both hills", "a Q on one hill is only a local minimum"] : ["The best Q sits on one hill", "mode-seeking"];
};

export const twist = {
  start: ({ hills }) => ({ m: hills.separation, moved: false, reached: false }),
  draw: (state, data, m) => {
    const { hills } = data;
    const f = frame(m);
    const i = nearest(hills.twist.separations, state.m);
    const minima = minimaAt(hills, i);
    const bell = (loc, scale) => shifted(hills.base, hills.edge, loc, scale, SMOOTH);
    const left = bell(-state.m, 1);
    const p = bell(state.m, 1).map((v, k) => (v + left[k]) / 2);
    const others = [minima.middle, minima.side].filter((fit) => fit && fit !== minima.best);
    const twin = minima.best === minima.side;
    const [title, note] = verdict(minima);
    const words = twin ? { x: m.right, anchor: "end" } : { x: (m.left + m.right) / 2, anchor: "middle" };
    const large = (m.compact ? 17 : 24) * m.u;
    return [
      ...area("hills", "p", SMOOTH, p, f),
      ...axisX(m, f),
      ...others.map((fit, k) => path(`other.${k}`, { points: bell(fit.loc, fit.scale).flatMap((v, j) => [f.x(SMOOTH[j]), f.base - v * f.perY]) }, "ghost")),
      ...(twin ? [path("mirror", { points: bell(-minima.best.loc, minima.best.scale).flatMap((v, j) => [f.x(SMOOTH[j]), f.base - v * f.perY]) }, "q line thin")] : []),
      ...area("reverse", "q", SMOOTH, bell(minima.best.loc, minima.best.scale), f),
      text("seeking", words.x, (m.compact ? 20 : 48) * m.u, m.compact ? title : `${title}`, large, "term", { anchor: words.anchor }),
      text("seeking.note", words.x, 74 * m.u, note, 16 * m.u, "", { anchor: words.anchor, o: m.compact ? 0 : 1 }),
      text("p.tag", f.x(-state.m), f.base - 12 * m.u, "P", 19 * m.u, "p strong", { anchor: "middle" }),
      ...diagram(state, data, m, i),
    ];
  },
  handles: (state, { hills }, m) => {
    const f = frame(m);
    const { separations } = hills.twist;
    const peak = (hills.base[160] + shifted(hills.base, hills.edge, -state.m, 1, [state.m])[0]) / 2;
    const set = (value) => Object.assign(state, { m: separations[nearest(separations, value)], moved: true });
    const both = (sign) => ({
      key: `m${sign}`, label: sign > 0 ? "Distance of the hills from 0" : "Distance of the hills from 0, left hill", x: f.x(sign * state.m), y: f.base - peak * f.perY, axis: "x", value: state.m,
      min: separations[0], max: separations[separations.length - 1], step: 0.02, says: `±${figure(state.m, 2)}`, at: (x) => Math.abs(f.toX(x)), set, quiet: sign < 0, style: "p",
    });
    return [both(1), both(-1)];
  },
  readouts: (state, { hills }) => {
    const { best } = minimaAt(hills, nearest(hills.twist.separations, state.m));
    return [
      { quantity: "separation", value: state.m, label: "hills at ±m" },
      { quantity: "kl_reverse", value: best.kl, large: true, label: "KL(Q‖P) of the best Q" },
    ];
  },
  buttons: (state) => [{ key: "two", label: state.m > TAUGHT ? "Hills to ±2" : "Hills to ±3", act: () => Object.assign(state, { m: state.m > TAUGHT ? 2 : 3, moved: true }) }],
  done: (state) => {
    if (state.m <= TAUGHT) state.reached = true;
    return state.reached;
  },
  says: (_, { hills }) => `At ±2 KL(Q‖P) has one minimum: Q in the middle, over both hills. From ±${figure(hills.twist.fold, 3)} on, Q on one hill is a local minimum; from ±${figure(hills.twist.exchange, 3)} on, it is the best.`,
  describe: (state, { hills }) => {
    const minima = minimaAt(hills, nearest(hills.twist.separations, state.m));
    return `P's hills at ±${figure(state.m, 2)}. The best Q for KL(Q‖P) has mean ${minima.best.loc ? "±" : ""}${figure(minima.best.loc, 2)} and standard deviation ${figure(minima.best.scale, 2)}. Below, the mean of every minimum against the separation: one branch in the middle, two more from ${figure(hills.twist.fold, 3)} on.`;
  },
};
