// @ts-check
// What a class has dragged: every answer as a pale ghost over what was given, and at Reveal the true one, which slides through them.

import { curveOf } from "../../shared/live/asking.js";
import { written } from "../../shared/live/curve.js";
import { bars, draw, eased, filled, line, make, mixed, put, scales, tenth, ticks } from "../../shared/live/draw.js";

const NARROW = matchMedia("(max-width: 640px)"); // as in room.css
const SECONDS = 1.8; // of the slide
const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const slid = new Set(); // the questions whose truth is in its place already

/** A curve with these numbers, by their keys. */
export const placed = (curve, keys, numbers) => {
  curve.values = keys.reduce((values, key, i) => written(values, key, numbers[i]), curve.values);
  return curve;
};

/** Where the numbers of a distribution stand. */
export const numbersOf = (curve, keys) => keys.map((key) => curve.get(key));

const sizes = () => (NARROW.matches ? [360, 240] : [640, 300]);

class Cloud {
  // told: the question's picture, { scene }.
  constructor(question, { scene }, mine) {
    this.question = question;
    this.discrete = scene.kind !== "continuous";
    this.view = scene.view;
    const [width, height] = sizes();
    this.width = width;
    this.height = height;
    this.xs = this.discrete ? scene.names.map((_, i) => i) : Float64Array.from({ length: 321 }, (_, i) => this.view[0] + ((this.view[1] - this.view[0]) * i) / 320);
    const curve = () => curveOf(scene, "q");
    const at = (numbers) => this.heights(placed(curve(), question.keys, numbers));
    this.start = numbersOf(curve(), question.keys);
    this.answers = question.tally.map(([numbers, count]) => ({ heights: at(numbers), count, mine: JSON.stringify(numbers) === JSON.stringify(mine) }));
    this.given = scene.curves.p ? this.heights(curveOf(scene, "p")) : null;
    this.truth = question.truth;
    this.at = at;
    const tallest = (all) => Math.max(0, ...all.flatMap((heights) => [...heights].filter(Number.isFinite)));
    const known = tallest([...(this.given ? [this.given] : []), ...(this.truth ? [at(this.truth)] : [])]);
    const top = this.discrete ? 1 : 1.15 * Math.min(tallest(this.answers.map(({ heights }) => heights).concat(this.given ? [this.given] : [])) || 1, 2.5 * known || Infinity);
    this.scale = scales(this.width, this.height, this.view, [0, Math.max(top, 1.15 * known)]);
    this.svg = draw("svg", { class: "ghosts", viewBox: `0 0 ${this.width} ${this.height}`, role: "img" });
    this.paint(scene);
  }

  heights(curve) {
    return curve.logDensity(Float64Array.from(this.xs)).map(Math.exp);
  }

  path(heights) {
    return this.discrete ? bars(this.xs, heights, this.scale, 0, 1) : line(this.xs, heights, this.scale);
  }

  paint({ names }) {
    const { scale } = this;
    const base = tenth(scale.y(0));
    const marks = this.discrete ? this.xs.map((x, i) => [x, names[i]]) : ticks(this.view, 6).map((x) => [x, String(x).replace("-", "−")]);
    this.svg.append(
      draw("line", { class: "base", x1: 0, x2: this.width, y1: base, y2: base }),
      ...marks.map(([x, text]) => draw("text", { class: "tick", x: tenth(scale.x(x)), y: this.height - 4, "text-anchor": "middle", text })),
    );
    if (this.given) this.svg.append(draw("path", { class: "given", d: this.discrete ? this.path(this.given) : filled(this.path(this.given), scale) }));
    const everybody = this.answers.reduce((sum, { count }) => sum + count, 0);
    for (const { heights, count, mine } of this.answers) {
      const opacity = mine ? 1 : Math.min(0.12 + (1.5 * count) / Math.sqrt(everybody + 3), 0.85);
      this.svg.append(draw("path", { class: mine ? "ghost mine" : "ghost", d: this.discrete ? this.tops(heights) : this.path(heights), opacity: tenth(10 * opacity) / 10 }));
    }
    if (!this.truth) return;
    this.true = draw("path", { class: "truth" });
    this.svg.append(this.true);
    this.slide();
  }

  // Bars over bars would hide each other: of a ghost's, the tops alone are drawn.
  tops(heights) {
    const wide = 0.4 * this.scale.perX;
    return [...heights].map((height, i) => `M${tenth(this.scale.x(i) - wide)} ${tenth(this.scale.y(height))}h${tenth(2 * wide)}`).join("");
  }

  // Once for each question; who comes later finds it there.
  slide() {
    const show = (numbers) => put(this.true, { d: this.path(this.at(numbers)) });
    const name = this.question.ask + this.question.number;
    if (STILL.matches || slid.has(name)) return show(this.truth);
    slid.add(name);
    const begun = performance.now();
    const step = (now) => {
      const t = Math.min(Math.max((now - begun) / (1000 * SECONDS), 0), 1);
      show(mixed(this.start, this.truth, eased(t)));
      if (t < 1) requestAnimationFrame(step);
    };
    step(begun);
  }
}

const swatch = (name, text) => make("span", { class: `swatch ${name}` }, [make("i"), text]);

// question: with its tally; told: its picture; mine: what this phone has said, or null.
export const ghosts = (question, told, mine) => {
  const { svg } = new Cloud(question, told, mine);
  const everybody = question.tally.reduce((sum, [, count]) => sum + count, 0);
  put(svg, { "aria-label": `${everybody} answers over what was given${question.truth ? ", and the true one" : ""}.` });
  const legend = [
    ...(told.scene.curves.p ? [swatch("given", told.scene.curves.p.label)] : []), swatch("ghost", everybody === 1 ? "1 answer" : `${everybody} answers`),
    ...(mine ? [swatch("mine", "yours")] : []), ...(question.truth ? [swatch("truth", "true")] : []),
  ];
  return make("div", { class: "cloud" }, [svg, make("p", { class: "legend" }, legend)]);
};
