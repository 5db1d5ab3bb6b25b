// @ts-check
// Scene 7: bars become fine, then a density. A guess of the best Q is kept, then both fits run to their places.

import { circle, curve, line, path, rect, text } from "../marks.js";
import { eased } from "../progress.js";
import { nearest, shifted } from "../sums.js";
import { figure } from "../words.js";

const SECONDS = 1.3;
const FINE = 160;
const XS = Array.from({ length: 2 * FINE }, (_, i) => -8 + (Math.floor((i + 1) / 2) * 16) / FINE);
const MIDDLES = XS.map((_, i) => Math.floor(i / 2));
const LADDER = [5, 10, 20, 40, 80, 160];
export const SMOOTH = Array.from({ length: 321 }, (_, i) => -8 + i / 20);
const TOP = 0.44;

export const plane = (m, base, top) => ({
  x: (value) => m.left + ((value + 8) / 16) * (m.right - m.left), toX: (pixel) => ((pixel - m.left) / (m.right - m.left)) * 16 - 8, base, perY: (base - top) / TOP,
});

const frame = (m) => plane(m, m.h * (m.compact ? 0.89 : 0.655), (m.compact ? 30 : 40) * m.u);

// P as steps of ever finer bins: `fine` from 0 (five bins) to 5 (as fine as the picture).
const steps = (bins, fine) => {
  const low = Math.min(Math.floor(fine), LADDER.length - 1);
  const high = Math.min(low + 1, LADDER.length - 1);
  const t = fine - low;
  const at = (n, k) => bins[n][Math.floor((k * n) / FINE)];
  return MIDDLES.map((k) => at(LADDER[low], k) * (1 - t) + at(LADDER[high], k) * t);
};

const closed = (points, base) => [points[0], base, ...points, points[points.length - 2], base];

export const area = (key, cls, xs, ys, f, o = 1) => [
  path(`${key}.area`, { points: closed(curve(xs, ys, f.x, f.base, f.perY), f.base), o }, `${cls} area`),
  path(`${key}.line`, { points: curve(xs, ys, f.x, f.base, f.perY), o }, `${cls} line`),
];

export const axisX = (m, f) => [
  line("axis", { x1: m.left, x2: m.right, y1: f.base, y2: f.base }, "axis"),
  ...[-8, -6, -4, -2, 0, 2, 4, 6, 8].filter((v) => !m.compact || Math.abs(v) < 8).map((v) => text(`x.${v}`, f.x(v), f.base + 21 * m.u, figure(v, 0), 14 * m.u, "quiet", { anchor: "middle" })),
];

const cost = (state, { hills }, way) => {
  const { means, scales } = hills.guesses;
  return hills.guesses[way][nearest(means, Math.abs(state.loc))][nearest(scales, state.scale)];
};

// The coarsest bins as the five bars of the scene before, on their way.
const coarse = (bins, f) => bins.map((height, i) => {
  const [left, right] = [f.x(-8 + (16 * i) / bins.length), f.x(-8 + (16 * (i + 1)) / bins.length)];
  return rect(`p.${i}`, { x: left, y: f.base - height * f.perY, w: right - left, h: height * f.perY }, "p");
});

const fits = (state, { hills }, f, m) => {
  const t = eased(state.t);
  const side = state.loc < 0 ? -1 : 1;
  const mix = (a, b) => a + (b - a) * t;
  const at = (fit, sign) => shifted(hills.base, hills.edge, mix(state.loc, sign * fit.loc), mix(state.scale, fit.scale), SMOOTH);
  const there = state.t >= 1 ? 1 : 0;
  const peak = f.x(side * hills.reverse.loc);
  const top = f.base - f.perY * (hills.base[160] / hills.reverse.scale);
  const large = (m.compact ? 18 : 24) * m.u;
  const flip = side > 0 ? { anchor: "start" } : { anchor: "end" };
  const away = side * (m.compact ? 22 : 52) * m.u;
  const far = side > 0 ? m.left : m.right;
  return [
    ...area("forward", "q forward", SMOOTH, at(hills.forward, 0), f),
    ...area("reverse", "q reverse", SMOOTH, at(hills.reverse, side), f),
    text("seeking", m.compact ? (side > 0 ? m.right : m.left) : peak + away, top + (m.compact ? -8 : 24) * m.u, "mode-seeking", large, "term", { o: there, anchor: m.compact ? (side > 0 ? "end" : "start") : flip.anchor }),
    text("seeking.note", peak + away, top + 48 * m.u, "the best Q for KL(Q‖P)", 15 * m.u, "", { o: m.compact ? 0 : there, ...flip }),
    text("covering", far, f.base - f.perY * (m.compact ? 0.21 : 0.115), "mass-covering", large, "term", { o: there, anchor: side > 0 ? "start" : "end" }),
    text("covering.note", far, f.base - f.perY * 0.115 + 24 * m.u, "the best Q for KL(P‖Q)", 15 * m.u, "", { o: m.compact ? 0 : there, anchor: side > 0 ? "start" : "end" }),
    line("covering.lead", { x1: far + side * 30 * m.u, x2: far + side * 30 * m.u, y1: f.base - f.perY * 0.195, y2: f.base - f.perY * 0.035, o: m.compact ? there : 0 }, "q-thin"),
  ];
};

