// @ts-check
// The target of supervised fine-tuning: how often each answer is among the training texts, as bars to drag.

import { make, put } from "../../../shared/live/draw.js";
import { Turns } from "../../../shared/turns.js";
import { Dragged } from "../direction/rows.js";
import { percent } from "../direction/words.js";

const share = (part) => (part > 0 && part < 0.001 ? "< 0.1 %" : percent(part));

export class Screen extends Turns {
  /** @type {any} what Python has told */
  scene = null;

  /** @type {Dragged[]} */
  bars = [];

  constructor(root, tell) {
    super(tell);
    this.rows = make("div", { class: "texts" });
    this.rest = make("output");
    this.restBar = make("i");
    this.restName = make("span", { class: "text" });
    this.large = make("output", { "data-quantity": "kl_target" });
    this.small = make("small");
    root.replaceChildren(make("div", { class: "beta-screen target" }, [
      make("p", { class: "ask" }, ["Training texts, each after “the answer is:”. Drag how often each is used. ", make("i", { class: "own" }), " how often the model itself says it when it succeeds"]),
      this.rows,
      make("div", { class: "others" }, [this.restName, make("div", { class: "track" }, [this.restBar]), this.rest]),
      make("div", { class: "far" }, [make("span", { text: "KL(target‖π_ref)" }), this.large, this.small]),
    ]));
  }

  update(scene) {
    if (!this.scene) this.build(scene);
    this.scene = scene;
    this.draw();
    this.answered();
  }

  build(scene) {
    this.bars = scene.texts.map((text, bar) => new Dragged("share-of-texts", `Share of “${text}”`, {
      moved: (to) => this.move({ bar, to }),
      left: (to) => this.settle({ bar, to }),
    }));
    this.rows.replaceChildren(...this.bars.map((bar, i) => make("div", { class: "text-row" }, [make("span", { class: "text", text: scene.texts[i] }), bar.node])));
  }

  draw() {
    const { bars, own, texts, others, kl, alike, unit } = this.scene;
    this.bars.forEach((bar, i) => {
      bar.show(bars[i], [0, 1], share(bars[i]));
      bar.node.style.setProperty("--own", String(own[i]));
    });
    const rest = bars[texts.length];
    put(this.restName, { text: `all ${others} others that succeed` });
    put(this.rest, { text: share(rest) });
    this.restBar.style.width = `${100 * rest}%`;
    put(this.large, { text: `${kl.toPrecision(3)} ${unit}`, "data-value": String(kl) });
    put(this.small, { text: alike < 1.005 ? "a single text" : `as varied as ${alike < 9.5 ? alike.toFixed(1) : Math.round(alike)} equally frequent texts` });
  }
}
