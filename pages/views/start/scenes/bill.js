// @ts-check
// Scene 2: days fall from P into their columns, each with its bill; the running average draws itself.

import { circle, line, path, rect, text } from "../marks.js";
import { dots, places, totals } from "../sums.js";
import { count, figure, signed } from "../words.js";
import { barP, barQ, columns, names } from "./bars.js";

const FALL = 0.75; // seconds in the air
const SPEEDS = [5, 20, 80];
const AIR = 26; // days drawn in the air at most
const RANGE = [-0.8, 1.1];

const frame = (m) => {
  const wide = m.compact ? m.right : m.left + (m.right - m.left) * 0.68;
  const cols = columns(5, m.left, wide, 0.6);
  const base = m.h * (m.compact ? 0.46 : 0.53);
  const gap = Math.min(cols.width / 4.15, (base - (m.compact ? 30 : 60) * m.u) / 16);
  const low = m.h - (m.compact ? 20 : 34) * m.u;
  const high = base + (m.compact ? 52 : 108) * m.u;
  const left = m.compact ? m.left + 18 * m.u : m.left;
  return {
    cols, base, gap, scale: 25 * gap, wide: 4.15 * gap, left, low, high, receipt: wide + 28 * m.u,
    x: (n) => left + (Math.log10(n) / 4) * (m.right - left),
    y: (nats) => low - ((nats - RANGE[0]) / (RANGE[1] - RANGE[0])) * (low - high),
  };
};

const landed = (state) => Math.max(Math.min(Math.floor(state.started - (state.playing || state.started < state.most ? state.air : 0)), state.most), 0);

const heap = (state, f, n) => {
  const shown = dots(state.totals.counts.map((one) => one[n]), n);
  return shown.flatMap((many, i) => Array.from({ length: many }, (_, k) => circle(`d.${i}.${k}`, {
    x: f.cols.centre(i) + ((k % 4) - 1.5) * f.gap, y: f.base - (Math.floor(k / 4) + 0.5) * f.gap, r: f.gap * 0.38,
  }, "day")));
};

const falling = (state, data, f, n, m) => {
  const marks = [];
  const last = Math.min(Math.ceil(state.started), state.most);
  for (let k = Math.max(n, last - AIR); k < last; k += 1) {
    const i = state.days[k];
    const part = Math.min((state.started - k) / state.air, 1);
    if (part <= 0) continue;
    const floor = f.base - Math.min(state.totals.counts[i][n] / 4, 12) * f.gap;
    const y = 6 * m.u + part ** 1.7 * (floor - 6 * m.u);
    const x = f.cols.centre(i) + ((k % 4) - 1.5) * f.gap;
    marks.push(rect(`trail.${k}`, { x: x - 3, y: y - 26 * m.u, w: 6, h: 22 * m.u, o: 0.35 }, "trail"), circle(`fall.${k}`, { x, y, r: f.gap * 0.42 }, "day"));
    if (state.air < 12) marks.push(text(`fee.${k}`, x + 10 * m.u, y + 5 * m.u, signed(data.weather.bills[i]), (m.compact ? 13 : 15) * m.u, "strong"));
  }
  return marks;
};

// The last power of ten: words that change with every day cannot be read, or heard.
const milestone = (n) => (n ? 10 ** Math.floor(Math.log10(n)) : 0);

const average = (state, n) => (n ? state.totals.sums[n] / n : NaN);

