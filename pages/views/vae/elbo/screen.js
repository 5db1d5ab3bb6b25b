// @ts-check
// What the ELBO leaves out: the verdict, the bar, the plane with q, the choice of image, and the bounds of several samples.

import { eased, inkOf, make, mixed, put } from "../../../shared/live/draw.js";
import { decode } from "../../../shared/live/tables.js";
import { Bar } from "./bar.js";
import { climbed, elboOf, importance } from "./bounds.js";
import { picture } from "./digits.js";
import { ZPlane } from "./plane.js";
import { Several } from "./several.js";
import { NOTHING, errorInWords, verdict } from "./words.js";

const STEP = 16; // ms for each step of the climb
const MOST_STEPS = 400;
const ARRIVING = 400; // ms
const DRAW_SCALE = 4000; // draws travel as whole numbers

const two = (value) => String(Number(value.toPrecision(2))).replace("-", "−");
const still = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

export class Screen {
  by = "encoder"; // who set q: "encoder", "hand" or "fit"

  /** @type {any} */
  scene = null;

  /** @type {number[]} */
  q = [];

  settled = true;

  seen = false; // the best Gaussian, for this image

  run = 0; // of the animation under way

  waiting = false; // a frame is asked for

  /** @type {any} */
  table = null;

  /** @type {any} */
  nodes = null;

  draws = new Float32Array();

  constructor(root, tell) {
    this.tell = (message) => tell("settle", message);
    /** @type {{ image?: string, beta?: string, q?: number[] | null }} what Python has been asked for last, all of it */
    this.asked = {};
    this.waits = false; // for the answer
    this.askedAt = 0; // answers that had come when it was asked
    this.finding = make("p", { class: "verdict", role: "status", "aria-live": "polite" });
    this.bar = new Bar();
    this.plane = new ZPlane({ moved: (q, done) => this.moved(q, done) });
    this.several = new Several();
    this.fit = make("button", { type: "button", class: "pill main", text: "Fit q" });
    this.fit.addEventListener("click", () => this.fitted());
    this.back = make("button", { type: "button", class: "pill", text: "Encoder’s q" });
    this.back.addEventListener("click", () => this.toEncoder());
    this.images = make("div", { class: "images", role: "group", "aria-label": "Image x" });
    this.betas = make("div", { class: "betas", role: "group", "aria-label": "The VAE was trained with β" });
    const key = make("p", { class: "key" }, [["true", "true posterior p(z|x): 50, 80, 95 and 99 % of it"], ["ours", "q: 1 and 2 sd"], ["dotted", "best Gaussian"]].map(
      ([kind, text]) => make("span", { class: kind }, [make("i"), text])));
    this.dotted = /** @type {HTMLElement} */ (key.lastChild);
    this.formula = make("p", { class: "note parameters" });
    root.replaceChildren(make("div", { class: "elbo-gap" }, [
      this.finding,
      make("div", { class: "three" }, [
        this.bar.node,
        make("div", { class: "left" }, [key, this.plane.node, make("div", { class: "pills" }, [this.fit, this.back, this.formula])]),
        make("div", { class: "beside" }, [
          make("div", {}, [make("h3", { text: "Image x" }), this.images]),
          make("div", { class: "trained" }, [make("h3", { text: "VAE trained with β" }), this.betas]),
          this.several.node])])]));
  }

  update(scene) {
    const asked = (of) => of && `${of.image} ${of.beta}`;
    if (asked(scene) !== asked(this.scene)) { this.seen = false; this.by = scene.q.encoder ? "encoder" : "hand"; }
    this.scene = scene;
    this.table = { ...scene.table, values: decode(scene.table.values, Float32Array) };
    this.nodes = { u: decode(scene.nodes.u), weight: decode(scene.nodes.weight) };
    this.draws = Float32Array.from(decode(scene.draws, Int16Array), (value) => value / DRAW_SCALE);
    if (!this.waits || scene.count !== this.askedAt) {
      this.waits = false;
      this.asked = { image: scene.image, beta: scene.beta, q: scene.q.encoder ? null : scene.q.at };
    }
    if (!this.plane.grip) { // an answer that arrives under the hand is about an earlier q
      this.run += 1;
      [this.q, this.settled] = [scene.q.at, true];
      if (scene.q.encoder) this.by = "encoder";
      if (this.by !== "encoder" && scene.best - scene.q.elbo < NOTHING) this.seen = true;
    }
    this.draw();
  }

  // Of two messages in a row only the last arrives, so each holds everything.
  ask(change) {
    this.asked = { ...this.asked, ...change };
    [this.waits, this.askedAt] = [true, this.scene.count];
    this.tell(this.asked);
  }

  choose(change) {
    this.run += 1;
    this.ask({ ...change, q: null });
    this.choices();
  }

  // Whether a scene is of the image and the β that were asked for.
  isOf({ image, beta }) {
    return (this.asked.image ?? image) === image && (this.asked.beta ?? beta) === beta;
  }

