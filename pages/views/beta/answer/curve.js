// @ts-check
// Both rewards against √KL, from a common zero at β = ∞, drawn as far as one has been.

import { draw, put, tenth } from "../../../shared/live/draw.js";

const [LEFT, RIGHT, TOP, BOTTOM] = [34, 12, 14, 26];

export class Curve {
  width = 400;

  height = 240;

  constructor() {
    this.grid = draw("g", { class: "grid" });
    this.lines = { proxy: draw("path", { class: "proxy" }), gold: draw("path", { class: "gold" }) };
    this.dots = { proxy: draw("circle", { class: "proxy", r: 5 }), gold: draw("circle", { class: "gold", r: 7 }) };
    this.names = { proxy: draw("text", { class: "proxy", text: "reward model" }), gold: draw("text", { class: "gold", text: "true reward" }) };
    this.best = draw("g", { class: "best" }, [draw("line"), draw("text", { "text-anchor": "middle" })]);
    this.svg = draw("svg", { class: "curve", role: "img", "aria-label": "Reward gained over β = ∞ against the square root of KL: the reward model's score rises, the true reward peaks and falls" }, [
      this.grid, this.best, ...Object.values(this.lines), ...Object.values(this.dots), ...Object.values(this.names),
    ]);
  }

  adopt(frames) {
    this.frames = frames;
    const highest = Math.max(...frames.proxy, ...frames.gold);
    const lowest = Math.min(...frames.proxy, ...frames.gold);
    this.unit = [1, 2, 5, 10, 20, 50].find((step) => Math.max(highest, -lowest) <= 1.35 * step) ?? 100;
    this.range = [Math.min(lowest, -0.2 * this.unit) * 1.08, Math.max(highest, this.unit) * 1.08];
    this.most = Math.sqrt(Math.max(...frames.kl)) * 1.04 || 1;
    this.farthest = 0;
    this.measure();
  }

  measure() {
    [this.width, this.height] = [this.svg.clientWidth || 400, this.svg.clientHeight || 240];
    if (!this.frames) return;
    const { unit } = this;
    const levels = [unit, 0, -unit].filter((value) => value >= this.range[0]);
    const roots = Array.from({ length: Math.floor(this.most) + 1 }, (_, i) => i);
    this.grid.replaceChildren(
      ...levels.map((value) => draw("line", { class: value ? "" : "zero", x1: LEFT, x2: this.width - RIGHT, y1: tenth(this.y(value)), y2: tenth(this.y(value)) })),
      ...levels.map((value) => draw("text", { x: LEFT - 6, y: tenth(this.y(value)) + 5, "text-anchor": "end", text: value ? `${value > 0 ? "+" : "−"}${unit}` : "0" })),
      ...roots.map((value) => draw("text", { x: tenth(this.x(value)), y: this.height - 4, "text-anchor": "middle", text: String(value) })),
      draw("text", { x: this.width - RIGHT, y: this.height - 4, "text-anchor": "end", text: "√KL" }),
    );
  }

  x(root) { return LEFT + (root / this.most) * (this.width - LEFT - RIGHT); }

  y(value) { return TOP + ((this.range[1] - value) / (this.range[1] - this.range[0])) * (this.height - TOP - BOTTOM); }

  // at: the frames' values at the place on screen; index: the last whole frame that has been passed.
  draw(at, index, best, bestAt) {
    this.farthest = Math.max(this.farthest, index);
    const path = (values, until) => {
      let d = "";
      for (let i = 0; i <= until; i += 1) d += `${i ? "L" : "M"}${tenth(this.x(Math.sqrt(this.frames.kl[i])))} ${tenth(this.y(values[i]))}`;
      return d;
    };
    const end = (value) => `L${tenth(this.x(Math.sqrt(at.kl)))} ${tenth(this.y(value))}`;
    for (const name of ["proxy", "gold"]) {
      const tip = index >= this.farthest ? end(at[name]) : "";
      put(this.lines[name], { d: path(this.frames[name], this.farthest) + tip });
      put(this.dots[name], { cx: tenth(this.x(Math.sqrt(at.kl))), cy: tenth(this.y(at[name])) });
    }
    this.name(at);
    const passed = this.farthest >= bestAt;
    put(this.best, { visibility: passed ? "visible" : "hidden" });
    if (!passed) return;
    const [x, y] = [tenth(this.x(Math.sqrt(this.frames.kl[bestAt]))), this.y(best.gain)];
    put(this.best.firstChild, { x1: x, x2: x, y1: tenth(y + 8), y2: tenth(Math.min(y + 46, this.height - BOTTOM - 18)) });
    put(this.best.lastChild, { x: Math.max(x, 70), y: tenth(Math.min(y + 64, this.height - BOTTOM - 2)), text: `best β = ${String(Number(best.beta.toPrecision(2)))}` });
  }

  name(at) {
    const x = this.x(Math.sqrt(at.kl));
    const left = x > this.width - 110;
    const close = Math.abs(this.y(at.proxy) - this.y(at.gold)) < 18;
    for (const name of ["proxy", "gold"]) {
      const up = name === "proxy" ? -8 : left && !close ? 13 : 18;
      put(this.names[name], { x: tenth(x + (left ? -12 : 12)), y: tenth(Math.max(this.y(at[name]) + (close || left ? up : 5), 12)), "text-anchor": left ? "end" : "start" });
    }
  }
}
