// @ts-check
// "Which direction?": a verdict, one large number a side, six rows of bars, and β.

import { make, put } from "../../../shared/live/draw.js";
import { decode } from "../../../shared/live/tables.js";
import { Turns } from "../../../shared/turns.js";
import { Row } from "./rows.js";
import { betaInWords, percent, verdict } from "./words.js";

const SUB = () => make("sub", { text: "ref" });

export class Screen extends Turns {
  /** @type {any} what Python has told */
  scene = null;

  /** @type {Record<string, Float64Array>} */
  tables = {};

  width = 0; // numbers per β in a table

  constructor(root, tell) {
    super(tell);
    this.finding = make("p", { class: "verdict", role: "status", "aria-live": "polite" });
    this.sides = {};
    const named = /** @type {Array<[string, string, Array<string | Node>]>} */ ([["reverse", "Reverse", ["β·KL(π‖π", SUB(), ")"]], ["forward", "Forward", ["β·KL(π", SUB(), "‖π)"]]]);
    const sides = named.map(([name, title, formula]) => {
      const [large, small] = [make("output", { "data-quantity": `hack_${name}` }), make("small")];
      this.sides[name] = { large, small };
      return make("div", { class: `side ${name}` }, [make("h3", {}, [title, " ", make("span", {}, formula)]), large, make("span", { class: "what", text: "on the hack" }), small]);
    });
    this.rows = make("div", { class: "rows" });
    this.presets = make("div", { class: "pills" });
    this.beta = make("input", { type: "range", min: 0, max: 1, step: 0.001, "aria-label": "β, the price of KL" });
    this.betaText = make("output", { "data-quantity": "beta_one" });
    this.beta.addEventListener("input", () => { this.shown = this.betaAt(Number(this.beta.value)); this.draw(); });
    this.beta.addEventListener("change", () => this.settle({ beta: Number(this.shown.toPrecision(4)) }));
    root.replaceChildren(make("div", { class: "beta-screen direction" }, [
      this.finding,
      make("div", { class: "sides" }, sides),
      this.rows,
      make("div", { class: "foot" }, [make("label", { class: "price" }, [this.betaText, this.beta]), this.presets]),
    ]));
  }

  update(scene) {
    const tables = Object.fromEntries(Object.entries(scene.frames).map(([name, text]) => [name, decode(text, Float64Array)]));
    const first = !this.scene;
    Object.assign(this, { scene, tables, width: 2 * scene.names.length + 3 });
    if (first) this.build();
    this.shown = scene.beta;
    this.draw();
    this.answered();
  }

  build() {
    const { scene } = this;
    const tell = (kind, message) => (kind === "move" ? this.move(message) : this.settle(message));
    this.lines = scene.names.map((name, i) => new Row(name, i, i === scene.hack, tell));
    const head = make("div", { class: "row head" }, [[""], ["π", SUB(), ": drag"], ["reward: drag"], ["reverse π*, odds"], ["forward π*, odds"]].map((parts) => make("span", {}, parts)));
    this.rows.replaceChildren(head, ...this.lines.map((line) => line.node));
    this.presets.replaceChildren(...scene.presets.map((preset) => {
      const node = make("button", { type: "button", class: "pill", text: preset[0].toUpperCase() + preset.slice(1) });
      node.addEventListener("click", () => this.settle({ preset }));
      return node;
    }));
  }

  ends() {
    const { betas } = this.scene;
    return betas.length > 1 ? [betas[0], betas[betas.length - 1]] : this.range;
  }

  betaAt(place) {
    const [low, high] = this.ends();
    return high * (low / high) ** place;
  }

  // A row of numbers at the β on screen, on the line between its neighbours in log β.
  at(name) {
    const { betas } = this.scene;
    const row = (i) => this.tables[name].subarray(i * this.width, (i + 1) * this.width);
    const right = betas.findIndex((beta) => beta >= this.shown * (1 - 1e-9));
    if (right <= 0) return Array.from(row(right === 0 ? 0 : betas.length - 1));
    const part = Math.log(this.shown / betas[right - 1]) / Math.log(betas[right] / betas[right - 1]);
    return Array.from(row(right), (value, i) => value * part + row(right - 1)[i] * (1 - part));
  }

  draw() {
    const { scene } = this;
    const { unit } = scene;
    const both = { reverse: this.at("reverse"), forward: this.at("forward") };
    for (const [name, values] of Object.entries(both)) {
      const [entropy, kl] = values.slice(2 * scene.names.length);
      put(this.sides[name].large, { text: percent(values[scene.hack]), "data-value": String(values[scene.hack]) });
      put(this.sides[name].small, { text: `entropy ${(entropy * unit.per_nat).toFixed(2)} · KL ${(kl * unit.per_nat).toPrecision(3)} ${unit.name}` });
    }
    this.lines.forEach((line, i) => line.show(scene, i, both.reverse, both.forward));
    put(this.finding, { text: verdict(this.shown, both.reverse[scene.hack], both.forward[scene.hack], scene.names.length) });
    if (scene.betas.length > 1) this.range = this.ends();
    const [low, high] = this.range ?? [this.shown, this.shown * 2];
    const place = Math.log(high / this.shown) / Math.log(high / low);
    this.beta.value = String(place);
    this.beta.style.setProperty("--done", `${100 * place}%`);
    put(this.betaText, { text: `β = ${betaInWords(this.shown)}`, "data-value": String(this.shown) });
    put(this.beta, { "aria-valuetext": `β = ${betaInWords(this.shown)}` });
  }
}
