// @ts-check
// The words of a step, shaded by how far each method pushes them: Streamlit calls it with every answer.

import { make } from "../../../shared/live/draw.js";

const told = new WeakMap();

const word = (text, push, chosen, press) => {
  const node = make("button", { type: "button", class: `${push > 0 ? "up" : "down"}${chosen ? " chosen" : ""}`, "aria-pressed": String(chosen), text });
  node.style.setProperty("--push", Math.abs(push).toFixed(3));
  node.addEventListener("click", press);
  return node;
};

const side = (data, name, pushes, send) => make("div", {}, [
  make("h3", { text: name }),
  make("ol", {}, data.texts.map((texts, answer) => make("li", {}, [
    ...texts.map((text, position) => word(text, pushes[answer][position], data.chosen[0] === answer && data.chosen[1] === position, () => send({ answer, position }))),
    make("small", { text: `r = ${data.rewards[answer].toFixed(1).replace("-", "−")}` }),
  ]))),
]);

export default function step({ data, parentElement, setTriggerValue }) {
  const text = JSON.stringify(data);
  const before = told.get(parentElement);
  if (before?.text === text) return;
  const root = before?.root ?? make("div");
  if (!before) parentElement.append(root);
  told.set(parentElement, { root, text });
  const send = (message) => setTriggerValue("word", message);
  root.replaceChildren(
    make("p", { class: "key" }, [make("i", { class: "up" }), "pushed up ", make("i", { class: "down" }), "pushed down. Press a word."]),
    make("div", { class: "beta-screen step" }, data.names.map((name, i) => side(data, name, data.pushes[i], send))),
  );
}
