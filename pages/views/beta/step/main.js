// @ts-check
// The words of a step, shaded by how far a method pushes them: Streamlit calls it with every answer.

import { make } from "../../../shared/live/draw.js";

const told = new WeakMap();

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

export default function step({ data, parentElement, setTriggerValue }) {
  const text = JSON.stringify(data);
  const before = told.get(parentElement);
  if (before?.text === text) return;
  const root = before?.root ?? make("div");
  if (!before) parentElement.append(root);
  told.set(parentElement, { root, text });
  root.replaceChildren(side(data, (message) => setTriggerValue("word", message)));
}
