// @ts-check
// The controls around the panes: Run, the run's steps, and a quiet drawer for the optimiser.

import { make, put } from "../../../shared/live/draw.js";

const icon = (d) => {
  const node = make("span", { class: "icon", "aria-hidden": "true" });
  node.innerHTML = `<svg viewBox="0 0 24 24"><path d="${d}"/></svg>`;
  return node;
};
const PLAY = "M7 4.5v15l12-7.5z";
const PAUSE = "M7 5h4v14H7zM13 5h4v14h-4z";
const BACK = "M6 5h3v14H6zM20 5v14l-9-7z";
const ON = "M15 5h3v14h-3zM4 5v14l9-7z";

export const quietButton = (text, act) => {
  const node = make("button", { type: "button", class: "quiet", text });
  node.addEventListener("click", act);
  return node;
};

export class RunButton {
  /** @type {boolean | undefined} */
  playing;

  constructor(pressed) {
    this.word = make("span", { text: "Run" });
    this.holder = make("span", { class: "icons" });
    this.node = make("button", { type: "button", class: "run" }, [this.holder, this.word]);
    this.node.addEventListener("click", pressed);
    this.show(false);
  }

  show(playing) {
    if (this.playing === playing) return;
    this.playing = playing;
    put(this.word, { text: playing ? "Pause" : "Run" });
    this.holder.replaceChildren(icon(playing ? PAUSE : PLAY));
  }
}

const SPEEDS = { "0.25": "¼ ×", "0.5": "½ ×", 1: "1 ×", 2: "2 ×", 4: "4 ×" };

// The run's steps under the hand: to any, on by one, back by one, and how fast they pass.
export class Scrubber {
  constructor({ go, step, faster }) {
    this.input = make("input", { type: "range", min: 0, max: 1, step: "any", value: 0, "aria-label": "Step of the run" });
    this.words = make("span", { class: "step-words" });
    const button = (d, label, by) => {
      const node = make("button", { type: "button", class: "quiet", "aria-label": label, title: label }, [icon(d)]);
      node.addEventListener("click", () => step(by));
      return node;
    };
    this.speed = make("select", { "aria-label": "Speed", title: "Speed" }, Object.entries(SPEEDS).map(([value, text]) => make("option", { value, text })));
    this.speed.value = "1";
    this.speed.addEventListener("change", () => faster(Number(this.speed.value)));
    this.node = make("div", { class: "scrub" }, [button(BACK, "One step back", -1), button(ON, "One step on", 1), this.input, this.words, this.speed]);
    this.input.addEventListener("input", () => go(Number(this.input.value)));
    for (const [key, by] of Object.entries({ ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 })) {
      this.input.addEventListener("keydown", (event) => {
        if (event.key !== key) return;
        event.preventDefault();
        step(by);
      });
    }
  }

  show(place, last) {
    put(this.input, { max: last });
    this.input.value = String(place);
    put(this.words, { text: `step ${Math.round(place)} of ${last}` });
    put(this.input, { "aria-valuetext": this.words.textContent });
  }
}

// P may have a hill more or less.
export class HillCount {
  constructor(change) {
    const button = (text, label, by) => {
      const node = quietButton(text, () => change(by));
      put(node, { "aria-label": label });
      return node;
    };
    this.fewer = button("− hill", "Remove a hill", -1);
    this.more = button("+ hill", "Add a hill", 1);
    this.node = make("div", { class: "hill-count" }, [this.fewer, this.more]);
  }

  show(hills, most) {
    this.node.hidden = !hills;
    if (!hills) return;
    this.fewer.disabled = hills.locs.length < 2;
    this.more.disabled = hills.locs.length >= most;
  }
}

// A parameter of Q's family that stays where a hand puts it: the degrees of freedom of a Student-t.
export class Freedom {
  /** @type {number[]} */
  stops = [];

  constructor(chosen) {
    this.input = make("input", { type: "range", min: 0, step: 1, "aria-label": "Degrees of freedom of Q" });
    this.words = make("span");
    this.node = make("label", { class: "freedom" }, [this.words, this.input]);
    this.input.addEventListener("input", () => this.say(this.stops[Number(this.input.value)]));
    this.input.addEventListener("change", () => chosen(this.stops[Number(this.input.value)]));
  }

  // freedom: {stops, value}, or null where Q's family has none.
  show(freedom) {
    this.node.hidden = !freedom;
    if (!freedom) return;
    this.stops = freedom.stops;
    put(this.input, { max: this.stops.length - 1 });
    const place = this.stops.findIndex((stop) => stop >= freedom.value);
    this.input.value = String(place < 0 ? this.stops.length - 1 : place);
    this.say(freedom.value);
  }

  say(value) {
    const words = `df ${value}${value === 1 ? " (Cauchy)" : ""}`;
    put(this.words, { text: words });
    put(this.input, { "aria-valuetext": words });
  }
}

const select = (label, changed) => {
  const input = make("select", { "aria-label": label });
  input.addEventListener("change", () => changed(input.value));
  const node = make("label", { class: "setting" }, [make("span", { text: label }), input]);
  return { input, node };
};

// The optimiser and its learning rate.
export class Drawer {
  /** @type {string | undefined} */
  signature;

  // set({optimiser | rate})
  constructor(set) {
    this.optimiser = select("Optimiser", (value) => set({ optimiser: value }));
    this.rate = select("Learning rate", (value) => set({ rate: Number(value) }));
    this.settings = make("div", { class: "settings" }, [this.optimiser.node, this.rate.node]);
    this.node = make("details", { class: "drawer" }, [make("summary", { text: "Optimiser" }), this.settings]);
  }

  show({ optimisers, rates, optimiser, rate }) {
    const signature = JSON.stringify([optimisers, rates, rate]);
    if (signature !== this.signature) {
      this.signature = signature;
      const all = rates.includes(rate) ? rates : [...rates, rate].sort((a, b) => a - b); // a link may ask for any
      this.optimiser.input.replaceChildren(...optimisers.map(({ key, label }) => make("option", { value: key, text: label })));
      this.rate.input.replaceChildren(...all.map((value) => make("option", { value, text: String(value) })));
    }
    this.optimiser.input.value = optimiser;
    this.rate.input.value = String(rate);
  }
}