const scale = (m, state, data, f) => {
  const { hills } = data;
  const left = m.left + 330 * m.u;
  const perNat = (m.right - left - 60 * m.u) / 2.4;
  const rows = [["forward", "Forward KL(P‖Q)", "Q must not miss a hill"], ["reverse", "Reverse KL(Q‖P)", "Q must stay on a hill"]];
  const y = (k) => f.base + (106 + 78 * k) * m.u;
  const end = (value) => left + Math.min(value, 2.45) * perNat;
  const unit = [0, 0.5, 1, 1.5, 2].flatMap((value) => [
    line(`nats.${value}.line`, { x1: end(value), x2: end(value), y1: y(0) - 40 * m.u, y2: y(1) + 34 * m.u }, "hair"),
    text(`nats.${value}`, end(value), y(1) + 52 * m.u, value ? String(value) : "0 nats", 14 * m.u, "quiet", { anchor: "middle" }),
  ]);
  return unit.concat(rows.flatMap(([way, name, note], k) => {
    const guess = cost(state, data, way);
    const best = guess + (hills[way].kl - guess) * eased(state.t);
    return [
      line(`${way}.rule`, { x1: m.left, x2: m.right, y1: y(k) - 40 * m.u, y2: y(k) - 40 * m.u }, "hair"),
      text(`${way}.name`, m.left, y(k) - 4 * m.u, name, 18 * m.u, "strong"),
      text(`${way}.note`, m.left, y(k) + 20 * m.u, note, 15 * m.u, "quiet"),
      line(`${way}.sample`, { x1: left - 96 * m.u, x2: left - 40 * m.u, y1: y(k), y2: y(k), o: state.ran ? 1 : 0 }, `q-sample ${way}`),
      line(`${way}.zero`, { x1: left, x2: left, y1: y(k) - 14 * m.u, y2: y(k) + 14 * m.u }, "axis"),
      ...(state.moved ? [
        line(`${way}.span`, { x1: left, x2: end(guess), y1: y(k), y2: y(k) }, "span"),
        circle(`${way}.guess`, { x: end(guess), y: y(k), r: 7 * m.u }, "hollow"),
        text(`${way}.guessed`, end(guess) + 16 * m.u, y(k) + 5 * m.u, `${state.ran ? "your guess " : ""}${figure(guess, 2)}`, 16 * m.u, state.ran ? "quiet halo" : "strong"),
      ] : []),
      ...(state.ran ? [
        circle(`${way}.best`, { x: end(best), y: y(k), r: 8 * m.u }, "q-dot"),
        text(`${way}.value`, end(best), y(k) - 17 * m.u, figure(best), 17 * m.u, "q strong", { anchor: "middle" }),
      ] : []),
    ];
  }));
};