  choices() {
    const { images, betas } = this.scene;
    const { image = this.scene.image, beta = this.scene.beta } = this.asked;
    const tile = ({ name, label, pixels }) => {
      const node = make("button", { type: "button", class: pixels ? "tile" : "tile words", "aria-label": label, title: label },
        pixels ? [make("img", { alt: "" })] : [label]);
      node.addEventListener("click", () => this.choose({ image: name }));
      return node;
    };
    const pill = (name) => {
      const node = make("button", { type: "button", class: "beta", text: name });
      node.addEventListener("click", () => this.choose({ beta: name }));
      return node;
    };
    if (!this.images.children.length) {
      this.images.replaceChildren(...images.map(tile));
      this.betas.replaceChildren(...betas.map(pill));
    }
    const ink = inkOf(this.finding);
    images.forEach(({ name, pixels }, i) => {
      put(this.images.children[i], { "aria-pressed": String(name === image) });
      if (pixels) put(this.images.children[i].firstChild, { src: picture(pixels, ink) });
    });
    betas.forEach((name, i) => put(this.betas.children[i], { "aria-pressed": String(name === beta) }));
  }

  // ---- q ---------------------------------------------------------------------------------------------------------
  moved(q, done) {
    if (!this.isOf(this.scene)) return; // another image is on its way
    this.run += 1;
    [this.q, this.by, this.settled] = [q, "hand", false];
    if (done) this.ask({ q });
    this.schedule();
  }

  toEncoder() {
    if (!this.isOf(this.scene)) return;
    const { run } = this.start();
    this.by = "encoder";
    this.glide(run, this.q, this.scene.encoder.at, () => this.ask({ q: null }));
  }

  start() {
    this.run += 1;
    this.settled = false;
    return { run: this.run };
  }

  // Up the ELBO from where q is; from a local maximum that is not the best, straight to the best.
  fitted() {
    if (!this.isOf(this.scene)) return;
    const { optima, best, q } = this.scene;
    const stuck = this.by === "fit" && this.settled && best - q.elbo > NOTHING;
    const { run } = this.start();
    this.by = "fit";
    if (stuck) { this.arrive(run, optima[0].at); return; }
    let steps = 0;
    let last = performance.now();
    const climb = () => {
      if (run !== this.run) return;
      const now = performance.now();
      const due = still() ? MOST_STEPS : Math.max(Math.round((now - last) / STEP), 1); // as fast on a slow machine
      last = now;
      for (let i = 0; i < due; i += 1) {
        const next = climbed(this.table, this.q, this.nodes);
        steps += 1;
        if (!next || steps > MOST_STEPS) { this.arrive(run, this.nearby() ?? this.q); return; }
        this.q = next;
      }
      this.draw();
      requestAnimationFrame(climb);
    };
    climb();
  }

  // The exact optimum that the climb on the table has come to.
  nearby() {
    const [x, y, wide, high] = this.q;
    const optimum = this.scene.optima.find(({ at }) => Math.abs(at[0] - x) < 0.3 * wide && Math.abs(at[1] - y) < 0.3 * high && Math.abs(Math.log(at[2] / wide)) < 0.3 && Math.abs(Math.log(at[3] / high)) < 0.3);
    return optimum?.at ?? null;
  }

  arrive(run, to) {
    this.seen = true;
    this.glide(run, this.q, to, () => this.ask({ q: to }));
  }

  glide(run, from, to, then) {
    const begun = performance.now();
    const step = () => {
      if (run !== this.run) return;
      const share = still() ? 1 : Math.min((performance.now() - begun) / ARRIVING, 1);
      this.q = mixed(from, to, eased(share));
      this.draw();
      if (share < 1) requestAnimationFrame(step);
      else then();
    };
    step();
  }

  schedule() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => { this.waiting = false; this.draw(); });
  }

  // ---- the picture -----------------------------------------------------------------------------------------------
  draw() {
    const { scene, q, settled } = this;
    const { evidence, unit, encoder, modes } = scene;
    const elbo = settled ? scene.q.elbo : Math.min(elboOf(this.table, q, this.nodes), evidence);
    const best = Math.max(scene.best, elbo);
    const told = { evidence, best, elbo, encoder: encoder.elbo, modes: modes.length, unit };
    put(this.finding, { text: !settled && this.by === "fit" ? "q climbs the ELBO …" : verdict(told, this.by) });
    this.bar.show({ ...told, byEncoder: this.by === "encoder", settled, error: errorInWords(scene.error, scene.exact) });
    this.plane.show(scene, this.table, q, this.seen);
    this.dotted.style.visibility = this.seen ? "visible" : "hidden";
    const { counts } = scene.iwae;
    const bounds = settled ? scene.iwae : { counts, mean: [elbo, ...importance(this.table, q, this.draws, counts).slice(1)], error: counts.map(() => 0) };
    this.several.show({ ...bounds, evidence, low: Math.min(encoder.elbo, settled ? elbo : encoder.elbo), unit, settled });
    this.choices();
    put(this.formula, { text: `q: mean (${two(q[0])}, ${two(q[1])}), sd ${two(q[2])} and ${two(q[3])}` });
  }
}