const meter = (state, data, f, n, m) => {
  const small = (m.compact ? 13 : 14) * m.u;
  const { weather } = data;
  const marks = [-0.5, 0, 0.5, 1].filter((v) => !m.compact || v >= 0).flatMap((v) => [
    line(`grid.${v}`, { x1: f.left, x2: m.right, y1: f.y(v), y2: f.y(v) }, v ? "hair" : "faint"),
    text(`tick.${v}`, f.left - 8 * m.u, f.y(v) + 5 * m.u, figure(v, v % 1 ? 1 : 0), small, "quiet", { anchor: "end" }),
  ]);
  for (const power of [0, 1, 2, 3, 4]) {
    marks.push(text(`days.${power}`, f.x(10 ** power), f.low + 19 * m.u, power === 4 && !m.compact ? "10,000 days" : count(10 ** power), small, "quiet", { anchor: power === 4 ? "end" : power ? "middle" : "start" }));
  }
  if (!m.compact) marks.push(text("meter", f.left, f.high - 8 * m.u, "Running average of the bills, in nats", 16 * m.u, "strong"));
  marks.push(line("limit", { x1: f.left, x2: m.right, y1: f.y(weather.kl_pq), y2: f.y(weather.kl_pq) }, "limit"));
  marks.push(m.compact
    ? text("limit.label", f.left + 4 * m.u, f.y(weather.kl_pq) - 6 * m.u, "limit", small, "strong")
    : text("limit.label", m.right, f.y(weather.kl_pq) + 20 * m.u, `its limit: KL(P‖Q) = ${figure(weather.kl_pq)}`, 15 * m.u, "strong", { anchor: "end" }));
  if (!n) return marks;
  const at = places(n);
  const within = (v) => Math.min(Math.max(v, RANGE[0]), RANGE[1]);
  const d = at.map((day, i) => `${i ? "L" : "M"}${f.x(day).toFixed(1)} ${f.y(within(average(state, day))).toFixed(1)}`).join("");
  marks.push(path("average", {}, "ink-line", { d }), circle("average.end", { x: f.x(n), y: f.y(within(average(state, n))), r: 5.5 * m.u }, "ink"));
  const flip = f.x(n) > m.right - 190 * m.u;
  marks.push(text("average.label", f.x(n) + (flip ? -2 : 12) * m.u, f.y(within(average(state, n))) - 13 * m.u, m.compact ? figure(average(state, n)) : `${figure(average(state, n))} after ${count(n)} ${n === 1 ? "day" : "days"}`, 15 * m.u, "strong", { anchor: flip ? "end" : "start" }));
  return marks;
};

const receipt = (state, data, f, n, m) => {
  const { names: outcomes, bills } = data.weather;
  const [left, right, top] = [f.receipt, m.right, 24 * m.u];
  const line1 = (k) => top + (64 + 27 * k) * m.u;
  const from = Math.max(n - 6, 0);
  const rows = Array.from({ length: n - from }, (_, k) => {
    const day = from + k;
    const i = state.days[day];
    return [
      text(`r.${k}.d`, left + 18 * m.u, line1(k), `day ${count(day + 1)}`, 14 * m.u, "quiet"),
      text(`r.${k}.n`, left + (right - left) * 0.46, line1(k), outcomes[i], 14 * m.u, ""),
      text(`r.${k}.v`, right - 18 * m.u, line1(k), signed(bills[i]), 14 * m.u, "", { anchor: "end" }),
    ];
  });
  return [
    rect("receipt", { x: left, y: top, w: right - left, h: 356 * m.u }, "paper"),
    text("r.title", left + 18 * m.u, top + 34 * m.u, "Your bill", 17 * m.u, "strong"),
    text("r.unit", right - 18 * m.u, top + 34 * m.u, "nats", 14 * m.u, "quiet", { anchor: "end" }),
    ...rows.flat(),
    line("r.rule", { x1: left + 18 * m.u, x2: right - 18 * m.u, y1: line1(5) + 16 * m.u, y2: line1(5) + 16 * m.u }, "axis"),
    text("r.days", left + 18 * m.u, line1(5) + 42 * m.u, `${count(n)} ${n === 1 ? "day" : "days"}`, 15 * m.u, ""),
    text("r.sum", right - 18 * m.u, line1(5) + 42 * m.u, figure(state.totals.sums[n], 2), 15 * m.u, "strong", { anchor: "end" }),
    text("r.label", left + 18 * m.u, line1(5) + 84 * m.u, "average per day", 15 * m.u, "quiet"),
    text("r.big", left + 16 * m.u, line1(5) + 132 * m.u, n ? figure(average(state, n)) : "", 48 * m.u, "big"),
  ];
};

const play = (state) => {
  if (state.started >= state.most) Object.assign(state, { started: 0, speed: 0 });
  state.playing = !state.playing;
  state.pressed = true;
  state.rush = 0;
};

