// @ts-check
// What a class answered: a bar for each option, or a histogram over the slider's places.

import { make } from "../../shared/live/draw.js";

// Marks as teachers write them: **bold** and `code`; everything else is text.
export const marked = (text) => text.split(/(\*\*[^*]+\*\*|`[^`]+`)/).filter(Boolean).map((part) => {
  if (part.startsWith("**")) return make("b", { text: part.slice(2, -2) });
  return part.startsWith("`") ? make("code", { text: part.slice(1, -1) }) : part;
});

export const named = (question, value) => (question.kind === "choice" ? question.options[value] : `${Number(value.toPrecision(4))} ${question.unit}`.trim());

const nearest = (places, value) => places.reduce((best, place, i) => (Math.abs(place - value) < Math.abs(places[best] - value) ? i : best), 0);

const isRight = (question, value) => (question.kind === "choice" ? value === question.truth
  : Math.abs(nearest(question.places, value) - nearest(question.places, question.truth)) <= question.near);

const COLUMNS = 25; // more would be too narrow for a phone

const bar = (label, count, most, classes) => make("li", { class: classes.join(" ") }, [
  make("span", { class: "label" }, label), make("span", { class: "track" }, [make("span", { class: "fill", style: `width: ${(100 * count) / most}%` })]),
  make("span", { class: "count", text: String(count) }),
]);

const choices = (question, counts, mine) => {
  const most = Math.max(1, ...counts.values());
  return make("ol", { class: "bars" }, question.options.map((option, i) => {
    const [right, said] = [question.truth === i, mine === i];
    const notes = [...(right ? ["right"] : []), ...(said ? ["your answer"] : [])];
    return bar([...marked(option), ...(notes.length ? [make("i", { text: ` (${notes.join(", ")})` })] : [])], counts.get(i) ?? 0, most, right ? ["right"] : []);
  }));
};

const histogram = (question, counts) => {
  const { places, truth } = question;
  const wide = Math.ceil(places.length / COLUMNS);
  const bins = Array.from({ length: Math.ceil(places.length / wide) }, (_, i) => places.slice(i * wide, (i + 1) * wide));
  const inBin = (value, bin) => bin.includes(places[nearest(places, value)]);
  const sums = bins.map((bin) => [...counts].reduce((sum, [value, count]) => sum + (inBin(value, bin) ? count : 0), 0));
  const most = Math.max(1, ...sums);
  const said = [...counts].map(([value, count]) => `${named(question, value)}: ${count}`).join("; ") || "no answer yet";
  const columns = bins.map((bin, i) => make("span", { class: truth !== null && inBin(truth, bin) ? "right" : "" }, [
    make("i", { text: sums[i] ? String(sums[i]) : "" }), make("b", { style: `height: ${(100 * sums[i]) / most}%` }),
  ]));
  return make("div", {}, [
    make("div", { class: "columns", role: "img", "aria-label": `Answers. ${said}.` }, columns),
    make("div", { class: "ends" }, [make("span", { text: named(question, places[0]) }), make("span", { text: named(question, places.at(-1)) })]),
  ]);
};

const verdict = (question, counts, everybody) => {
  if (question.truth === null) return [];
  const right = [...counts].reduce((sum, [value, count]) => sum + (isRight(question, value) ? count : 0), 0);
  return [make("p", { class: "verdict" }, [
    "True: ", make("b", {}, marked(named(question, question.truth))), everybody ? `. ${Math.round((100 * right) / everybody)} % of the answers are right.` : ".",
  ])];
};

// How many have answered, and nothing of what they said.
export const counted = (question) => {
  const everybody = question.tally.reduce((sum, [, count]) => sum + count, 0);
  return make("p", { class: "quiet", text: `${everybody} answer${everybody === 1 ? "" : "s"}` });
};

// mine: this phone's answer, or null.
export const results = (question, mine = null) => {
  const counts = new Map(question.tally);
  const everybody = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const shown = question.revealed ? question : { ...question, truth: null }; // a projector shows no truth before its time
  return make("div", { class: "results" }, [
    question.kind === "choice" ? choices(shown, counts, mine) : histogram(shown, counts),
    counted(question),
    ...verdict(shown, counts, everybody), ...(question.revealed && question.why ? [make("p", {}, marked(question.why))] : []),
  ]);
};
