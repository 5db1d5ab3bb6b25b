// @ts-check
// The policy's answer: words that rewrite themselves in place; those that cost KL are shaded.

import { make } from "../../../shared/live/draw.js";
import { changed } from "./verdict.js";

const DARKEST = 3; // nats at one word that are shaded fully
// An answer's words: up to its end, which is a full stop; "…" where it was cut off.
export const wordsOf = (tokens, { words, stop }) => {
  const end = tokens.indexOf(stop);
  const spoken = end < 0 ? tokens : tokens.slice(0, end);
  return [...Array.from(spoken, (token) => words[token]), end < 0 ? "…" : "."];
};

export const CLINGS = new Set([".", ",", "…", "?", "!"]);

export class Answer {
  constructor() {
    this.node = make("p", { class: "answer", "aria-live": "off" });
    this.shown = [];
  }

  // texts: of the words, as `wordsOf` gives them; costs: nats of KL at each.
  show(texts, costs) {
    const new_ = changed(this.shown, texts);
    const words = texts.map((text, i) => {
      const shade = Math.min(Math.max(costs[i] ?? 0, 0) / DARKEST, 1);
      const span = make("span", { class: `word ${new_[i] ? "new" : ""} ${CLINGS.has(text) ? "clings" : ""}`, text, title: `${(costs[i] ?? 0).toFixed(2)} nats of KL` });
      span.style.setProperty("--shade", shade.toFixed(2));
      return span;
    });
    // A full stop never begins a line.
    const together = [];
    words.forEach((word, i) => (CLINGS.has(texts[i]) && i ? together[together.length - 1].push(word) : together.push([word])));
    this.node.replaceChildren(...together.map((group) => (group.length > 1 ? make("span", { class: "together" }, group) : group[0])));
    this.shown = texts;
  }
}
