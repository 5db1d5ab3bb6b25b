// @ts-check
// Gradients with their noise: the finding, the arrows with their ellipses, a table, and the slider of the sampler.

import { make, put } from "../../../shared/live/draw.js";
import { decode } from "../../../shared/live/tables.js";
import { Plane } from "../../../shared/plane/plane.js";
import { offInWords, samplerInWords, spreadInWords, verdict } from "./words.js";

const LIGHTEST = [1, 0.55, 0.25]; // how strongly the parts of a bar are filled

export class Screen {
  constructor(root, left) {
    this.left = left;
    this.share = 0;
    this.finding = make("p", { class: "finding", role: "status", "aria-live": "polite" });
    const picture = make("div");
    this.plane = new Plane(picture);
    this.bars = make("div", { class: "bars" });
    this.table = make("tbody");
    const head = ["loss", "expected gradient", "noise (one sd)"].map((text) => make("th", { scope: "col", text }));
    this.value = make("output", { "data-quantity": "mu" });
    this.slider = make("input", { type: "range", min: 0, max: 1, step: 0.025, "aria-label": "The sampler μ, from π to π_ref" });
    this.slider.addEventListener("input", () => { this.share = Number(this.slider.value); this.draw(); });
    this.slider.addEventListener("change", () => this.left(this.share));
    const sampler = make("label", { class: "sampler" }, [
      this.value, this.slider, make("span", {}, ["π, on-policy"]), make("span", { text: "π_ref" })]);
    root.replaceChildren(make("div", { class: "noise" }, [
      this.finding, make("div", { class: "two" }, [picture,
      make("div", { class: "beside" }, [sampler, this.bars, make("table", {}, [make("thead", {}, [make("tr", {}, head)]), this.table])])]),
    ]));
  }

  update(data) {
    const first = !this.data;
    this.data = data;
    this.losses = data.losses.map((loss) => ({
      ...loss,
      outline: decode(loss.outline, Float32Array),
      ...Object.fromEntries(["mean", "angle", "length", "error", "back_error", "spread"].map((name) => [name, decode(loss[name], Float64Array)])),
    }));
    if (first) this.share = data.start;
    this.draw();
  }

  draw() {
    const { data } = this;
    const at = Math.round(this.share * (data.shares - 1));
    const measured = this.losses.map((loss) => ({
      name: loss.name, angle: loss.angle[at], length: loss.length[at], error: loss.error[at], backError: loss.back_error[at], spread: loss.spread[at],
    }));
    put(this.finding, { text: verdict(this.share, measured) });
    this.plane.update({ ...data.plane, lines: [...data.plane.lines, ...this.losses.flatMap((loss) => this.lines(loss, at))] });
    put(this.value, { text: samplerInWords(this.share), "data-value": String(this.share) });
    this.slider.value = String(this.share);
    this.slider.style.setProperty("--done", `${100 * this.share}%`);
    put(this.slider, { "aria-valuetext": samplerInWords(this.share) });
    this.bars.replaceChildren(...data.bars.flatMap((bar) => this.three(bar, at)));
    this.table.replaceChildren(...measured.map((one, i) => make("tr", {}, [
      make("th", { scope: "row", class: `c${this.losses[i].colour}`, text: one.name }),
      make("td", { text: offInWords(one) }), make("td", { text: spreadInWords(one.spread) })])));
  }

  // A loss as the plane's lines: the ellipse around the tip of its arrow.
  lines({ name, colour, outline, mean }, at) {
    const { points } = this.data;
    const row = outline.subarray(2 * at * points, 2 * (at + 1) * points);
    const column = (k) => Array.from({ length: points }, (_, i) => row[2 * i + k]);
    const tip = mean.subarray(2 * at, 2 * at + 2);
    return [
      { name: "", xs: column(0), ys: column(1), style: "outline", colour, joined: true },
      { name, xs: [0, tip[0]], ys: [0, tip[1]], style: "arrow", colour, joined: true },
    ];
  }

  // π, μ and π_ref as bars under each other.
  three({ name, parts, shares }, at) {
    const table = decode(shares, Float64Array);
    const bar = (title, place) => make("div", { class: "bar" }, [make("b", { text: title }), make("div", { class: "parts" }, parts.map((part, i) => {
      const share = table[place * parts.length + i];
      const node = make("span", { text: share > 0.07 ? part : "", title: `${part}: ${share.toPrecision(3)}` });
      node.style.width = `${100 * share}%`;
      node.style.setProperty("--fill", `${100 * LIGHTEST[i]}%`);
      return node;
    }))]);
    const heading = name ? [make("p", { class: "group", text: name })] : [];
    return [make("div", {}, [...heading, bar("π", 0), bar("μ", at), bar("π_ref", this.data.shares - 1)])];
  }
}
