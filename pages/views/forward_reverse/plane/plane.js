// @ts-check
// Two dimensions: which target, what Q may be, Run, and both directions beside each other.

import { Answers } from "../../../shared/answers.js";
import { make } from "../../../shared/live/draw.js";
import { Gallery } from "../stage/gallery.js";
import { Stage, heading } from "../stage/stage.js";
import { PlanePane } from "./pane.js";

export class Plane extends Stage {
  /** @type {number[][]} */
  hills = [];

  /** @type {number[]} */
  start = [];

  ran = false; // Q has run on this target: what the run ends with may be seen
  asked = ""; // the target and the kind of Q that were asked about

  constructor(root, send) {
    super(root, send, new Answers("plane"));
    this.presets = new Gallery("P, the target", "p", (preset) => this.set({ preset }));
    this.covariances = new Gallery("Q, what you fit", "q", (covariance) => this.set({ covariance }));
    this.grid.dataset.panes = "2";
    this.build({
      left: [heading("P", "p", "the target"), this.presets.grid],
      rare: [heading("Q", "q", "what you fit"), this.covariances.grid, make("div", { class: "more" }, [this.drawer.node])],
      style: "in-plane",
    });
  }

  show(scene) {
    this.hills = scene.hills;
    this.start = scene.start;
    const asked = `${scene.preset} ${scene.covariance}`;
    if (asked !== this.asked) this.ran = false;
    this.asked = asked;
    this.presets.show(scene.presets, scene.preset);
    this.covariances.show(scene.covariances, scene.covariance);
    if (!this.panes.length) {
      const host = { hill: (index, hill, done) => this.hillMoved(index, hill, done), start: (start, done) => this.startTo(start, done), redraw: () => this.schedule() };
      this.panes = scene.panes.map((spec, i) => new PlanePane(spec, host, i > 0));
      this.grid.replaceChildren(...this.panes.map(({ node }) => node));
    }
    scene.panes.forEach((spec, i) => this.panes[i].update(spec, scene));
  }

  set(message, thenRun = false) {
    for (const pane of this.panes) pane.active = null;
    super.set(message, thenRun);
  }

  hillMoved(index, hill, done) {
    this.hills = this.hills.map((other, i) => (i === index ? hill : other));
    this.targetUnderHand({ hills: this.hills }, done);
  }

  startTo(start, done) {
    this.start = start;
    this.startUnderHand();
    if (done) this.messages.send({ start });
  }

  noteNow() {
    return this.ran ? this.scene.note.after : this.scene.note.before;
  }

  paint() {
    const { hills, start, startMoved, targetMoved, place } = this;
    this.ran ||= place > 0;
    this.body.classList.toggle("ran", this.ran);
    for (const pane of this.panes) pane.draw({ hills, start, startMoved, targetMoved, place, unit: this.scene.unit });
  }
}
