// @ts-check
// Speculative decoding: the verdict, the bars, the acceptance with its bounds, the sliders, and a run that one can read.

import { make, put } from "../../../shared/live/draw.js";
import { Turns } from "../../../shared/turns.js";
import { Bars } from "./bars.js";
import { Calls, Lengths } from "./run.js";
import { boundInWords, nats, percent, runInWords, temperatureInWords, verdict } from "./words.js";

const KEYS = [["shared", "kept: min(p, q)"], ["rejected", "rejected: q above p"], ["missing", "P says it instead: p above q"], ["share", "share in the run"]];

class Slider {
  constructor(label, attributes, write, tell) {
    this.write = write;
    this.value = make("output");
    this.input = make("input", { type: "range", "aria-label": label, ...attributes });
    this.node = make("label", { class: "dial" }, [make("span", {}, [`${label} `, this.value]), this.input]);
    this.input.addEventListener("input", () => { this.held = true; tell("move", Number(this.input.value)); });
    this.input.addEventListener("change", () => { this.held = false; tell("settle", Number(this.input.value)); });
  }

  show(value) {
    if (!this.held) this.input.value = String(value);
    const at = (Number(this.input.value) - Number(this.input.min)) / (Number(this.input.max) - Number(this.input.min));
    this.input.style.setProperty("--done", `${100 * at}%`);
    put(this.value, { text: this.write(Number(this.input.value)) });
    put(this.input, { "aria-valuetext": this.write(Number(this.input.value)) });
  }
}

export class Screen extends Turns {
  constructor(root, tell) {
    super(tell);
    const moved = (kind, message) => (kind === "move" ? this.move(message) : this.settle(message));
    this.finding = make("p", { class: "verdict", role: "status", "aria-live": "polite" });
    this.bars = new Bars(moved);
    this.large = make("output", { "data-quantity": "acceptance" });
    this.tokens = make("output", { "data-quantity": "tokens" });
    this.bounds = make("div", { class: "bounds" });
    this.calls = new Calls();
    this.lengths = new Lengths();
    this.said = make("p", { class: "said" });
    this.gamma = new Slider("Draft length γ", { min: 1, max: 12, step: 1 }, String, (kind, to) => moved(kind, { gamma: to }));
    this.temperature = new Slider("Temperature T", { min: -0.7, max: 0.5, step: 0.01 }, (x) => temperatureInWords(10 ** x), (kind, to) => moved(kind, { temperature: 10 ** to }));
    this.presets = make("div", { class: "pills" });
    this.about = make("p", { class: "note" });
    this.again = make("button", { type: "button", class: "pill", text: "Another run" });
    this.again.addEventListener("click", () => this.settle({ seed: (this.scene.seed + 1) % 10000 }));
    const key = make("p", { class: "key" }, KEYS.map(([kind, text]) => make("span", {}, [make("i", { class: kind }), text])));
    root.replaceChildren(make("div", { class: "speculative" }, [
      this.finding,
      make("div", { class: "two" }, [
        make("div", { class: "picture-side" }, [key, this.bars.node]),
        make("div", { class: "beside" }, [
          make("div", { class: "numbers" }, [
            make("div", {}, [make("h3", { text: "Acceptance a = Σ min(p, q)" }), this.large, make("small", { text: "= 1 − TV(P, Q)" })]),
            make("div", {}, [make("h3", { text: "Words per call of P" }), this.tokens, make("small", {}, ["= (1 − a", make("sup", { text: "γ+1" }), ")/(1 − a)"])])]),
          this.bounds,
          make("div", { class: "dials" }, [this.gamma.node, this.temperature.node]),
          this.presets, this.about,
        ])]),
      make("div", { class: "two below" }, [
        make("div", {}, [make("div", { class: "head" }, [make("h3", { text: "A run, one line per call of P" }), this.again]), this.calls.node, this.said]),
        this.lengths.node]),
    ]));
  }

  update(scene) {
    const first = !this.scene;
    const { kl_pq: forward, kl_qp: reverse, bounds: [pinsker, huber] } = scene; // null is what JSON has for an infinity
    this.scene = { ...scene, kl_pq: forward ?? Infinity, kl_qp: reverse ?? Infinity, bounds: [pinsker ?? -Infinity, huber] };
    if (first) this.presets.replaceChildren(...scene.presets.map((preset) => this.pill(preset)));
    this.draw();
    this.answered();
  }

  pill(preset) {
    const node = make("button", { type: "button", class: "pill", text: preset });
    node.addEventListener("click", () => this.settle({ preset }));
    return node;
  }

  draw() {
    const { scene } = this;
    put(this.finding, { text: verdict(scene) });
    put(this.about, { text: scene.about });
    this.bars.update(scene);
    put(this.large, { text: percent(scene.acceptance), "data-value": String(scene.acceptance) });
    put(this.tokens, { text: scene.tokens.toPrecision(3), "data-value": String(scene.tokens) });
    this.drawBounds();
    this.gamma.show(scene.gamma);
    this.temperature.show(Math.log10(scene.temperature));
    this.calls.show(scene);
    put(this.said, { text: runInWords(scene.run.words, scene.run.count, scene.tokens, scene.run.farthest) });
    this.lengths.show(scene);
  }

  drawBounds() {
    const { kl_pq: forward, kl_qp: reverse, acceptance, bounds } = this.scene;
    const [name, least] = reverse < forward ? ["KL(Q‖P)", reverse] : ["KL(P‖Q)", forward];
    const rows = /** @type {Array<[string, Array<string | Node>, number, string]>} */ ([["acceptance", ["a"], acceptance, acceptance.toFixed(3)], ["pinsker", ["Pinsker: a ≥ 1 − √(KL/2)"], bounds[0], boundInWords(bounds[0])],
      ["huber", ["Bretagnolle–Huber: a ≥ 1 − √(1 − e", make("sup", { text: "−KL" }), ")"], bounds[1], boundInWords(bounds[1])]]);
    this.bounds.replaceChildren(
      make("p", { text: `KL(P‖Q) = ${nats(forward)} and KL(Q‖P) = ${nats(reverse)} nats. Both give a lower bound on a. The smaller KL gives the better one, here ${name} = ${nats(least)}:` }),
      ...rows.map(([kind, title, value, text]) => {
        const bar = make("i", { style: `width: ${Math.max(100 * value, 0)}%` });
        return make("div", { class: `bound ${kind}` }, [make("span", {}, title), make("b", { text, "data-quantity": `bound_${kind}`, "data-value": String(value) }), make("div", { class: "track" }, [bar])]);
      }));
  }
}
