// @ts-check
// Latent spaces of two dimensions: where images lie in them and how widely; and a probe to carry through one.

import { draw, inkOf, MARGIN, put, scales, tenth, ticks } from "./draw.js";
import { short } from "./numbers.js";
import { Plot, titled } from "./plot.js";
import { carried, decodedAt, Inset } from "./probe.js";
import { along, between, decode } from "./tables.js";

const [WIDE, HIGH] = [10, 14]; // pixels that a digit takes
const AROUND = [-1, 0, 1].flatMap((right) => [-1, 0, 1].map((down) => [right, down]));
const AWAY = -99; // beyond the picture

/** @extends {Plot<import("./types").LatentPanel>} */
export class LatentPanel extends Plot {
  /** @type {import("./types").Cloud | null} what is drawn, and for which size */
  drawn = null;

  laid = "";

  constructor(spec, curves, uid, picture) {
    super(spec, spec.label);
    this.listens = false;
    this.prior = [1, 2].map((sd) => ({ sd, ring: draw("circle", { class: "prior" }) }));
    this.spreads = draw("g", { class: "spreads" });
    this.digits = draw("g");
    this.marks.append(this.spreads, ...this.prior.map(({ ring }) => ring), this.digits);
    this.node = titled(spec, this.svg);
    if (picture.scene.latent && !spec.still) this.addProbe(spec, picture);
    else put(this.svg, { role: "img" });
  }

  addProbe(spec, picture) {
    this.nearest = { ring: draw("path", { class: "nearest" }), wide: draw("path", { class: "nearest wide" }) };
    this.insets = [new Inset(), new Inset()];
    this.probe = draw("g", { class: "handle p" }, [draw("circle", { class: "reach", r: 22 }), draw("circle", { class: "knob", r: 8 })]);
    this.svg.append(this.nearest.wide, this.nearest.ring, ...this.insets.map(({ node }) => node), this.probe);
    const name = `${spec.label}. Arrow keys move the probe.`;
    put(this.svg, { tabindex: 0, role: "application", "aria-label": name, class: "plot latent carried" });
    carried(this.svg, picture, (x, y) => [this.scale.toX(x), this.scale.toY(y)]);
    this.svg.addEventListener("keydown", (event) => {
      const [right, up] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [0, 0];
      if (!right && !up) return;
      event.preventDefault();
      const step = event.shiftKey ? 0.5 : 0.1;
      picture.probeTo([picture.z[0] + right * step, picture.z[1] + up * step]);
      picture.probed();
    });
  }

  // Before anything is written: to be asked for a colour after that, the browser would have to match its styles in mid-frame.
  read() {
    if (this.probe) this.ink = inkOf(this.svg);
  }

  /** @param {import("./computed").Computed} state */
  draw(state) {
    const cloud = state.scene.clouds[this.spec.name];
    const { width, height } = this.size();
    // One unit is as wide as it is high.
    const span = along(decode(cloud.spans, Float32Array), state.position);
    const reach = span * Math.max(1, (width - MARGIN.left - MARGIN.right) / (height - MARGIN.top - MARGIN.bottom));
    this.scale = scales(width, height, [-reach, reach], [-span, span]);
    const signature = `${width} ${height} ${state.position}`;
    if (cloud !== this.drawn || signature !== this.laid) this.lay(cloud, state.position, width, height, span);
    [this.drawn, this.laid] = [cloud, signature];
    if (this.probe) this.drawProbe(state, width, height);
  }

  lay(cloud, position, width, height, span) {
    const labels = decode(cloud.labels, Uint8Array);
    const count = labels.length;
    this.places = between(decode(cloud.places, Int16Array), position, 2 * count);
    this.sizes = between(decode(cloud.spreads, Int16Array), position, 2 * count);
    for (const { sd, ring } of this.prior) {
      put(ring, { cx: tenth(this.scale.x(0)), cy: tenth(this.scale.y(0)), r: tenth(sd * this.scale.perX) });
    }
    this.group(labels);
    const apart = this.apart(count);
    for (const { all, text, spread } of this.kinds) {
      put(text, { x: all.map((i) => (apart[i] ? tenth(this.x(i)) : AWAY)).join(" "), y: all.map((i) => tenth(this.y(i) + 4)).join(" ") });
      put(spread, { d: all.map((i) => this.oval(i, 1)).join("") });
    }
    this.axis.replaceChildren(...ticks([-span, span], 6).map((value) => draw("text", {
      x: tenth(this.scale.x(value)), y: height - 6, "text-anchor": "middle", text: short(value),
    })));
  }

