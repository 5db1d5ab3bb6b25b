// @ts-check
// Sentences sampled at every place of the scrubber with the same random numbers, each word shaded by what it costs.

import { make } from "./draw.js";
import { written4 } from "./numbers.js";
import { decode } from "./tables.js";

const FULL = 1.5; // nats at one word beyond which its shade no longer deepens

export class SentencesPanel {
  /** @type {import("./types").Sentences | null} what is drawn, at which place and in which unit */
  drawn = null;

  frame = -1;

  unit = "";

  /** @param {import("./types").SentencesPanel} spec */
  constructor(spec) {
    this.spec = spec;
    this.list = make("ol", { class: "sentences" });
    this.node = make("section", { class: `panel ${spec.half ? "half" : ""}` }, [
      make("h3", { text: spec.title }), make("p", { class: "caption", text: spec.note ?? "" }), this.list,
    ]);
  }

  measure() {}

  /** @param {import("./computed").Computed} state */
  draw(state) {
    const { sentences } = state.scene;
    const frame = Math.round(state.position);
    if (sentences === this.drawn && frame === this.frame && state.unit.name === this.unit) return;
    [this.drawn, this.frame, this.unit] = [sentences, frame, state.unit.name];
    const [tokens, costs] = [decode(sentences.tokens, Uint8Array), decode(sentences.costs, Float32Array)];
    const { count, length } = sentences;
    this.list.replaceChildren(...Array.from({ length: count }, (_, row) => {
      const at = (frame * count + row) * length;
      return this.sentence(sentences.words, tokens.subarray(at, at + length), costs.subarray(at, at + length), state.unit);
    }));
  }

  sentence(words, tokens, costs, unit) {
    const end = tokens.indexOf(1); // the end token
    const said = end < 0 ? tokens.length : end;
    const spans = Array.from(tokens.subarray(0, said), (token, i) => make("span", {
      text: words[token], title: `${written4(costs[i] * unit.per_nat)} ${unit.name}`,
      style: `--cost: ${Math.round(100 * Math.min(costs[i] / FULL, 1))}%`,
    }));
    return make("li", {}, [...spans.flatMap((span, i) => (i ? [" ", span] : [span])), end < 0 ? " …" : "."]);
  }
}
