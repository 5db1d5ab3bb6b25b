// The controls around the panes: Run, the scrubber, and a quiet drawer for the rest.

import { make, put } from "../../../shared/live/draw.js";

const icon = (d) => {
  const node = make("span", { class: "icon", "aria-hidden": "true" });
  node.innerHTML = `<svg viewBox="0 0 24 24"><path d="${d}"/></svg>`;
  return node;
};
const PLAY = "M7 4.5v15l12-7.5z";
const PAUSE = "M7 5h4v14H7zM13 5h4v14h-4z";

export class RunButton {
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

// The run's steps under the hand.
export class Scrubber {
  constructor(go) {
    this.input = make("input", { type: "range", min: 0, max: 1, step: "any", value: 0, "aria-label": "Step of the run" });
    this.words = make("span", { class: "step-words" });
    this.node = make("label", { class: "scrub" }, [this.input, this.words]);
    this.input.addEventListener("input", () => go(Number(this.input.value)));
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
      const node = make("button", { type: "button", class: "quiet", text, "aria-label": label });
      node.addEventListener("click", () => change(by));
      return node;
    };
    [this.fewer, this.more] = [button("− hill", "Remove a hill", -1), button("+ hill", "Add a hill", 1)];
    this.node = make("div", { class: "hill-count" }, [this.fewer, this.more]);
  }

  show(hills, most) {
    this.node.hidden = !hills;
    if (!hills) return;
    this.fewer.disabled = hills.locs.length < 2;
    this.more.disabled = hills.locs.length >= most;
  }
}

const select = (label, changed) => {
  const input = make("select", { "aria-label": label });
  input.addEventListener("change", () => changed(input.value));
  const node = make("label", { class: "setting" }, [make("span", { text: label }), input]);
  return { input, node };
};

const SPEEDS = { "0.25": "¼ ×", "0.5": "½ ×", 1: "1 ×", 2: "2 ×", 4: "4 ×" };

export class Drawer {
  // set({optimiser | rate}); faster(speed); drop(): 25 balls; step(by).
  constructor({ set, faster, drop, step }) {
    this.optimiser = select("Optimiser", (value) => set({ optimiser: value }));
    this.rate = select("Learning rate", (value) => set({ rate: Number(value) }));
    this.speed = select("Speed", (value) => faster(Number(value)));
    this.speed.input.append(...Object.entries(SPEEDS).map(([value, text]) => make("option", { value, text })));
    this.speed.input.value = "1";
    const button = (text, act) => {
      const node = make("button", { type: "button", class: "quiet", text });
      node.addEventListener("click", act);
      return node;
    };
    this.node = make("details", { class: "drawer" }, [
      make("summary", { text: "Speed and step size" }),
      make("div", { class: "settings" }, [this.optimiser.node, this.rate.node, this.speed.node,
        make("div", { class: "steps" }, [button("− step", () => step(-1)), button("+ step", () => step(1))])]),
    ]);
    this.balls = button("Drop 25 balls", drop);
    this.balls.title = "25 Qs start everywhere at once: see which valley catches each.";
  }

  show({ optimisers, rates, optimiser, rate }) {
    const fill = (input, values, chosen) => {
      if (input.options.length !== values.length) input.replaceChildren(...values.map((value) => make("option", { value, text: String(value).replaceAll("_", " ") })));
      input.value = String(chosen);
    };
    fill(this.optimiser.input, optimisers, optimiser);
    fill(this.rate.input, rates, rate);
  }
}
