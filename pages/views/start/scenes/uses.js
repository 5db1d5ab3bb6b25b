// @ts-check
// Scene 9: the same number in three trainings, one slider each: a language model, a student, a generator.

import { image, line, rect, text } from "../marks.js";
import { figure, percent, signed } from "../words.js";

const USES = ["policy", "student", "generator"];
const KNOB = { policy: "Penalty β", student: "Temperature T", generator: "Weight β" };
const REWARD = 5.2; // the gauges end here

const valueOf = (use, data, i) => {
  if (use === "policy") return data.uses.policy.beta[i] === null ? "∞" : String(data.uses.policy.beta[i]);
  return String(data.uses[use][use === "student" ? "T" : "beta"][i]);
};

const lengthOf = (use, data) => data.uses[use].kl.length;

const rows = (m, state) => {
  if (m.compact) return [{ use: state.shown, top: 0, low: m.h }];
  const each = (m.h - 16 * m.u) / 3;
  return USES.map((use, k) => ({ use, top: k * each, low: (k + 1) * each - 14 * m.u }));
};

const shape = (m, row) => {
  const words = m.compact ? m.left : m.left + (m.right - m.left) * 0.3;
  return { left: words, right: m.right - (m.compact ? 0 : 116 * m.u), track: row.low - (m.compact ? 22 : 26) * m.u, height: row.low - row.top };
};

// A text broken into lines of at most so many letters.
const broken = (words, most) => words.split(" ").reduce((lines, word) => {
  const last = lines[lines.length - 1];
  if (`${last} ${word}`.length > most) return [...lines, word];
  return [...lines.slice(0, -1), last ? `${last} ${word}` : word];
}, [""]);

const TITLES = {
  policy: ["Language model", "Training maximises", "reward − β KL(policy‖reference).", "The reference is the model", "before this training."],
  student: ["Student", "A small network learns all ten", "probabilities of a large one, its", "soft targets; T softens them. It", "lowers KL(teacher‖student)."],
  generator: ["Image generator (VAE)", "It turns a code into an image.", "β KL(posterior‖prior) keeps the", "codes of images near the prior,", "from which new codes are drawn."],
};

const titled = (m, row, data, i) => {
  const [title, ...note] = TITLES[row.use];
  const value = data.uses[row.use].kl[i];
  if (m.compact) return [
    text(`${row.use}.kl`, m.right, row.top + 24 * m.u, `${figure(value)} nats`, 20 * m.u, "big", { anchor: "end" }),
    text(`${row.use}.title`, m.left, row.top + 20 * m.u, title, 17 * m.u, "serif"),
  ];
  return [
    line(`${row.use}.rule`, { x1: m.left, x2: m.right, y1: row.low + 6 * m.u, y2: row.low + 6 * m.u, o: row.use === "generator" ? 0 : 1 }, "hair"),
    text(`${row.use}.title`, m.left, row.top + 40 * m.u, title, 21 * m.u, "serif"),
    ...note.map((words, k) => text(`${row.use}.note.${k}`, m.left, row.top + (70 + 22 * k) * m.u, words, 15 * m.u, "quiet")),
    text(`${row.use}.kl`, m.right, row.top + 54 * m.u, figure(value), 34 * m.u, "big", { anchor: "end" }),
    text(`${row.use}.unit`, m.right, row.top + 78 * m.u, "nats of KL", 15 * m.u, "quiet", { anchor: "end" }),
  ];
};

const gauge = (m, key, y, left, right, label, value, cls) => {
  const zero = (left + right) / 2;
  const width = (Math.min(Math.abs(value), REWARD) / REWARD) * (zero - left);
  return [
    text(`${key}.label`, left, y - 9 * m.u, label, 14 * m.u, `${cls} strong`),
    text(`${key}.value`, right, y - 9 * m.u, signed(value, 1), 15 * m.u, `${cls} strong`, { anchor: "end" }),
    rect(`${key}.track`, { x: left, y, w: right - left, h: 8 * m.u }, "paper"),
    rect(`${key}.bar`, { x: value < 0 ? zero - width : zero, y, w: width, h: 8 * m.u }, cls === "good" ? "good" : "ink"),
    line(`${key}.zero`, { x1: zero, x2: zero, y1: y - 4 * m.u, y2: y + 12 * m.u }, "axis"),
  ];
};

const policy = (m, row, s, { uses }, i) => {
  const { answer, proxy, gold } = uses.policy;
  const size = (m.compact ? 18 : 21) * m.u;
  const column = m.compact ? s.right : s.left + (s.right - s.left) * 0.52;
  const lines = broken(answer[i], Math.floor((column - s.left) / (size * 0.46)));
  const top = row.top + (m.compact ? 54 : 60) * m.u;
  const words = lines.slice(0, 4).map((part, k) => text(`say.${k}`, s.left, top + k * size * 1.34, part, size, "serif-plain"));
  const g = m.compact ? { left: s.left, right: s.right, y: s.track - 104 * m.u, by: 40 } : { left: column + 34 * m.u, right: s.right - 24 * m.u, y: row.top + 62 * m.u, by: 56 };
  return [
    ...words,
    ...gauge(m, "judge", g.y, g.left, g.right, m.compact ? "reward model" : "reward model says", proxy[i], ""),
    ...gauge(m, "reader", g.y + g.by * m.u, g.left, g.right, m.compact ? "true reward" : "true reward", gold[i], "good"),
  ];
};

