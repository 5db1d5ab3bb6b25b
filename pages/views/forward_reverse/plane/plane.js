// Two dimensions: which target, what Q may be, Run, and both directions beside each other.

import { make, put } from "../../../shared/live/draw.js";
import { RunButton, Scrubber } from "../canvas/controls.js";
import { Gallery } from "../canvas/gallery.js";
import { Messages } from "../canvas/messages.js";
import { Player } from "../canvas/player.js";
import { PlanePane } from "./pane.js";

const STILL = matchMedia("(prefers-reduced-motion: reduce)");

export class Plane {
  constructor(root, send) {
    Object.assign(this, { root, panes: [], place: 0, before: 0, startMoved: false, targetMoved: false });
    this.messages = new Messages(send, (scene) => this.adopt(scene));
    this.player = new Player((place) => this.goTo(place), () => this.rested());
    this.presets = new Gallery("P, the target", "p", (preset) => this.set({ preset }));
    this.covariances = new Gallery("Q, what you fit", "q", (covariance) => this.set({ covariance }));
    this.run = new RunButton(() => this.pressedRun());
    this.scrub = new Scrubber((place) => this.player.go(place));
    this.verdict = make("p", { class: "verdict", role: "status", "aria-live": "polite" });
    this.note = make("p", { class: "note" });
    this.next = make("button", { type: "button", class: "pill next" });
    this.next.addEventListener("click", () => this.set(this.scene.next.set, true));
    this.grid = make("div", { class: "panes", "data-panes": "2" });
    const heading = (letter, style, text) => make("h2", {}, [make("b", { class: style, text: letter }), ` ${text}`]);
    root.replaceChildren(make("div", { class: "playground in-plane" }, [
      make("aside", { class: "left" }, [heading("P", "p", "the target"), this.presets.grid, heading("Q", "q", "what you fit"), this.covariances.grid]),
      make("div", { class: "stage" }, [
        make("div", { class: "bar" }, [make("div", { class: "go" }, [this.run.node, this.next]), this.scrub.node]), this.verdict, this.note, this.grid,
      ]),
    ]));
    new ResizeObserver(() => this.measured()).observe(root);
  }

  update(scene) {
    this.messages.answered(scene);
  }

  adopt(scene) {
    const first = !this.scene;
    const sameRun = !first && scene.run === this.scene.run;
    this.scene = scene;
    this.hills = scene.hills;
    this.start = scene.start;
    this.startMoved = this.targetMoved = false;
    this.presets.show(scene.presets, scene.preset);
    this.covariances.show(scene.covariances, scene.covariance);
    put(this.next, { text: scene.next.label });
    put(this.note, { text: scene.note });
    if (!this.panes.length) {
      const host = { hill: (index, hill, done) => this.hillMoved(index, hill, done), start: (start, done) => this.startTo(start, done), redraw: () => this.schedule() };
      this.panes = scene.panes.map((spec, i) => new PlanePane(spec, host, i > 0));
      this.grid.replaceChildren(...this.panes.map(({ node }) => node));
    }
    scene.panes.forEach((spec, i) => this.panes[i].update(spec, scene));
    this.player.load(scene.last);
    this.place = this.player.place = this.before = first ? scene.place : sameRun ? this.before : this.followsHand ? scene.last : 0;
    this.measured();
    if (this.runWanted) this.playNow();
  }

  set(message, thenRun = false) {
    this.followsHand = false;
    this.runWanted = thenRun;
    for (const pane of this.panes) pane.active = null;
    this.messages.send(message);
  }

  pressedRun() {
    if (this.player.playing) return this.player.pause(), this.schedule();
    if (this.messages.waiting || this.startMoved) this.runWanted = true;
    else this.playNow();
  }

  playNow() {
    this.runWanted = false;
    if (STILL.matches) this.player.go(this.player.last);
    else this.player.play();
  }

  goTo(place) {
    this.place = this.before = place;
    this.schedule();
  }

  rested() {
    this.goTo(this.player.last);
    this.messages.send({ step: this.player.last });
  }

  hillMoved(index, hill, done) {
    this.hills = this.hills.map((other, i) => (i === index ? hill : other));
    this.followsHand = this.place >= this.player.last;
    this.targetMoved = true;
    this.player.pause();
    this.messages.send({ hills: this.hills, partial: !done });
    this.schedule();
  }

  startTo(start, done) {
    this.player.pause();
    Object.assign(this, { start, startMoved: true, followsHand: false, place: 0, before: 0 });
    if (done) this.messages.send({ start });
    this.schedule();
  }

  measured() {
    if (!this.scene) return;
    for (const pane of this.panes) pane.measure();
    this.draw();
  }

  schedule() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  draw() {
    if (!this.scene) return;
    const { hills, start, startMoved, targetMoved, place } = this;
    for (const pane of this.panes) pane.draw({ hills, start, startMoved, targetMoved, place, unit: this.scene.unit });
    this.run.show(this.player.playing);
    this.scrub.show(place, this.player.last);
    const { before, during, after } = this.scene.verdict;
    this.say(place >= this.player.last && !startMoved ? after : place > 0 ? during : before);
  }

  say(words) {
    if (this.said === words) return;
    this.said = words;
    this.verdict.replaceChildren(...words.split(/\b([PQ])\b/).map((part, i) => (i % 2 ? make("span", { class: part.toLowerCase(), text: part }) : part)));
  }
}
