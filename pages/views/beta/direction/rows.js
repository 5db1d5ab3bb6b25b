// @ts-check
// One answer: its share under the reference and its reward as bars to drag, and its share under both optima.

import { make, put } from "../../../shared/live/draw.js";
import { odds, percent } from "./words.js";

// A bar that is dragged: a range input whose track is the bar.
export class Dragged {
  constructor(kind, label, { moved, left }) {
    this.input = make("input", { type: "range", step: "any", class: kind, "aria-label": label });
    this.value = make("output");
    this.node = make("div", { class: `dragged ${kind}` }, [this.input, this.value]);
    this.input.addEventListener("input", () => { this.held = true; moved(Number(this.input.value)); });
    this.input.addEventListener("change", () => { this.held = false; left(Number(this.input.value)); });
    this.input.addEventListener("keydown", (event) => this.step(event, moved, left));
  }

  // "any" has no step of its own that a key could take.
  step(event, moved, left) {
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const [low, high] = [Number(this.input.min), Number(this.input.max)];
    this.input.value = String(Math.min(Math.max(Number(this.input.value) + (by * (high - low)) / 50, low), high));
    moved(Number(this.input.value));
    left(Number(this.input.value));
  }

  show(value, [low, high], text) {
    put(this.input, { min: low, max: high, "aria-valuetext": text });
    if (!this.held) this.input.value = String(value);
    const at = (x) => (100 * (x - low)) / (high - low);
    const zero = at(Math.max(low, 0));
    this.input.style.setProperty("--from", `${Math.min(zero, at(value))}%`);
    this.input.style.setProperty("--to", `${Math.max(zero, at(value))}%`);
    put(this.value, { text });
  }
}

class Share {
  constructor(name) {
    this.bar = make("i");
    this.share = make("b");
    this.odds = make("small");
    this.node = make("div", { class: `share ${name}` }, [make("div", { class: "track" }, [this.bar]), this.share, this.odds]);
  }

  show(share, odd) {
    this.bar.style.width = `${100 * Math.min(share, 1)}%`;
    put(this.share, { text: percent(share), "data-value": String(share) });
    put(this.odds, { text: odds(odd) });
  }
}

export class Row {
  constructor(name, answer, hack, tell) {
    const told = (kind) => ({ moved: (to) => tell("move", { [kind]: answer, to }), left: (to) => tell("settle", { [kind]: answer, to }) });
    this.reference = new Dragged("reference", `π_ref of ${name}`, told("reference"));
    this.reward = new Dragged("reward", `reward of ${name}`, told("reward"));
    this.reverse = new Share("reverse");
    this.forward = new Share("forward");
    this.node = make("div", { class: `row ${hack ? "hack" : ""}` }, [
      make("b", { class: "name", text: name }), this.reference.node, this.reward.node, this.reverse.node, this.forward.node]);
  }

  show(scene, answer, reverse, forward) {
    const count = scene.names.length;
    this.reference.show(scene.reference[answer], [0, 1], percent(scene.reference[answer]));
    this.reward.show(scene.reward[answer], scene.rewards, scene.reward[answer].toFixed(2).replace("-", "−"));
    this.reverse.show(reverse[answer], reverse[count + answer]);
    this.forward.show(forward[answer], forward[count + answer]);
  }
}
