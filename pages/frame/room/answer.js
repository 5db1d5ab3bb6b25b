// @ts-check
// A question on a phone: chosen, placed on a slider or dragged, sent, changeable until the answer is shown.

import { make, put } from "../../shared/live/draw.js";
import { DragAnswer, pictureOf } from "./drag.js";
import { marked, named, results } from "./results.js";
import { tell } from "./server.js";

export class AnswerSheet {
  // keep(number, value): called with what this phone has answered.
  constructor(membership, keep) {
    this.membership = membership;
    this.keep = keep;
    this.number = 0; // of the question on screen
    this.mine = null;
    this.node = make("section", { class: "sheet", "aria-label": "Question", hidden: "" });
    this.shown = "";
  }

  // question: of the room's state, or null.
  update(question) {
    const told = question?.kind === "drag" ? pictureOf(this.membership.code, question.number, () => this.update(this.question)) : null;
    const now = JSON.stringify([question, Boolean(told)]);
    this.question = question;
    if (now === this.shown) return; // a redrawn control would lose the finger that is on it
    this.shown = now;
    this.node.hidden = !question;
    if (!question) return this.node.replaceChildren();
    if (this.number !== question.number) this.mine = this.membership.said?.[question.number] ?? null;
    this.number = question.number;
    this.said = make("p", { class: "quiet", role: "status" });
    this.node.replaceChildren(
      make("h2", {}, marked(question.ask)),
      ...(question.revealed ? [results(question, this.mine, told)] : [this.controls(question, told), this.said]),
    );
    if (!question.revealed && this.mine !== null) this.sent();
  }

  controls(question, told) {
    if (question.kind === "choice") return this.choices(question);
    if (question.kind === "slide") return this.slider(question);
    return told ? this.drag(question, told) : make("p", { text: "The picture comes in a moment…" });
  }

  drag(question, told) {
    const button = make("button", { type: "button", text: "Send", class: "main" });
    const answer = new DragAnswer(question, told, this.mine, () => { button.disabled = false; });
    button.disabled = this.mine === null; // where it begins is nobody's answer
    button.addEventListener("click", () => this.send(question, answer.numbers()));
    return make("div", { class: "slide" }, [answer.node, button]);
  }

  choices(question) {
    return make("div", { class: "choices", role: "radiogroup", "aria-label": "Answers" }, question.options.map((option, i) => {
      const input = make("input", { type: "radio", name: `question-${question.number}` });
      input.checked = this.mine === i;
      input.addEventListener("change", () => this.send(question, i));
      return make("label", {}, [input, make("span", {}, marked(option))]);
    }));
  }

  slider(question) {
    const { places } = question;
    const value = make("output", {});
    const input = make("input", { type: "range", min: 0, max: places.length - 1, "aria-label": "Your answer" });
    const button = make("button", { type: "button", text: "Send", class: "main" });
    input.value = String(this.mine === null ? Math.floor(places.length / 2) : Math.max(places.indexOf(this.mine), 0));
    const show = () => {
      put(value, { text: named(question, places[input.value]) });
      input.setAttribute("aria-valuetext", value.textContent);
    };
    button.disabled = this.mine === null; // a slider that nobody moved is no answer
    input.addEventListener("input", () => { button.disabled = false; show(); });
    button.addEventListener("click", () => this.send(question, places[input.value]));
    show();
    return make("div", { class: "slide" }, [value, input, button]);
  }

  async send(question, value) {
    try {
      await tell(`${this.membership.code}/answer`, { phone: this.membership.phone, number: question.number, value });
      this.mine = value;
      this.keep(question.number, value);
      this.sent();
    } catch (problem) {
      put(this.said, { text: problem.message });
    }
  }

  sent() {
    put(this.said, { text: "Sent. You can change it until the answer is shown." });
  }
}
