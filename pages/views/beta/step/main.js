// @ts-check
// styles: ./step.css
// The words of a step, shaded by how far a method pushes them: Streamlit calls it with every answer.

import { make } from "../../../shared/live/draw.js";
import { mountedAs } from "../../../shared/live/mount.js";

const word = (text, push, chosen, press) => {
  const node = make("button", { type: "button", class: `${push > 0 ? "up" : "down"}${chosen ? " chosen" : ""}`, "aria-pressed": String(chosen), text });
  node.style.setProperty("--push", Math.abs(push).toFixed(3));
  node.addEventListener("click", press);
  return node;
};

const side = ({ name, texts, rewards, pushes, chosen }, send) => make("div", { class: "step" }, [
  make("h3", { text: name }),
  make("ol", {}, texts.map((words, answer) => make("li", {}, [
    ...words.map((text, position) => word(text, pushes[answer][position], chosen[0] === answer && chosen[1] === position, () => send({ answer, position }))),
    make("small", { text: `r = ${rewards[answer].toFixed(1).replace("-", "−")}` }),
  ]))),
]);

class Step {
  text = ""; // what it shows

  /** @param {HTMLElement} root @param {import("../../../shared/live/mount.js").Tell} tell */
  constructor(root, tell) {
    this.root = root;
    this.tell = tell;
  }

  update(data) {
    const text = JSON.stringify(data);
    if (this.text === text) return;
    this.text = text;
    const send = (message) => this.tell("word", message);
    this.root.replaceChildren(side(data, send));
  }
}

const show = mountedAs((root, tell) => new Step(root, tell));

export default function step(call) {
  show(call);
}
