// @ts-check
// The policy's answer: words that rewrite themselves in place; those that cost KL are shaded.

import { make, put } from "../../../shared/live/draw.js";
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
      const cost = costs[i] ?? 0;
      const shade = Math.min(Math.max(cost, 0) / DARKEST, 1).toFixed(2);
      return { class: `word ${new_[i] ? "new" : ""} ${CLINGS.has(text) ? "clings" : ""}`, text, title: `${cost.toFixed(2)} nats of KL`, style: `--shade: ${shade};` };
    });
    // A full stop never begins a line.
    const together = [];
    words.forEach((word, i) => (CLINGS.has(texts[i]) && i ? together[together.length - 1].push(word) : together.push([word])));
    together.forEach((group, i) => this.write(group, i));
    while (this.node.children.length > together.length) this.node.lastElementChild.remove();
    this.shown = texts;
  }

  // A word, or several that stand together, at its place among the others: most of the elements that are there only change.
  write(group, i) {
    const before = this.node.children[i];
    const spans = before?.className === "together" ? [...before.children] : [before];
    if (before && spans.length === group.length) return group.forEach((word, k) => this.rewrite(spans[k], word));
    const made = group.map((word) => make("span", word));
    const node = made.length > 1 ? make("span", { class: "together" }, made) : made[0];
    if (before) before.replaceWith(node);
    else this.node.append(node);
    return null;
  }

  // A new word's element comes anew, so that it fades in.
  rewrite(span, word) {
    if (word.class.includes("new")) span.replaceWith(make("span", word));
    else put(span, word);
  }
}
