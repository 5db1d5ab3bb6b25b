// @ts-check
// Time, temperature, β: one number along which Python has computed a track for every curve, moved through by hand
// or played. Between two computed places everything is interpolated.

import { make, put } from "./draw.js";
import { written } from "./curve.js";
import { along, decode } from "./tables.js";

const SHORT = 4; // letters of a unit after which no number is wider than the place that it has in the style sheet

export class Scrubber {
  constructor(picture, spec) {
    this.picture = picture;
    this.spec = spec;
    this.play = this.button("Play", () => this.toggle());
    this.range = make("input", { type: "range", min: 0, step: "any", "aria-label": spec.label });
    this.range.addEventListener("change", () => picture.scrubbed());
    this.range.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 }[event.key];
      if (!steps) return;
      event.preventDefault();
      this.stepBy(event.shiftKey ? 10 * steps : steps);
    });
    this.label = make("output", { class: "position", "data-quantity": "position" });
    this.range.addEventListener("input", () => {
      this.stop();
      picture.moveTo(Number(this.range.value));
    });
    this.node = make("div", { class: "scrubber" }, [
      this.play, this.step("◀", -1, "One step back"), this.step("▶", 1, "One step on"),
      this.range, make("div", { class: spec.unit.length > SHORT ? "place" : "place short" }, [this.label]),
    ]);
  }

  button(text, act, name = text) {
    const node = make("button", { type: "button", text, "aria-label": name });
    node.addEventListener("click", act);
    return node;
  }

  step(text, by, name) {
    const node = this.button(text, () => this.stepBy(by), name);
    node.classList.add("step");
    return node;
  }

  stepBy(step) {
    this.stop();
    this.picture.moveTo(Math.round(this.picture.position) + step);
    this.picture.scrubbed();
  }

  toggle() {
    if (this.playing) return this.pause();
    const { picture } = this;
    if (picture.position >= picture.last) picture.moveTo(0);
    const from = picture.position;
    const start = performance.now();
    const seconds = (this.spec.seconds ?? 6) * (1 - from / picture.last);
    put(this.play, { text: "Pause", "aria-label": "Pause" });
    const step = (now) => {
      const t = Math.min((now - start) / (1000 * seconds), 1);
      picture.moveTo(from + (picture.last - from) * t);
      this.playing = t < 1 ? requestAnimationFrame(step) : null;
      if (t === 1) this.pause();
    };
    this.playing = requestAnimationFrame(step);
    return null;
  }

  pause() {
    this.stop();
    this.picture.scrubbed();
    return null;
  }

  stop() {
    cancelAnimationFrame(this.playing);
    this.playing = null;
    put(this.play, { text: "Play", "aria-label": "Play" });
  }

  show(position, words) {
    put(this.range, { max: String(this.picture.last) });
    this.range.value = String(position);
    put(this.range, { "aria-valuetext": words });
    put(this.label, { text: words, "data-value": String(position), "data-state": "settled" });
  }
}

// Every curve's parameters and every number's value along the scrubber.
export class Tracks {
  constructor(scrub) {
    this.values = decode(scrub.values);
    this.length = this.values.length;
    const opened = (group) => Object.fromEntries(Object.entries(group).map(([name, text]) => [name, decode(text)]));
    this.curves = Object.fromEntries(Object.entries(scrub.curves ?? {}).map(([id, tracks]) => [id, opened(tracks)]));
    this.numbers = opened(scrub.numbers);
  }

  apply(position, curves) {
    for (const [id, tracks] of Object.entries(this.curves)) {
      for (const [key, track] of Object.entries(tracks)) {
        curves[id].values = written(curves[id].values, key, along(track, position));
      }
    }
  }

  number(quantity, position) {
    return this.numbers[quantity] ? along(this.numbers[quantity], position) : null;
  }
}
