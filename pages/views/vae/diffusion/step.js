// @ts-check
// One term: the two distributions that are compared on the walk, and their KL.

import { draw, make, put, tenth } from "../../../shared/live/draw.js";
import { decode } from "../../../shared/live/tables.js";
import { digits, state, termInWords } from "./words.js";

const [TOP, BOTTOM] = [10, 24];

export class Step {
  constructor() {
    this.title = make("h3");
    this.key = make("p", { class: "key" });
    this.svg = draw("svg", { class: "step", role: "img" });
    this.said = make("p", { class: "said" });
    this.node = make("div", { class: "step-side" }, [this.title, this.key, this.svg, this.said]);
    new ResizeObserver(() => this.scene && this.show(this.scene, this.at)).observe(this.svg);
  }

  show(scene, at) {
    this.scene = scene;
    this.at = at;
    const last = scene.signal.length - 1;
    const pair = scene.pairs[at - 1];
    const words = termInWords(at, last);
    put(this.title, { text: words.title });
    const inner = at > 1 && at <= last;
    this.key.replaceChildren(...[["q", words.q], ["p", words.p], ...(inner ? [["true", `the true step q(${state(at - 1)}|${state(at)})`]] : [])].map(([kind, text]) =>
      make("span", {}, [make("i", { class: kind }), text])));
    this.draw(pair, inner ? this.trueStep(at) : null, scene.span);
    const per = scene.unit.per_nat;
    put(this.said, { text: `${words.measure} on this walk: ${digits(per * pair.kl)} ${scene.unit.name}. On average: ${digits(per * scene.terms[at - 1])}, the bar.` });
    put(this.svg, { "aria-label": `${words.q} and ${words.p}; ${words.measure} is ${digits(per * pair.kl)} ${scene.unit.name} on this walk` });
  }

  // [places, density] of the true step.
  trueStep(at) {
    const table = decode(this.scene.true, Float32Array);
    const count = table.length / (this.scene.signal.length - 2);
    const row = table.subarray((at - 2) * count, (at - 1) * count);
    return [...row].map((height, i) => [-this.scene.span + (2 * this.scene.span * i) / (count - 1), height]);
  }

  // The normal with this mean and sd, from the standard one's table.
  bell([mean, sd]) {
    const table = decode(this.scene.bell, Float32Array);
    const half = table.length / 2;
    return [...table.subarray(0, half)].map((u, i) => [mean + sd * u, table[half + i] / sd]);
  }

  draw({ q, p }, truth, span) {
    const [width, height] = [this.svg.clientWidth || 400, this.svg.clientHeight || 200];
    const curves = [...(q[1] > 0 ? [["q", this.bell(q)]] : []), ["p", this.bell(p)], ...(truth ? [["true", truth]] : [])];
    const top = 1.08 * Math.max(...curves.flatMap(([, points]) => points.map(([, y]) => y)));
    const x = (value) => tenth(((value + span) / (2 * span)) * width);
    const y = (value) => tenth(TOP + (1 - value / top) * (height - TOP - BOTTOM));
    const path = (points) => `M${points.map(([a, b]) => `${x(a)} ${y(b)}`).join("L")}`;
    const low = height - BOTTOM;
    this.svg.replaceChildren(
      draw("line", { class: "axis", x1: 0, x2: width, y1: low, y2: low }),
      ...[-2, 0, 2].map((tick) => draw("text", { class: "tick", x: x(tick), y: height - 6, "text-anchor": "middle", text: String(tick).replace("-", "−") })),
      ...(q[1] > 0 ? [] : [draw("line", { class: "point", x1: x(q[0]), x2: x(q[0]), y1: TOP, y2: low })]),
      ...curves.flatMap(([kind, points]) => [...(kind === "true" ? [] : [draw("path", { class: `area ${kind}`, d: `${path(points)}Z` })]), draw("path", { class: `line ${kind}`, d: path(points) })]));
  }
}
