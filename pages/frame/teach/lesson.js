// @ts-check
// A lesson: the states of a list one after the other, each with its words at the foot of the window.

import { make, put } from "../../shared/live/draw.js";
import { changed, visit, write } from "./address.js";
import { applyLocks } from "./locks.js";
import { isTaken, page, presenting } from "./present.js";

const FORWARD = ["ArrowRight", "PageDown"]; // PageDown and PageUp are what a presenter's clicker sends
const WAITS = { ask: "Ask →", reveal: "Reveal →" };
const BACK = ["ArrowLeft", "PageUp"];

export class LessonBar {
  constructor() {
    this.title = make("span", { class: "title" });
    /** @type {() => boolean} does what is to be done before the next step, if anything is */
    this.holds = () => false;
    /** @type {() => "" | "ask" | "reveal" | "clear"} what that is */
    this.waits = () => "";
    this.said = make("p", { class: "words", "aria-live": "polite" });
    this.back = make("button", { type: "button", text: "←", "aria-label": "Previous step" });
    this.next = make("button", { type: "button", text: "Next →", class: "main" });
    this.end = make("button", { type: "button", text: "✕", "aria-label": "End the lesson" });
    this.back.addEventListener("click", () => this.go(this.at - 1));
    this.next.addEventListener("click", () => this.on());
    this.end.addEventListener("click", () => this.leave());
    this.node = make("section", { class: "lesson", "aria-label": "Lesson", hidden: "" }, [
      make("div", { class: "said" }, [this.title, this.said]), make("div", { class: "buttons" }, [this.back, this.next, this.end]),
    ]);
  }

  // lesson: { word, title, steps: [{ address, words }], at }, or null.
  update(lesson) {
    this.lesson = lesson;
    this.at = lesson?.at ?? 0;
    this.show();
  }

  show() {
    const { lesson } = this;
    this.node.hidden = !lesson;
    page.toggle("in-lesson", Boolean(lesson));
    if (!lesson) return;
    put(this.title, { text: `${lesson.title} · ${this.at + 1} of ${lesson.steps.length}` });
    put(this.said, { text: this.words() });
    this.back.disabled = this.at === 0;
    const waits = this.waits();
    put(this.next, { text: WAITS[waits] ?? "Next →" });
    this.next.disabled = this.at === lesson.steps.length - 1 && !waits;
  }

  words() {
    return this.lesson?.steps[this.at]?.words ?? "";
  }

  // Shows the step that an address names before its page is there; whether this window knows the lesson.
  follow(address) {
    const named = new URL(address, location.href).searchParams.get("lesson") ?? "";
    const dot = named.lastIndexOf(".");
    if (!named) this.update(null);
    else if (this.lesson?.word === named.slice(0, dot)) {
      this.at = Math.min(Math.max(Number(named.slice(dot + 1)) - 1, 0), this.lesson.steps.length - 1);
      this.show();
    } else return false;
    return true;
  }

  go(at) {
    const { lesson } = this;
    if (!lesson || at < 0 || at >= lesson.steps.length) return;
    this.at = at;
    visit(changed(lesson.steps[at].address, { lesson: `${lesson.word}.${at + 1}`, present: presenting() ? "1" : "" }));
    applyLocks();
    this.show();
  }

  on() {
    if (!this.holds()) this.go(this.at + 1);
  }

  leave() {
    write({ lesson: "" });
    this.update(null);
  }

  key(event) {
    if (this.lesson && !isTaken(event)) this.walk(event);
  }

  walk(event) {
    const by = FORWARD.includes(event.key) ? 1 : BACK.includes(event.key) ? -1 : 0;
    if (by) {
      event.preventDefault();
      if (by > 0) this.on();
      else this.go(this.at - 1);
    }
  }
}
