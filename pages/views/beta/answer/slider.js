// @ts-check
// The slider from β = ∞ to β = 0: the rows of the usual table are its stops.

import { make, put } from "../../../shared/live/draw.js";
import { betaInWords } from "./verdict.js";

// Between two frames 1/β is even above 0.5, log β down to 0.01, then β itself, as on the server.
const scaleOf = (high, low) => {
  if (high > 0.5 * (1 + 1e-9)) return { to: (beta) => 1 / beta, from: (value) => 1 / value };
  if (low < 0.01 * (1 - 1e-9)) return { to: (beta) => beta, from: (value) => value };
  return { to: Math.log, from: Math.exp };
};

// β at a part of the way from one frame to the next.
export const betaBetween = (high, low, part) => {
  if (part === 0 || part === 1) return part ? low : high;
  const { to, from } = scaleOf(high, low);
  return from((1 - part) * to(high) + part * to(low));
};

// The place of a β among those of the frames, which fall.
export const placeOf = (beta, betas) => {
  const last = betas.length - 1;
  const right = betas.findIndex((other) => other <= beta);
  if (right <= 0) return right === 0 ? 0 : 1;
  const [high, low] = [betas[right - 1], betas[right]];
  const { to } = scaleOf(high, low);
  const part = (to(beta) - to(high)) / (to(low) - to(high));
  return (right - 1 + part) / last;
};

export class Slider {
  // moved(place): under the hand. left(): the hand has let go. held(): a hand takes over from the autoplay.
  constructor({ moved, left, held }) {
    this.value = make("output", { class: "beta", "data-quantity": "beta" });
    this.input = make("input", { type: "range", min: 0, max: 1, step: 0.001, "aria-label": "β, the price of KL, from ∞ to 0" });
    this.best = make("span", { class: "best-mark", title: "the best β" }, [make("b", { text: "best for the user" })]);
    this.stops = make("div", { class: "stops" });
    this.node = make("div", { class: "slider" }, [this.value, make("div", { class: "rail" }, [this.best, this.input]), this.stops]);
    this.input.addEventListener("input", () => moved(Number(this.input.value)));
    this.input.addEventListener("change", left);
    for (const begin of ["pointerdown", "keydown"]) this.input.addEventListener(begin, held);
    this.chosen = (place) => { held(); moved(place); left(); };
  }

  adopt({ stops, best }) {
    this.stops.replaceChildren(...stops.map(({ place, beta, words, was }) => {
      const node = make("button", { type: "button", class: "stop", style: `left: ${100 * place}%` }, [make("i"), make("b", { text: beta }), make("span", {}, was ? [make("s", { text: was }), ` ${words}`] : [words])]);
      node.addEventListener("click", () => this.chosen(place));
      if (place === 0) node.classList.add("first");
      if (place === 1) node.classList.add("last");
      return node;
    }));
    this.bestPlace = best.place;
    this.best.style.setProperty("--best", String(best.place));
  }

  show(place, beta) {
    this.input.value = String(place);
    const words = `β = ${betaInWords(beta)}`;
    put(this.value, { text: words, "data-value": String(beta), "data-state": "settled" });
    put(this.input, { "aria-valuetext": words });
    this.best.classList.toggle("covered", Math.abs(place - this.bestPlace) < 0.13); // by β's own name
    this.value.style.setProperty("--place", String(place));
    this.input.style.setProperty("--done", `${100 * place}%`);
  }
}
