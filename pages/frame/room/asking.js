// @ts-check
// The teacher asks: the page's own question, one of two directions, a choice, a slider or bars to drag; then the answers come, then the truth.

import { make, put } from "../../shared/live/draw.js";
import { pictureOf } from "./drag.js";
import { here } from "./follow.js";
import { counted, marked, results } from "./results.js";
import { ask, tell } from "./server.js";

const DIRECTIONS = { ask: "Which is larger?", options: ["KL(P‖Q)", "KL(Q‖P)", "They are equal"] };

const button = (text, act, attributes = {}) => {
  const node = make("button", { type: "button", text, ...attributes });
  node.addEventListener("click", act);
  return node;
};
const field = (text, input) => make("label", { class: "field" }, [make("span", { text }), input]);
const numeric = (value) => make("input", { type: "number", step: "any", value });
const numberOf = (input) => (input.value.trim() === "" ? null : Number(input.value));

// The question of a form, which `message()` gives as the server takes it.
class ChoiceForm {
  constructor() {
    this.ask = make("input", { type: "text", maxlength: 600 });
    this.options = make("textarea", { rows: 4 });
    this.truth = make("select", {});
    this.options.addEventListener("input", () => this.listTruths());
    this.node = make("div", {}, [field("Question", this.ask), field("Answers, one per line", this.options), field("Right answer", this.truth)]);
    this.fill("", []);
  }

  fill(text, options) {
    this.ask.value = text;
    this.options.value = options.join("\n");
    this.listTruths();
  }

  lines() {
    return this.options.value.split("\n").map((line) => line.trim()).filter(Boolean);
  }

  listTruths() {
    const before = this.truth.value;
    this.truth.replaceChildren(make("option", { value: "", text: "none, or told later" }), ...this.lines().map((line, i) => make("option", { value: i, text: line })));
    this.truth.value = [...this.truth.options].some(({ value }) => value === before) ? before : "";
  }

  message() {
    return { kind: "choice", ask: this.ask.value, options: this.lines(), truth: this.truth.value === "" ? null : Number(this.truth.value) };
  }
}

class SlideForm {
  constructor() {
    this.ask = make("input", { type: "text", maxlength: 600 });
    this.start = numeric("0");
    this.stop = numeric("1");
    this.step = numeric("0.05");
    this.truth = numeric("");
    this.unit = make("input", { type: "text", maxlength: 20, placeholder: "nats" });
    this.node = make("div", {}, [
      field("Question", this.ask),
      make("div", { class: "fields" }, [field("From", this.start), field("to", this.stop), field("in steps of", this.step), field("Unit", this.unit), field("True answer, if known", this.truth)]),
    ]);
  }

  places() {
    const [start, stop, step] = [this.start, this.stop, this.step].map(numberOf);
    const count = Math.floor((stop - start) / step + 1e-9) + 1;
    return count > 1 && count < 1000 ? Array.from({ length: count }, (_, i) => Number((start + i * step).toPrecision(10))) : [];
  }

  message() {
    return { kind: "slide", ask: this.ask.value, places: this.places(), unit: this.unit.value, truth: numberOf(this.truth) };
  }
}

class BarsForm {
  constructor() {
    this.ask = make("input", { type: "text", maxlength: 600 });
    this.outcomes = make("textarea", { rows: 3 });
    this.truth = make("input", { type: "text", placeholder: "0.5, 0.3, 0.2" });
    this.node = make("div", {}, [field("Question", this.ask), field("Bars, one name per line", this.outcomes), field("True bars, if known", this.truth)]);
  }

  message() {
    const numbers = this.truth.value.split(/[,;\s]+/).filter(Boolean).map(Number);
    const outcomes = this.outcomes.value.split("\n").map((line) => line.trim()).filter(Boolean);
    return { kind: "bars", ask: this.ask.value, outcomes, truth: numbers.length ? numbers : null };
  }
}

export class Asking {
  // membership: { code, key }; offered(): the question of the page on screen, as the server takes it, or null.
  constructor(membership, offered) {
    this.membership = membership;
    this.offered = offered;
    this.node = make("dialog", { class: "share asking", "aria-label": "Ask the class" });
    this.problem = make("p", { class: "quiet", role: "alert" });
    this.forms = { choice: new ChoiceForm(), slide: new SlideForm(), bars: new BarsForm() };
    this.button = button("Ask the class", () => this.open());
    this.standing = make("div", {}); // the questions about what stands on the page
    this.hidden = false; // whether the answers stay hidden until Reveal
    /** @type {(event: KeyboardEvent) => void} the keys of a lesson, which the dialog would keep */
    this.keys = () => {};
    this.node.addEventListener("keydown", (event) => { if (event.target === this.node) this.keys(event); });
  }

