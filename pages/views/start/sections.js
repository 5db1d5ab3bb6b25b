// @ts-check
// The words of the story: ten sections of real text, each with what it asks for, its numbers and its buttons.

import { draw, make } from "../../shared/live/draw.js";
import { icons } from "./icons.js";
import { definition } from "./typeset.js";
import { figure, pieces } from "./words.js";

export const pictogram = (name) => draw("svg", { viewBox: "0 0 24 24", class: `icon ${name}`, "aria-hidden": "true" }, [draw("path", { d: icons[name] })]);

// Words in which the letters P and Q have their colours.
const inked = (words) => pieces(words).map((part) => (part === "P" || part === "Q" ? make("span", { class: part.toLowerCase(), text: part }) : part));

const said = (tag, cls, words, attributes = {}) => make(tag, { class: cls, ...attributes }, inked(words));

const same = (node, words) => {
  if (node.dataset.words === words) return;
  node.dataset.words = words;
  node.replaceChildren(...inked(words));
};

export class Section {
  constructor(number, words, count, next, host) {
    this.host = host;
    this.count = count;
    this.nodes = {
      sentence: said("p", "sentence", words.sentence),
      task: make("p", words.task ? { class: "task" } : { class: "task", hidden: "" }, [pictogram("hand"), make("span", {}, inked(words.task))]),
      buttons: make("div", { class: "buttons" }),
      readouts: make("div", { class: "readouts" }),
      says: make("p", { class: "says", "aria-live": "polite" }),
      picture: make("p", { class: "unseen" }),
    };
    this.words = words;
    this.heading = said(number === 1 ? "h1" : "h2", "heading", words.heading, { id: `scene-${number}`, tabindex: -1 });
    this.next = next ? make("a", { class: "next", href: `?scene=${number + 1}` }, [`Next: ${next}`, pictogram("down")]) : null;
    this.next?.addEventListener("click", (event) => {
      event.preventDefault();
      host.walk(number, true);
    });
    this.body = make("div", { class: "body" }, [
      make("p", { class: "kicker" }, [make("b", { text: words.name }), ` ${number} of ${count}`]), this.heading, ...Object.values(this.nodes),
      ...(number === 1 ? [make("div", { class: "toward" }, ["In ten scenes to ", definition()])] : []), ...(this.next ? [this.next] : []),
    ]);
    this.node = make("section", { "data-scene": number, "aria-labelledby": `scene-${number}` }, [this.body]);
    this.made = new Map();
    this.outputs = new Map();
  }

  update(scene, state, data, m) {
    const done = scene.done(state);
    if (done) this.node.setAttribute("data-done", "");
    this.node.classList.toggle("done", done);
    const { sentence, says, picture, task } = this.nodes;
    same(sentence, done && this.words.after ? this.words.after : this.words.sentence);
    same(says, done ? scene.says(state, data) : this.words.note ?? "");
    same(picture, `The picture: ${scene.describe(state, data)}`);
    const asks = scene.asks?.(state) ?? (done ? "" : this.words.task);
    task.hidden = !asks;
    same(task.lastElementChild, asks);
    this.buttons(scene.buttons?.(state, m, data) ?? []);
    this.readouts(scene.readouts?.(state, data) ?? []);
  }

  buttons(wanted) {
    const keys = new Set(wanted.map((action) => action.key));
    for (const [key, node] of this.made) if (!keys.has(key)) { node.remove(); this.made.delete(key); }
    for (const action of wanted) {
      let node = this.made.get(action.key);
      if (!node) {
        node = make("button", { type: "button", "data-action": action.key });
        node.addEventListener("click", () => { node.act(); this.host.changed(); });
        this.made.set(action.key, node);
        this.nodes.buttons.append(node);
      }
      node.act = action.act;
      node.className = `${action.main ? "main" : ""} ${action.small ? "small" : ""}`;
      if (action.pressed !== undefined) node.setAttribute("aria-pressed", String(action.pressed));
      const look = `${action.icon ?? ""}|${action.label}`;
      if (node.dataset.look !== look) node.replaceChildren(...(action.icon ? [pictogram(action.icon)] : []), make("span", {}, inked(action.label)));
      node.dataset.look = look;
    }
  }

  readouts(wanted) {
    const keys = new Set(wanted.map((readout) => readout.quantity));
    for (const [key, node] of this.outputs) if (!keys.has(key)) { node.remove(); this.outputs.delete(key); }
    for (const readout of wanted) {
      let row = this.outputs.get(readout.quantity);
      if (!row) {
        row = make("div", { class: "readout" }, [make("output", { "data-quantity": readout.quantity, "aria-live": "off" }), make("span", { class: "label" }), make("span", { class: "past" })]);
        this.outputs.set(readout.quantity, row);
        this.nodes.readouts.append(row);
      }
      const [output, label, past] = row.children;
      row.classList.toggle("large", Boolean(readout.large));
      row.classList.toggle("row", readout.past !== undefined);
      same(past, readout.past ?? "");
      output.setAttribute("data-value", String(readout.value));
      output.setAttribute("data-state", readout.preview ? "preview" : "settled");
      if (output.textContent !== figure(readout.value)) output.textContent = figure(readout.value);
      same(label, readout.label);
    }
  }

  // Only the scene on screen takes the Tab key; all can be read and pressed.
  current(yes) {
    for (const node of this.body.querySelectorAll("button, a")) node.tabIndex = yes ? 0 : -1;
    this.node.classList.toggle("current", yes);
  }
}
