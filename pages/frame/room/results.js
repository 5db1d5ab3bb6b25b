// @ts-check
// What a class answered: a bar for each option, a histogram over the slider's places, or a cloud of what was dragged.

import { make } from "../../shared/live/draw.js";
import { ghosts } from "./ghosts.js";

// Marks as teachers write them: **bold** and `code`; everything else is text.
export const marked = (text) => text.split(/(\*\*[^*]+\*\*|`[^`]+`)/).filter(Boolean).map((part) => {
  if (part.startsWith("**")) return make("b", { text: part.slice(2, -2) });
  return part.startsWith("`") ? make("code", { text: part.slice(1, -1) }) : part;
});

const short = (value) => String(Number(value.toPrecision(3))).replace("-", "−");

export const named = (question, value) => {
  if (question.kind === "choice") return question.options[value];
  if (question.kind === "drag") return question.names.map((name, i) => `${name} = ${short(value[i])}`).join(", ");
  return `${Number(value.toPrecision(4))} ${question.unit}`.trim();
};

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

// "62 % put Q on a hill."
const camps = (question, everybody) => question.camps.map(([words, count]) => make("p", { class: "camp" }, [make("b", { text: `${Math.round((100 * count) / everybody)} %` }), ` ${words}.`]));

const verdict = (question, counts, everybody) => {
  if (question.kind === "drag") {
    const truth = question.truth === null ? [] : [make("p", { class: "verdict" }, ["True: ", make("b", { text: named(question, question.truth) }), "."])];
    return [...(everybody ? camps(question, everybody) : []), ...truth];
  }
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

const drawn = (question, counts, mine, told) => {
  if (question.kind === "choice") return choices(question, counts, mine);
  if (question.kind === "slide") return histogram(question, counts);
  return told ? ghosts(question, told, mine) : make("p", { text: "The picture comes in a moment…" });
};

// mine: this phone's answer, or null; told: the picture of a question to drag, or null while it is fetched.
export const results = (question, mine = null, told = null) => {
  const counts = new Map(question.tally);
  const everybody = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const shown = question.revealed ? question : { ...question, truth: null }; // a projector shows no truth before its time
  return make("div", { class: "results" }, [
    drawn(shown, counts, mine, told),
    ...(question.kind === "drag" ? [] : [counted(question)]), // a cloud's legend says it
    ...verdict(shown, counts, everybody), ...(question.revealed && question.why ? [make("p", {}, marked(question.why))] : []),
  ]);
};
