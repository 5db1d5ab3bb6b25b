// @ts-check
// β's first screen: question, answer, gauges, curve, verdict, slider.

import { make, put } from "../../../shared/live/draw.js";
import { decode } from "../../../shared/live/tables.js";
import { Answer, wordsOf } from "./answer.js";
import { Curve } from "./curve.js";
import { Gauge } from "./gauges.js";
import { Slider } from "./slider.js";
import { verdict } from "./verdict.js";

const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const SECONDS = 9; // of the autoplay
const PLAYED = "kl-beta-played";

export class Screen {
  constructor(root, send) {
    this.root = root;
    this.send = send;
    this.place = 0;
    this.answer = new Answer();
    this.proxy = new Gauge("proxy", "Reward model’s score", "what training raises");
    this.gold = new Gauge("gold", "True reward", "what the user wanted");
    this.curve = new Curve();
    this.slider = new Slider({ moved: (place) => this.go(place), left: () => this.left(), held: () => this.stop() });
    this.question = make("p", { class: "question" });
    this.before = make("p", { class: "before" });
    this.finding = make("p", { class: "verdict", role: "status", "aria-live": "polite" });
    const button = (text, act) => {
      const node = make("button", { type: "button", class: "pill", text });
      node.addEventListener("click", act);
      return node;
    };
    this.tenfold = button("Reward × 10", () => this.send({ scale: this.scene.scale === 1 ? 0.1 : 1 }));
    this.root.replaceChildren(make("div", { class: "beta-screen" }, [
      make("div", { class: "chat" }, [this.question, this.answer.node, make("p", { class: "key" }, [make("i"), "Words in a stronger colour cost more KL."]), this.before]),
      make("div", { class: "measured" }, [this.proxy.node, this.gold.node, make("h3", { text: "Reward gained over β = ∞, against √KL" }), this.curve.svg]),
      make("div", { class: "finding" }, [this.finding, make("div", { class: "pills" }, [
        button("Play again", () => this.play()), button("Another answer", () => this.another()), this.tenfold])]),
      this.slider.node,
    ]));
    new ResizeObserver(() => { this.curve.measure(); this.draw(); }).observe(root);
  }

  update(scene) {
    const first = !this.scene;
    const same = !first && scene.betas === this.scene.betas && scene.proxy === this.scene.proxy && scene.tokens === this.scene.tokens;
    this.scene = scene;
    if (same) return;
    const table = (name) => Array.from(decode(scene[name], Float64Array));
    this.frames = { betas: table("betas"), proxy: table("proxy"), gold: table("gold"), kl: table("kl") };
    this.tokens = decode(scene.tokens, Uint8Array);
    this.costs = decode(scene.costs, Float32Array);
    this.index = first ? scene.first : this.index;
    const all = [...this.frames.proxy, ...this.frames.gold, 0];
    /** @type {[number, number]} */
    this.range = [Math.min(...all, -1) * 1.05, Math.max(...all, 1) * 1.05];
    this.bestAt = Math.round(scene.best.place * (this.frames.betas.length - 1));
    this.curve.adopt(this.frames);
    this.slider.adopt(scene);
    put(this.question, { text: scene.question });
    put(this.tenfold, { text: scene.scale === 1 ? "Reward × 1" : "Reward × 10" });
    if (first) this.begin();
    else this.go(this.place);
  }

  // Once, and only where nobody has said which β to show.
  begin() {
    if (this.scene.start !== null) return this.go(this.scene.start);
    this.go(0);
    let seen = true;
    try { seen = window.sessionStorage.getItem(PLAYED) !== null; window.sessionStorage.setItem(PLAYED, "1"); } catch { /* a frame without storage: not played */ }
    if (!STILL.matches && !seen) this.play();
    else this.go(this.scene.best.place);
  }

  play() {
    this.stop();
    this.curve.farthest = 0;
    if (STILL.matches) return this.go(this.scene.end);
    put(this.finding, { "aria-live": "off" }); // nobody wants sixty sentences a second read aloud
    const begun = performance.now() + 900; // time to read the first answer
    const frame = (now) => {
      const part = Math.min(Math.max((now - begun) / (SECONDS * 1000), 0), 1);
      this.go(part * this.scene.end);
      if (part < 1) this.playing = requestAnimationFrame(frame);
      else this.stop();
    };
    this.playing = requestAnimationFrame(frame);
  }

  stop() {
    cancelAnimationFrame(this.playing);
    put(this.finding, { "aria-live": "polite" });
  }

  left() {
    const beta = this.at().beta;
    this.send({ beta: Number.isFinite(beta) ? Number(beta.toPrecision(4)) : "inf" });
  }

  another() {
    this.index = (this.index + 1) % this.scene.count;
    this.draw();
  }

  go(place) {
    this.place = place;
    this.draw();
  }

  // What holds at the place on screen, on the line between two frames; β of the nearer frame's scale between them.
  at() {
    const last = this.frames.betas.length - 1;
    const left = Math.min(Math.floor(this.place * last), last - 1);
    const part = this.place * last - left;
    const line = (table) => table[left] + part * (table[left + 1] - table[left]);
    const [b, c] = [this.frames.betas[left], this.frames.betas[left + 1]];
    const beta = part === 0 ? b : part === 1 ? c : c === 0 ? b * (1 - part) : 1 / ((1 - part) / b + part / c);
    return { beta, proxy: line(this.frames.proxy), gold: line(this.frames.gold), kl: line(this.frames.kl), left, near: part < 0.5 ? left : left + 1 };
  }

  draw() {
    if (!this.frames) return;
    const at = this.at();
    const { length, count } = this.scene;
    const row = (table, frame) => table.subarray((frame * count + this.index) * length, (frame * count + this.index + 1) * length);
    if (this.drawn !== `${at.near}/${this.index}/${this.scene.tokens.length}/${this.scene.scale}`) {
      this.drawn = `${at.near}/${this.index}/${this.scene.tokens.length}/${this.scene.scale}`;
      this.answer.show(wordsOf(row(this.tokens, at.near), this.scene), row(this.costs, at.near));
      const reference = wordsOf(row(this.tokens, 0), this.scene).join(" ").replace(/ ([.,…])/g, "$1");
      put(this.before, { text: `β = ∞   ${reference}` });
      this.before.classList.toggle("there", at.near > 0);
    }
    this.proxy.show(at.proxy, this.range);
    this.gold.show(at.gold, this.range);
    this.curve.draw(at, at.left, this.scene.best, this.bestAt);
    this.slider.show(this.place, at.beta);
    put(this.finding, { text: verdict(at, this.scene.best) });
  }
}