export const curves = {
  start: () => ({ loc: 0, scale: 1.5, moved: false, ran: false, t: 0, fine: LADDER.length - 1 }),
  draw: (state, data, m) => {
    const { hills } = data;
    const f = frame(m);
    const ghost = shifted(hills.base, hills.edge, state.loc, state.scale, SMOOTH);
    const peak = hills.base[160] / state.scale;
    const p = state.fine >= LADDER.length - 1
      ? [SMOOTH, shifted(hills.base, hills.edge, -hills.separation, 1, SMOOTH).map((v, i) => (v + shifted(hills.base, hills.edge, hills.separation, 1, [SMOOTH[i]])[0]) / 2)]
      : [XS, steps(hills.bins, state.fine)];
    const settled = state.fine >= LADDER.length - 1 ? 1 : 0;
    return [
      ...(state.fine === 0 ? coarse(hills.bins[LADDER[0]], f) : area(settled ? "hills" : "steps", "p", ...p, f)),
      ...axisX(m, f),
      ...(state.ran ? fits(state, data, f, m) : []),
      ...(settled ? [
        ...(state.ran ? [path("ghost", { points: curve(SMOOTH, ghost, f.x, f.base, f.perY) }, "ghost")] : area("guess", "q", SMOOTH, ghost, f)),
        text("ghost.label", f.x(state.loc), f.base - peak * f.perY - 14 * m.u, state.ran ? "your guess" : state.moved ? "Q, your guess" : "Q: drag it", 15 * m.u, state.ran ? "quiet strong" : "q strong", { anchor: "middle", o: state.ran && state.t < 1 ? 0 : 1 }),
        text("p.tag", f.x(-hills.separation - (m.compact ? 1.3 : 0.95)), f.base - f.perY * 0.17, "P", 19 * m.u, "p strong", { anchor: "end" }),
        ...(m.compact ? [] : scale(m, state, data, f)),
      ] : []),
    ];
  },
  // On its way from scene 6: t from 0 to 1 refines the bars.
  arriving: (state, t) => ({ ...state, fine: Math.min(t * LADDER.length, LADDER.length - 1) }),
  handles: (state, data, m) => {
    if (state.ran) return [];
    const f = frame(m);
    const { means, scales } = data.hills.guesses;
    const height = data.hills.base[160] / state.scale;
    const moved = (change) => Object.assign(state, change, { moved: true });
    return [
      { key: "loc", label: "Mean of your Q", x: f.x(state.loc), y: f.base - height * f.perY, axis: "xy", value: state.loc, min: -6, max: 6, step: 0.25, says: `mean ${figure(state.loc, 2)}`,
        at: (x) => f.toX(x), set: (value) => moved({ loc: Math.sign(value) * means[nearest(means, Math.abs(value))] }),
        also: (_, y) => moved({ scale: scales[nearest(scales, (data.hills.base[160] * f.perY) / Math.max(f.base - y, 1))] }) },
      { key: "scale", label: "Width of your Q, its standard deviation", x: f.x(Math.min(state.loc + state.scale, 7.6)), y: f.base - (data.hills.base[180] / state.scale) * f.perY, axis: "x", value: state.scale, min: scales[0], max: scales[scales.length - 1], step: 0.1, says: `sd ${figure(state.scale, 1)}`, small: true,
        at: (x) => f.toX(x) - state.loc, set: (value) => moved({ scale: scales[nearest(scales, value)] }) },
    ];
  },
  tick: (state, seconds, still) => {
    if (!state.ran || state.t >= 1) return false;
    state.t = still ? 1 : Math.min(state.t + seconds / SECONDS, 1);
    return true;
  },
  // A guess is made by moving Q: where it lay at first is nobody's guess.
  buttons: (state) => {
    if (!state.moved) return [];
    return [state.ran
      ? { key: "again", label: "Guess again", icon: "again", main: true, act: () => Object.assign(state, { ran: false, t: 0 }) }
      : { key: "run", label: "Show the best Q", icon: "play", main: true, act: () => Object.assign(state, { ran: true, t: 0.001 }) }];
  },
  asks: (state) => (state.moved && !state.ran ? "Now compare it with the best Q." : undefined),
  readouts: (state, data) => (state.moved ? ["forward", "reverse"] : []).map((way) => ({
    quantity: `kl_${way}`, value: state.ran ? data.hills[way].kl : cost(state, data, way),
    label: way === "forward" ? "Forward KL(P‖Q), nats" : "Reverse KL(Q‖P), nats", past: state.ran ? `your guess ${figure(cost(state, data, way), 2)}` : "",
  })),
  done: (state) => state.ran,
  says: () => "Mass-covering: forward KL punishes Q where it misses mass of P. Mode-seeking: reverse KL punishes Q where P has no mass.",
  describe: (state, data) => `The density of P has two hills, at −3 and 3. Your Q has mean ${figure(state.loc, 2)} and standard deviation ${figure(state.scale, 1)}.${state.ran ? ` Forward KL's best Q spreads over both hills: mean 0, standard deviation ${figure(data.hills.forward.scale, 2)}. Reverse KL's best Q sits on one hill: mean ±${figure(data.hills.reverse.loc, 2)}, standard deviation ${figure(data.hills.reverse.scale, 2)}.` : ""}`,
};
