// @ts-check
// The first calls of a run as words, and what each draft length would give.

import { draw, make, put, tenth } from "../../../shared/live/draw.js";

export class Calls {
  constructor() {
    this.node = make("ol", { class: "calls" });
  }

  show({ run, names }) {
    this.node.replaceChildren(...run.calls.map(({ drafts, accepted, last }) => make("li", {}, [
      ...drafts.map((word, i) => {
        const [kind, title] = i < accepted ? ["kept", "kept"] : i === accepted ? ["no", "rejected by P"] : ["unseen", "after a rejected word: thrown away"];
        return make("span", { class: `chip ${kind}`, title }, [names[word]]);
      }),
      make("span", { class: "chip own", title: accepted < drafts.length ? "drawn from the residual" : "all were kept: P adds one" }, [names[last]]),
    ])));
  }
}

const [LEFT, TOP, BOTTOM, RIGHT] = [34, 14, 34, 14];

export class Lengths {
  constructor() {
    this.svg = draw("svg", { class: "lengths", role: "img" });
    this.note = make("p", { class: "note" });
    this.node = make("div", {}, [make("h3", { text: "Is a longer draft better?" }), this.svg, this.note]);
    new ResizeObserver(() => this.scene && this.draw()).observe(this.svg);
  }

  show(scene) {
    this.scene = scene;
    this.draw();
  }

  draw() {
    const { by_length: tokens, speed, gamma, cost, best } = this.scene;
    const [width, height] = [this.svg.clientWidth || 400, this.svg.clientHeight || 200];
    const top = Math.max(...tokens, 2) * 1.08;
    const x = (k) => tenth(LEFT + (k - 1) / (tokens.length - 1) * (width - LEFT - RIGHT - 66));
    const y = (value) => tenth(TOP + (1 - value / top) * (height - TOP - BOTTOM));
    const path = (values) => `M${values.map((value, i) => `${x(i + 1)} ${y(value)}`).join("L")}`;
    const end = x(tokens.length) + 8;
    const [low, high] = [y(speed[speed.length - 1]), Math.min(y(tokens[tokens.length - 1]), y(speed[speed.length - 1]) - 16)];
    const step = top > 6 ? 2 : 1;
    const levels = Array.from({ length: Math.floor(top / step) + 1 }, (_, i) => i * step);
    this.svg.replaceChildren(
      ...levels.flatMap((level) => [draw("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(level), y2: y(level) }), draw("text", { class: "tick", x: LEFT - 8, y: y(level) + 4, "text-anchor": "end", text: String(level) })]),
      draw("line", { class: "rule", x1: x(gamma), x2: x(gamma), y1: TOP, y2: height - BOTTOM }),
      draw("path", { class: "words", d: path(tokens) }), draw("path", { class: "speed", d: path(speed) }),
      draw("circle", { class: "words", cx: x(gamma), cy: y(tokens[gamma - 1]), r: 5 }), draw("circle", { class: "speed", cx: x(gamma), cy: y(speed[gamma - 1]), r: 5 }),
      draw("text", { class: "words", x: end, y: high + 4, text: "words" }), draw("text", { class: "speed", x: end, y: low + 4, text: "speed-up" }),
      ...[1, 4, 8, 12].map((k) => draw("text", { class: "tick", x: x(k), y: height - 14, "text-anchor": "middle", text: k === 1 ? "γ = 1" : String(k) })),
    );
    put(this.svg, { "aria-label": `Words per call of P and speed-up against the draft length; best at ${best}` });
    put(this.note, { text: `Every drafted word takes ${Math.round(100 * cost)} % of the time of a call of P. Then γ = ${best} is fastest: ${speed[best - 1].toPrecision(3)} times P alone.` });
  }
}
