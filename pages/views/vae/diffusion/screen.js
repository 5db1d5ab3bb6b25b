// @ts-check
// A diffusion: the verdict, time with its three strips, the sum, one step, and what may be chosen.

import { make, put } from "../../../shared/live/draw.js";
import { Turns } from "../../../shared/turns.js";
import { Step } from "./step.js";
import { Time } from "./time.js";
import { digits } from "./words.js";

const SETTLE = 350; // milliseconds after the last place that was looked at
const NAMES = { own: "yours" };

export class Screen extends Turns {
  constructor(root, tell) {
    super(tell);
    this.verdict = make("p", { class: "verdict", role: "status", "aria-live": "polite" });
    this.time = new Time((kind, message) => (kind === "move" ? this.move(message) : this.settle(message)), (at, end) => this.lookAt(at, end));
    this.step = new Step();
    this.large = make("output", { "data-quantity": "gap" });
    this.sum = make("div", { class: "sum" });
    this.total = make("p", { class: "said" });
    this.run = make("button", { type: "button", class: "pill play", text: "▶ Play: noise to data" });
    this.run.addEventListener("click", () => this.time.play());
    this.again = make("button", { type: "button", class: "pill", text: "Another walk" });
    this.again.addEventListener("click", () => this.settle({ seed: (this.scene.chosen.seed + 1) % 10000 }));
    this.steps = make("input", { type: "range", step: 1, "aria-label": "Number of steps T" });
    this.stepsSaid = make("output");
    this.steps.addEventListener("input", () => { this.stepsHeld = true; this.move({ steps: Number(this.steps.value) }); });
    this.steps.addEventListener("change", () => { this.stepsHeld = false; this.settle({ steps: Number(this.steps.value) }); });
    this.pills = { schedule: make("div", { class: "pills" }), data: make("div", { class: "pills" }), variance: make("div", { class: "pills" }) };
    root.replaceChildren(make("div", { class: "diffusion" }, [
      make("div", { class: "head" }, [this.verdict, make("div", { class: "pills" }, [this.run, this.again])]),
      make("div", { class: "two" }, [this.left(), this.right()])]));
  }

  left() {
    const key = make("p", { class: "key" }, [["paid", "what any model must pay"], ["left-out", "what the ELBO leaves out"]].map(([kind, text]) => make("span", {}, [make("i", { class: kind }), text])));
    return make("div", { class: "picture-side" }, [this.time.node, key]);
  }

  right() {
    const row = (name, title) => make("div", { class: "row" }, [make("span", { class: "name", text: title }), this.pills[name]]);
    return make("div", { class: "beside" }, [
      make("div", { class: "number" }, [make("h3", { text: "Left out by the ELBO" }), this.large, this.sum, this.total]),
      make("div", { class: "rows" }, [row("schedule", "Schedule"), make("label", { class: "dial" }, [make("span", {}, ["Number of steps T ", this.stepsSaid]), this.steps])]),
      this.step.node,
      make("div", { class: "rows" }, [row("data", "Data"), row("variance", "Variance of a step")]),
    ]);
  }

  update(scene) {
    const first = !this.scene;
    this.scene = scene;
    const last = scene.signal.length - 1;
    if (first) {
      for (const [name, node] of Object.entries(this.pills)) node.replaceChildren(...scene.choices[name].map((choice) => this.pill(name, choice)));
      [this.steps.min, this.steps.max] = scene.choices.steps.map(String);
    }
    if (first || !this.looking) this.at = Math.min(scene.chosen.at, last + 1);
    this.at = Math.min(this.at, last + 1);
    this.draw();
    this.answered();
  }

  pill(name, choice) {
    const node = make("button", { type: "button", class: "pill", "data-choice": choice, text: NAMES[choice] ?? choice });
    node.addEventListener("click", () => this.settle({ [name]: choice }));
    return node;
  }

  // Another term is looked at: nothing is asked, but where it was left goes into the link.
  lookAt(at, end = false) {
    this.at = Math.min(at, this.scene.signal.length);
    this.looking = true;
    this.drawTerm();
    clearTimeout(this.leaving);
    if (end) this.leaving = setTimeout(() => { this.looking = false; if (this.at !== this.scene.chosen.at) this.settle({ at: this.at }); }, SETTLE);
  }

  draw() {
    const { scene } = this;
    const { name, per_nat: per } = scene.unit;
    put(this.verdict, { text: scene.said });
    put(this.large, { text: `${digits(per * scene.gap)} ${name}`, "data-value": String(scene.gap) });
    const whole = Math.max(scene.total, scene.entropy, 1e-9);
    this.sum.replaceChildren(...[["paid", scene.entropy], ["left-out", scene.gap]].map(([kind, value]) => make("i", { class: kind, style: `width: ${(100 * Math.max(value, 0)) / whole}%` })));
    put(this.total, { text: `−ELBO ${digits(per * scene.total)} = entropy of the data ${digits(per * scene.entropy)} + left out ${digits(per * scene.gap)} ${name}` });
    if (!this.stepsHeld) this.steps.value = String(scene.chosen.steps);
    put(this.stepsSaid, { text: String(scene.chosen.steps) });
    done(this.steps);
    for (const [key, node] of Object.entries(this.pills)) {
      for (const pill of node.children) put(pill, { "aria-pressed": String(pill.getAttribute("data-choice") === scene.chosen[key]) });
    }
    this.drawTerm();
  }

  drawTerm() {
    this.time.show(this.scene, this.at);
    this.step.show(this.scene, this.at);
  }
}

const done = (input) => input.style.setProperty("--done", `${(100 * (Number(input.value) - Number(input.min))) / Math.max(Number(input.max) - Number(input.min), 1)}%`);
