// @ts-check
// Draw your own: the paper and what comes back, the latent plane, and what the drawing costs. All of it live; the server's numbers
// take the place of the browser's once the pen is lifted.

import { make, put } from "../../../shared/live/draw.js";
import { Bill } from "./bill.js";
import { decoded, distortionAt, modelOf, tensorsOf, terms } from "./model.js";
import { Ink, Paper } from "./paper.js";
import { Plane } from "./plane.js";
import { pieces, rendered, SIDE, textOf } from "./strokes.js";
import { around, atPoint, EMPTY, FULL, verdict } from "./words.js";

const BASE = new URL("../../../../../", import.meta.url).href; // this file is js/<version>/views/vae/drawing/screen.js below it
const KEY = [["posterior", "q(z|x) of your drawing, 1 and 2 sd"], ["prior", "p(z), 1 and 2 sd"], ["dots", "test digits, a colour for each of 0 to 9"]];
const LOST = "The model did not arrive, so nothing can be encoded here. Load this page again.";

const signature = (/** @type {string} */ text, /** @type {number[] | null} */ point) => `${text} ${point ?? ""}`;

export class Screen {
  text = "";

  told = ""; // the state that the server has been told of and has not answered

  constructor(root, settle) {
    this.settle = settle;
    this.finding = make("p", { class: "verdict", role: "status", "aria-live": "polite" });
    this.paper = new Paper((done) => this.drawn(done));
    this.seen = new Ink(SIDE, "ink seen", "What the encoder sees, 28 by 28 pixels");
    this.back = new Ink(SIDE, "ink back", "What the decoder gives back");
    this.backTitle = make("h3");
    this.return = make("button", { type: "button", class: "pill", text: "Put the point back" });
    this.return.addEventListener("click", () => this.plane.to(null, true));
    this.seenPair = make("div", { class: "seen-pair" }, [this.seen.node, make("small", { text: "What the encoder sees: 28 × 28 pixels, centred and scaled" })]);
    this.plane = new Plane((_, done) => this.carried(done));
    this.bill = new Bill();
    this.samples = make("div", { class: "pills samples", role: "group", "aria-label": "Drawings to try" });
    root.replaceChildren(make("div", { class: "drawing" }, [this.finding, make("div", { class: "sides" }, [
      make("div", { class: "own" }, [
        make("div", { class: "pair" }, [
          make("div", {}, [make("h3", { text: "Your drawing" }), this.paper.node, make("div", { class: "pills" }, [this.paper.undo, this.paper.clear])]),
          make("div", {}, [this.backTitle, this.back.node, make("div", { class: "beside-back" }, [this.seenPair, this.return])])]),
        this.samples, this.bill.node]),
      make("div", { class: "map" }, [make("h3", { text: "The latent plane: drag over it to decode any z" }), this.plane.node,
        make("p", { class: "caption key" }, KEY.map(([kind, words]) => make("span", {}, [make("i", { class: kind }), words])))]),
    ])]));
  }

  update(scene) {
    const first = !this.scene;
    this.scene = scene;
    if (first) {
      this.samples.replaceChildren(make("h3", { text: "Or try" }), ...scene.samples.map((sample) => this.sample(sample)));
      this.fetch();
    }
    const said = signature(scene.text, scene.point);
    if (said === this.told) this.told = ""; // the answer to the hand's last message; what comes before it is out of date
    if (first || (!this.told && !this.paper.held && !this.plane.held && said !== signature(this.text, this.plane.point))) this.take(scene);
    this.draw();
  }

  take({ text, point }) {
    this.paper.show(text);
    this.text = text;
    this.plane.point = point;
    this.encode();
  }

  sample({ name, text }) {
    const node = make("button", { type: "button", class: "pill", text: name });
    node.addEventListener("click", () => {
      this.paper.show(text);
      this.paper.full = false;
      this.drawn(true);
    });
    return node;
  }

  async fetch() {
    try {
      const response = await fetch(BASE + this.scene.table);
      if (!response.ok) throw new Error(String(response.status));
      const tensors = tensorsOf(await response.arrayBuffer());
      this.model = modelOf(tensors);
      this.places = Array.from(tensors.places.values, (value) => value / 1000);
      this.labels = tensors.labels.values;
      this.plane.begin(this.model, this.scene.span, this.places, this.labels);
      this.encode();
      this.draw();
    } catch {
      put(this.finding, { text: LOST });
    }
  }

  // The paper has changed: what is drawn is encoded; once the hand is lifted the server is told.
  drawn(done) {
    this.text = textOf(this.paper.strokes);
    this.plane.point = null;
    this.encode();
    if (done) {
      this.tell({ strokes: this.text });
    }
    if (done || !this.frame) this.frame = requestAnimationFrame(() => { this.frame = 0; this.draw(); });
  }

  carried(done) {
    if (done) this.tell({ point: this.plane.point });
    this.draw();
  }

  tell(message) {
    this.told = signature(this.text, this.plane.point);
    this.settle(message);
  }

  encode() {
    this.stale = true;
  }

  refresh() {
    if (!this.stale || !this.model) return;
    this.stale = false;
    const strokes = this.paper.strokes.filter((stroke) => stroke.length);
    this.ink = strokes.length ? rendered(pieces(strokes)) : null;
    this.live = this.ink && terms(this.model, this.ink);
  }

  draw() {
    const { model, scene, plane } = this;
    if (!model) return;
    this.refresh();
    const settled = Boolean(scene.exact && scene.text === this.text);
    const shown = settled ? scene.exact : this.live;
    this.seen.show(this.ink);
    plane.show(shown);
    plane.paint();
    const at = plane.point ?? shown?.mu ?? null;
    this.back.show(at && decoded(model, at));
    put(this.backTitle, { text: plane.point ? "Decoded here" : "What comes back" });
    this.return.classList.toggle("hidden", !plane.point);
    this.seenPair.classList.toggle("hidden", Boolean(plane.point));
    this.bill.show(shown, settled, scene.typical, scene.unit);
    put(this.finding, { text: this.sentence(shown), "aria-live": this.paper.held || plane.held ? "off" : "polite" });
  }

  sentence(shown) {
    const { scene, plane } = this;
    if (this.paper.full) return FULL;
    if (plane.point) return atPoint(this.ink && distortionAt(this.model, this.ink, plane.point), shown?.distortion ?? 0, this.near(plane.point), scene.unit);
    return shown ? verdict(shown.cost, this.near(shown.mu), scene.typical, scene.unit) : EMPTY;
  }

  near(z) {
    return around(this.places, this.labels, z);
  }
}