export const bill = {
  start: ({ weather }) => {
    const days = [...weather.days].map(Number);
    return { days, totals: totals(days, weather.bills), most: days.length, started: 0, air: SPEEDS[0] * FALL, speed: 0, playing: false, rush: 0 };
  },
  draw: (state, data, m) => {
    const f = frame(m);
    const n = landed(state);
    const { p, q, bills } = data.weather;
    return [
      ...p.flatMap((value, i) => [barP(i, f.cols.centre(i), f.wide, f.base, value * f.scale), barQ(i, f.cols.centre(i), f.wide + 10, f.base, q[i] * f.scale)]),
      ...heap(state, f, n),
      ...names(m, data.weather, f.cols, f.base),
      ...bills.map((bill, i) => text(`tv.${i}`, f.cols.centre(i), f.base + (m.compact ? 41 : 62) * m.u, signed(bill), (m.compact ? 14 : 18) * m.u, "strong", { anchor: "middle" })),
      text("q.tag", f.cols.centre(0) + f.wide / 2 + 12, f.base - q[0] * f.scale + 6 * m.u, m.compact ? "Q" : "Q says 60 %", 15 * m.u, "q strong"),
      text("p.tag", f.cols.centre(0) + f.wide / 2 + 12, f.base - p[0] * f.scale - 6 * m.u, m.compact ? "P" : "P sends 30 %", 15 * m.u, "p strong"),
      text("one", m.left - 14 * m.u, f.base - 6 * m.u, n > 100 ? "● 1 % of days" : "● one day", 14 * m.u, "p", { anchor: "end", o: m.compact ? 0 : 1 }),
      text("bill.tag", m.left - 14 * m.u, f.base + 62 * m.u, "log(P/Q)", 14 * m.u, "quiet", { anchor: "end", o: m.compact ? 0 : 1 }),
      ...meter(state, data, f, n, m),
      ...(m.compact ? [] : receipt(state, data, f, n, m)),
      ...falling(state, data, f, n, m),
    ];
  },
  tick: (state, seconds, still) => {
    if (!state.playing) return false;
    if (state.rush) {
      state.rush = Math.min(state.rush + seconds / (still ? 0.01 : 3), 1);
      state.started = Math.max(state.from + (state.most - state.from) * state.rush ** 3, state.started);
      state.air = Math.min(Math.max((state.most - state.from) * 3 * state.rush ** 2 * 0.1, 1), 400);
    } else {
      state.air = SPEEDS[state.speed] * FALL;
      state.started += SPEEDS[state.speed] * seconds;
    }
    if (state.started >= state.most) Object.assign(state, { started: state.most, playing: false, rush: 0 });
    return true;
  },
  buttons: (state) => [
    { key: "play", label: state.playing ? "Pause" : "Play", icon: state.playing ? "pause" : "play", main: true, act: () => play(state) },
    { key: "faster", label: state.speed + 1 < SPEEDS.length ? "Faster" : "Slower", act: () => {
      state.speed = (state.speed + 1) % SPEEDS.length;
      Object.assign(state, { playing: true, pressed: true, rush: 0 });
    } },
    { key: "all", label: "10,000 days", act: () => Object.assign(state, { from: state.started >= state.most ? 0 : state.started, started: state.started >= state.most ? 0 : state.started, rush: 0.01, playing: true, pressed: true }) },
  ],
  readouts: (state, { weather }) => [
    // Before the first day there is no average yet.
    ...(landed(state) ? [{ quantity: "average", value: average(state, landed(state)), large: true, preview: true, label: `your average, ${count(landed(state))} days` }] : []),
    { quantity: "kl_pq", value: weather.kl_pq, label: "its limit, KL(P‖Q)" },
  ],
  asks: (state) => {
    if (!state.pressed) return undefined;
    return landed(state) < state.most ? (state.playing ? "Watch the average settle." : "Press Play to go on.") : "";
  },
  done: (state) => {
    if (landed(state)) state.reached = true;
    return Boolean(state.reached);
  },
  says: (state, { weather }) => {
    const n = milestone(landed(state));
    if (n < 100) return "Every day adds one bill. After a few days the average still jumps, and it can even be below 0.";
    return `After ${count(n)} days your average was ${figure(average(state, n))}. Its limit is KL(P‖Q) = ${figure(weather.kl_pq)}.`;
  },
  describe: (state, { weather }) => `Days fall into five columns and fill P's bars. Bills: ${weather.names.map((name, i) => `${name} ${signed(weather.bills[i])}`).join(", ")}. Below, the running average after ${count(landed(state))} days and a dotted line at its limit, ${figure(weather.kl_pq)} nats.`,
};