  // One element for all of a kind, and one for their spreads: a browser moves twenty elements at its display's rate,
  // and not a thousand.
  group(labels) {
    if (labels === this.labels) return;
    this.labels = labels;
    const kinds = [...new Set(labels)].sort();
    this.kinds = kinds.map((label) => {
      const all = Array.from(labels.keys()).filter((i) => labels[i] === label);
      const style = `--hue: ${36 * label}`;
      const text = draw("text", { class: "point", text: String(label).repeat(all.length), style });
      return { all, text, spread: draw("path", { style }) };
    });
    this.spreads.replaceChildren(...this.kinds.map(({ spread }) => spread));
    this.digits.replaceChildren(...this.kinds.map(({ text }) => text));
  }

  // Which digits can be read: one that would be printed over another stays away, and only its spread is seen.
  apart(count) {
    /** @type {Map<string, number[]>} those that are shown, by cells of a digit's size: only neighbours can meet */
    const shown = new Map();
    const meets = (i, column, row) => (shown.get(`${column} ${row}`) ?? [])
      .some((other) => Math.abs(this.x(i) - this.x(other)) < WIDE && Math.abs(this.y(i) - this.y(other)) < HIGH);
    return Array.from({ length: count }, (_, i) => {
      const [column, row] = [Math.floor(this.x(i) / WIDE), Math.floor(this.y(i) / HIGH)];
      if (AROUND.some(([right, down]) => meets(i, column + right, row + down))) return false;
      const cell = `${column} ${row}`;
      shown.set(cell, [...(shown.get(cell) ?? []), i]);
      return true;
    });
  }

  x(i) {
    return this.scale.x(this.places[2 * i]);
  }

  // Heights of curves end at the picture's edge; those of digits go on beyond it.
  y(i) {
    return this.scale.y(0) - this.places[2 * i + 1] * this.scale.perX;
  }

  // The posterior of one digit, so many standard deviations wide, as a path.
  oval(i, sds) {
    const [wide, high] = [tenth(sds * this.sizes[2 * i] * this.scale.perX), tenth(sds * this.sizes[2 * i + 1] * this.scale.perX)];
    return `M${tenth(this.x(i) - wide)} ${tenth(this.y(i))}a${wide} ${high} 0 1 0 ${2 * wide} 0a${wide} ${high} 0 1 0 ${-2 * wide} 0Z`;
  }

  drawProbe(state, width, height) {
    const [x, y] = state.z;
    put(this.probe, { transform: `translate(${tenth(this.scale.x(x))} ${tenth(this.scale.y(y))})` });
    const { latent } = state.scene;
    const near = this.nearestTo(x, y);
    put(this.nearest.ring, { d: this.oval(near, 1) });
    put(this.nearest.wide, { d: this.oval(near, 2) });
    const size = Math.round(Math.min(Math.max((width - height) / 2 - 8, 60), 128));
    const [left, right] = this.insets;
    const shown = decode(latent.digits, Uint8Array).subarray(64 * near, 64 * near + 64);
    left.show(Array.from(shown, (value) => value / 255), [6, 4, size], `nearest: a ${this.labels[near]}`, this.ink);
    const decoded = decodedAt(state);
    right.show(decoded.ink, [width - size - 6, 4, size], `decoded here${decoded.settled ? "" : ", preview"}`, this.ink);
  }

  nearestTo(x, y) {
    let [best, least] = [0, Infinity];
    for (let i = 0; i < this.labels.length; i += 1) {
      const far = (this.places[2 * i] - x) ** 2 + (this.places[2 * i + 1] - y) ** 2;
      if (far < least) [best, least] = [i, far];
    }
    return best;
  }
}