const digits = (m, row, s, { uses }, i) => {
  const { teacher, student, image: ink } = uses.student;
  const size = Math.min(s.height * 0.42, 92 * m.u);
  const top = row.top + (m.compact ? 40 : 26) * m.u;
  const base = s.track - (m.compact ? 58 : 56) * m.u;
  const left = s.left + size + (m.compact ? 18 : 40) * m.u;
  const right = s.right - (m.compact ? 0 : 24 * m.u);
  const slot = (right - left) / 10;
  return [
    image("digit", { x: s.left, y: top, w: size, h: size }, "", { ink }),
    line("digit.axis", { x1: left, x2: right, y1: base, y2: base }, "axis"),
    ...teacher[i].flatMap((value, k) => {
      const high = value * (base - top - 14 * m.u);
      const mine = student[i][k] * (base - top - 14 * m.u);
      return [
        rect(`soft.${k}`, { x: left + slot * (k + 0.16), y: base - high, w: slot * 0.68, h: high }, "p"),
        rect(`hard.${k}`, { x: left + slot * (k + 0.08), y: base - mine, w: slot * 0.84, h: mine }, "q"),
        text(`class.${k}`, left + slot * (k + 0.5), base + 18 * m.u, String(k), 14 * m.u, value > 0.02 ? "strong" : "quiet", { anchor: "middle" }),
        text(`soft.v.${k}`, left + slot * (k + 0.5), base - Math.max(high, mine) - 6 * m.u, value > 0.095 ? percent(value) : "", 13.5 * m.u, "p", { anchor: "middle" }),
      ];
    }),
    text("teacher.tag", left, top + 8 * m.u, "P teacher", 14 * m.u, "p strong"),
    text("student.tag", left, top + 28 * m.u, "Q student", 14 * m.u, "q strong"),
  ];
};

const samples = (m, row, s, { uses }, i) => {
  const per = 8;
  const right = s.right - (m.compact ? 0 : 24 * m.u);
  const gap = 8 * m.u;
  const room = (s.track - row.top - (m.compact ? 70 : 58) * m.u) / 2;
  const size = Math.min((right - s.left - gap * (per - 1)) / per, room - gap);
  const top = row.top + (m.compact ? 40 : 22) * m.u;
  return uses.generator.images[i].map((ink, k) => image(`sample.${k}`, { x: s.left + (k % per) * (size + gap), y: top + Math.floor(k / per) * (size + gap), w: size, h: size }, "", { ink }));
};

const PICTURES = { policy, student: digits, generator: samples };

const slider = (m, row, s, data, i) => {
  const right = s.right - (m.compact ? 0 : 24 * m.u);
  const left = s.left + (m.compact ? 10 : 0) * m.u;
  const last = lengthOf(row.use, data) - 1;
  const x = left + (i / last) * (right - left - 10 * m.u);
  return { left, right: right - 10 * m.u, x, toIndex: (px) => Math.round(((px - left) / (right - left - 10 * m.u)) * last), last };
};

export const uses = {
  start: ({ uses }) => ({ at: { policy: 0, student: 0, generator: uses.generator.beta.indexOf(0) }, touched: [], shown: "policy" }),
  draw: (state, data, m) => rows(m, state).flatMap((row) => {
    const s = shape(m, row);
    const i = state.at[row.use];
    const k = slider(m, row, s, data, i);
    const name = row.use === "student" ? "T" : "β";
    return [
      ...titled(m, row, data, i),
      ...PICTURES[row.use](m, row, s, data, i),
      line(`${row.use}.track`, { x1: k.left, x2: k.right, y1: s.track, y2: s.track }, "track"),
      line(`${row.use}.filled`, { x1: k.left, x2: k.x, y1: s.track, y2: s.track }, "track filled"),
      text(`${row.use}.value`, Math.min(Math.max(k.x, k.left + 26 * m.u), k.right - 26 * m.u), s.track - 17 * m.u, `${name} = ${valueOf(row.use, data, i)}`, 15 * m.u, "accent strong", { anchor: "middle" }),
    ];
  }),
  handles: (state, data, m) => rows(m, state).map((row) => {
    const s = shape(m, row);
    const i = state.at[row.use];
    const k = slider(m, row, s, data, i);
    return {
      key: row.use, label: KNOB[row.use], x: k.x, y: s.track, axis: "x", value: i, min: 0, max: k.last, step: 1, says: `${row.use === "student" ? "T" : "β"} = ${valueOf(row.use, data, i)}`, style: "knob", mute: true,
      at: (x) => k.toIndex(x),
      set: (value) => {
        state.at[row.use] = Math.min(Math.max(Math.round(value), 0), k.last);
        if (!state.touched.includes(row.use)) state.touched.push(row.use);
      },
    };
  }),
  buttons: (state, m) => (m.compact ? USES.map((use) => ({ key: use, label: TITLES[use][0].replace("Image generator (VAE)", "VAE"), main: state.shown === use, act: () => Object.assign(state, { shown: use }) })) : []),
  readouts: (state, data) => USES.map((use) => ({ quantity: `kl_${use}`, value: data.uses[use].kl[state.at[use]], label: `KL of the ${{ policy: "language model", student: "student", generator: "VAE" }[use]}` })),
  done: (state) => state.touched.length > 0,
  says: (state) => ({
    policy: "At low β the model repeats what the reward model likes, and the true reward falls below where it began: reward hacking.",
    student: "A higher T shows which digits the teacher finds similar: dark knowledge. This student learned from labels alone and never saw it.",
    generator: "At β = 0, codes drawn from the prior decode to poor digits. At the largest β all look alike: the posterior has collapsed to the prior.",
  }[state.touched[state.touched.length - 1] ?? "policy"]),
  describe: (state, data) => `Three rows. A language model at β = ${valueOf("policy", data, state.at.policy)} answers: “${data.uses.policy.answer[state.at.policy]}”. A teacher’s probabilities of ten digits at T = ${valueOf("student", data, state.at.student)}, beside a student’s. Sixteen digits generated by a VAE trained at β = ${valueOf("generator", data, state.at.generator)}.`,
};