  open() {
    if (!this.question) this.listStanding();
    this.draw();
    if (!this.node.open) this.node.showModal();
  }

  // Of a page whose pictures a hand moves the server makes questions: its address says where they stand.
  async listStanding() {
    const address = here();
    this.standing.replaceChildren();
    const { asks = [] } = await this.tell({ act: "offered", address });
    if (!asks.length || address !== here()) return;
    this.standing.replaceChildren(
      make("h3", { text: "About what stands on this page" }),
      ...asks.map((words) => make("div", { class: "row" }, [button(words, () => this.ask({ kind: "page", address, ask: words }), { class: "wide" })])),
    );
  }

  update(view) {
    const before = JSON.stringify(this.question ?? null);
    this.question = view.question;
    if (this.node.open && JSON.stringify(view.question) !== before) this.draw();
    put(this.button, { text: view.question ? "Show the answers" : "Ask the class" });
  }

  draw() {
    const close = button("✕", () => this.node.close(), { class: "close", "aria-label": "Close" });
    this.node.replaceChildren(close, ...(this.question ? this.answers(this.question) : this.choose()));
  }

  choose() {
    const page = this.offered();
    const kinds = [["choice", "Choose one"], ["slide", "A slider"], ["bars", "Bars to drag"]];
    const forms = make("div", { class: "forms" });
    const show = (kind) => forms.replaceChildren(this.forms[kind].node, button("Ask this", () => this.ask(this.forms[kind].message()), { class: "main" }));
    const directions = () => { this.forms.choice.fill(DIRECTIONS.ask, DIRECTIONS.options); show("choice"); };
    put(this.problem, { text: "" });
    show("choice");
    return [
      make("h2", { text: "Ask the class" }), this.problem,
      ...(page ? [make("h3", { text: "This page’s question" }), make("p", {}, marked(page.ask)), button("Ask this page’s question", () => this.ask(page), { class: "main" })] : []),
      this.standing, make("h3", { text: "Your own" }),
      make("div", { class: "row" }, [...kinds.map(([kind, text]) => button(text, () => show(kind))), button("Which direction is larger?", directions)]), forms,
      make("h3", { text: "To keep" }), make("p", { class: "quiet", text: "Every question of this room, the answers and the truth. There are no names in it." }),
      this.saves(),
    ];
  }

  saves() {
    return make("div", { class: "row" }, ["html", "csv"].map((kind) => button(`Save as ${kind.toUpperCase()}`, () => this.save(kind))));
  }

  // The page's question, asked and on screen.
  put(page) {
    this.ask(page);
    this.open();
  }

  // Answers that are hidden until then come to light; those that were seen go, and so does the question.
  finish(revealed) {
    if (revealed) this.node.close();
    else this.open();
    this.tell({ act: revealed ? "clear" : "reveal" });
  }

  answers(question) {
    const hide = button(this.hidden ? "Show answers as they come" : "Hide answers for now", () => { this.hidden = !this.hidden; this.draw(); });
    const told = question.kind === "drag" ? pictureOf(this.membership.code, question.number, () => this.draw()) : null;
    const acts = question.revealed ? [] : [button("Reveal", () => this.tell({ act: "reveal" }), { class: "main" }), hide];
    return [
      make("h2", {}, marked(question.ask)), this.hidden && !question.revealed ? counted(question) : results(question, null, told), this.problem,
      make("div", { class: "row" }, [...acts, button("Take the question away", () => this.tell({ act: "clear" }))]),
    ];
  }

  ask(message) {
    return this.tell(message);
  }

  async tell(message) {
    put(this.problem, { text: "" });
    try {
      return await tell(`${this.membership.code}/question`, message, this.membership.key);
    } catch (problem) {
      put(this.problem, { text: problem.message });
      return {};
    }
  }

  async save(kind) {
    const { code, key } = this.membership;
    try {
      const response = await ask(`${code}/record.${kind}`, key);
      const link = make("a", { href: URL.createObjectURL(await response.blob()), download: `room-${code}.${kind}` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    } catch (problem) {
      put(this.problem, { text: problem.message });
    }
  }
}
