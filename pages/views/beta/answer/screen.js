// @ts-check
// β's first screen: question, answer, gauges, curve, verdict, slider.

import { make, put } from "../../../shared/live/draw.js";
import { decode } from "../../../shared/live/tables.js";
import { join, moved, retake, settled } from "../../../shared/live/together.js";
import { Answer, wordsOf } from "./answer.js";
import { Curve } from "./curve.js";
import { Gauge } from "./gauges.js";
import { shareButton } from "./share.js";
import { betaBetween, placeOf, Slider } from "./slider.js";
import { betaInWords, stoppedAt, tenfold, verdict } from "./verdict.js";

const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const SECONDS = 9; // of the autoplay
const PLAYED = "kl-beta-played";

export class Screen {
  constructor(root, send) {
    this.root = root;
    this.send = send;
    this.place = 0;
    this.stopped = false; // a hand has let go of the slider here
    /** @type {number | null} */
    this.cheap = null; // β when the reward was made ten times as large
    this.answer = new Answer();
    this.proxy = new Gauge("proxy", "Reward model’s score", "");
    this.gold = new Gauge("gold", "True reward", "what the user wanted");
    this.curve = new Curve();
    this.slider = new Slider({ moved: (place) => { this.cheap = null; this.go(place); }, left: () => this.left(), held: () => this.stop() });
    this.question = make("p", { class: "question" });
    this.before = make("p", { class: "before" });
    this.words = make("span", { role: "status", "aria-live": "polite" });
    this.share = shareButton(() => ({ beta: this.betaToSay(), scale: this.scene.scale, sentence: this.words.textContent }));
    this.finding = make("p", { class: "verdict" }, [this.words, " ", this.share]);
    const button = (text, act) => {
      const node = make("button", { type: "button", class: "pill", text });
      node.addEventListener("click", act);
      return node;
    };
    this.tenfold = button("Reward × 10", () => this.tenTimes());
    this.root.replaceChildren(make("div", { class: "beta-screen" }, [
      make("div", { class: "chat" }, [this.question, this.answer.node, make("p", { class: "key" }, [make("i"), "Stronger colour: this word costs more KL."]), this.before]),
      make("div", { class: "measured" }, [this.proxy.node, this.gold.node, make("h3", { text: "Reward gained over the reference (β = ∞), against √KL (nats)" }), this.curve.svg]),
      make("div", { class: "finding" }, [this.finding, make("div", { class: "pills" }, [
        button("Play again", () => this.play()), button("Another answer", () => this.another()), this.tenfold])]),
      this.slider.node,
    ]));
    new ResizeObserver(() => { this.curve.measure(); this.draw(); }).observe(root);
    join(this);
  }

  // ---- what a room shows together
  key() {
    return `answer ${this.scene?.scale}`;
  }

  posture() {
    return { place: this.place, index: this.index };
  }

  take({ place, index }) {
    this.stop();
    this.index = index % this.scene.count;
    this.go(place);
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
    put(this.proxy.detail, { text: `training counts × ${scene.scale}` });
    put(this.question, { text: scene.question });
    if (first) this.begin();
    else this.go(this.place);
    settled(this);
    retake(this);
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
    this.curve.farthest = 0;
    this.cheap = null;
    if (STILL.matches) return this.go(this.scene.end);
    this.travel(0, this.scene.end, SECONDS, 0.9); // time to read the first answer
  }

  // Moves β by itself. then(): once it has arrived; a hand on the slider stops it.
  travel(from, to, seconds, wait, then = () => {}) {
    this.stop();
    put(this.words, { "aria-live": "off" }); // nobody wants sixty sentences a second read aloud
    const begun = performance.now() + 1000 * wait;
    const frame = (now) => {
      const part = Math.min(Math.max((now - begun) / (seconds * 1000), 0), 1);
      this.go(from + part * (to - from));
      if (part < 1) this.playing = requestAnimationFrame(frame);
      else { this.stop(); then(); }
    };
    this.playing = requestAnimationFrame(frame);
  }

  stop() {
    cancelAnimationFrame(this.playing);
    put(this.words, { "aria-live": "polite" });
  }

  betaToSay() {
    const { beta } = this.at();
    return Number.isFinite(beta) ? Number(beta.toPrecision(4)) : "inf";
  }

  left() {
    this.stopped = true;
    this.draw();
    this.send({ beta: this.betaToSay() });
  }

  // Ten times the reward breaks the table at the same β; ten times the β mends it; then all is as before.
  tenTimes() {
    this.stop();
    const { scale } = this.scene;
    const { beta } = this.at();
    if (scale !== 1) {
      this.cheap = Number.isFinite(beta) && beta > 0 ? beta : null;
      this.send({ scale: 1 });
    } else if (this.cheap !== null && beta < 9.8 * this.cheap) {
      const there = placeOf(10 * this.cheap, this.frames.betas);
      const arrived = () => this.send({ beta: this.betaToSay() });
      if (STILL.matches) { this.go(there); arrived(); } else this.travel(this.place, there, 1.2, 0, arrived);
    } else {
      if (this.cheap !== null) this.place = placeOf(this.cheap, this.frames.betas);
      this.cheap = null;
      this.send({ scale: 0.1, beta: this.betaToSay() });
    }
  }

  another() {
    this.index = (this.index + 1) % this.scene.count;
    const before = this.answer.shown.join(" ");
    this.draw();
    const { beta } = this.at();
    if (this.answer.shown.join(" ") === before) put(this.words, { text: `At β = ${betaInWords(beta)} the next sampled answer is the same: the policy says little else.` });
  }

  go(place) {
    this.place = place;
    this.stopped = false;
    this.draw();
  }

  // What holds at the place on screen, on the line between two frames.
  at() {
    const last = this.frames.betas.length - 1;
    const left = Math.min(Math.floor(this.place * last), last - 1);
    const part = this.place * last - left;
    const line = (table) => table[left] + part * (table[left + 1] - table[left]);
    const [b, c] = [this.frames.betas[left], this.frames.betas[left + 1]];
    return { beta: betaBetween(b, c, part), proxy: line(this.frames.proxy), gold: line(this.frames.gold), kl: line(this.frames.kl), left, near: part < 0.5 ? left : left + 1 };
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
    this.say(at);
    moved(this);
  }

  // The sentence, and what the button beside it does next.
  say(at) {
    const { best, scale } = this.scene;
    const broken = scale === 1 && this.cheap !== null;
    put(this.words, { text: broken ? tenfold(this.cheap, at.beta) : this.stopped ? stoppedAt(at, best) : verdict(at, best) });
    this.share.hidden = broken || !this.stopped;
    put(this.tenfold, { text: scale !== 1 ? "Reward × 10" : broken && at.beta < 9.8 * this.cheap ? "β × 10" : "Reward ÷ 10" });
    this.tenfold.hidden = ![1, 0.1].includes(scale); // what the controls behind "More" have set is not ten times the usual
  }
}
