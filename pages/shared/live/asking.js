// @ts-check
// What the picture asks of Python, and when an answer is shown: never while a hand holds something, and never an older one first.

import { Answers, BUSY } from "../answers.js";
import { Computed } from "./computed.js";
import { Curve } from "./curve.js";

const GIVE_UP_WAITING = 4000; // ms after which an answer to an older question is better than none

export const curveOf = (scene, id) => new Curve(scene.curves[id], scene.kind, scene.bases[scene.curves[id].base]);

export class Asking extends Computed {
  /** @type {(message: object) => void} tells Python */
  send;

  /** the number of the last question */
  asked = 0;

  /** @type {{ curve: string, names: string[] } | null} what a hand has changed since the last question */
  changed = null;

  /** @type {any} a scene that came while a hand was at work */
  later = null;

  /** @type {any} the timer of the answer that is waited for */
  waiting = null;

  /** a question asked while a hand moves has no answer yet */
  flying = false;

  /** the hand went on while that question was in flight */
  movedSince = false;

  /** @type {Answers | null} who tells the numbers of what was let go before Python tells all of it */
  early = null;

  /** Takes a scene whole; the picture draws it too. @param {any} scene */
  adopt(scene) {
    this.scene = scene;
  }

  /** Takes what is told early of a scene. @param {any} told */
  adoptEarly(told) {
    this.scene = { ...this.scene, ...told };
  }

  /** Draws in the next frame. */
  schedule() {}

  update(scene) {
    const answered = scene.answers === this.asked;
    if (answered) this.flying = false;
    if (this.held && scene.partial && answered) this.adoptFits(scene);
    else if (this.held || this.changed || (this.waiting && !answered)) this.later = scene;
    else {
      clearTimeout(this.waiting);
      this.waiting = null;
      this.later = null;
      this.adopt(scene);
    }
  }

  // While a hand moves one curve, the answer to an earlier place brings the others (the fits) up to date.
  adoptFits(scene) {
    for (const id of scene.partial) this.curves[id] = curveOf(scene, id);
    this.scene = { ...this.scene, captions: scene.captions };
    this.schedule();
    if (this.movedSince) this.askLive();
  }

  // What a hand has changed. What it had changed on another curve is told first, or it would be forgotten.
  remember(curve, names) {
    if (this.changed && this.changed.curve !== curve) this.ask();
    this.changed = { curve, names: [...new Set([...(this.changed?.names ?? []), ...names])] };
  }

  // While a hand moves: one question in flight, never a queue.
  askLive() {
    this.movedSince = this.flying;
    if (this.flying) return;
    this.flying = true;
    this.question({ ...this.changed, partial: true });
  }

  question({ curve, names, partial = false }) {
    this.asked += 1;
    const values = Object.fromEntries(names.map((name) => [name, this.curves[curve].values[name]]));
    this.send({ curve, values, partial, question: this.asked });
  }

  askSoon(wait) {
    clearTimeout(this.soon);
    if (this.changed) this.soon = setTimeout(() => this.ask(), wait);
  }

  // Waits for the answer to the last question, from now on.
  expect() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => {
      this.waiting = null;
      if (this.later) this.update(this.later);
    }, GIVE_UP_WAITING);
  }

  // One question for each release: the parameter that moved, and its value.
  ask() {
    clearTimeout(this.soon);
    if (!this.changed) {
      if (this.later) this.update(this.later);
      this.schedule();
      return;
    }
    const { changed } = this;
    this.changed = null;
    this.expect();
    this.askEarly(changed, this.asked + 1);
    this.question(changed);
    this.schedule();
  }

  // The numbers of what was let go, by a route that is quicker than the page's run, which is asked at the same moment and brings
  // them too: where the route has no answer, nothing is lost.
  async askEarly(moved, question) {
    const { early, curves, names } = this.scene;
    if (!early) return;
    this.early ??= new Answers(early);
    if (!this.early.open) return;
    const told = Object.entries(this.curves).map(([id, { values }]) => [id, { family: curves[id].family, values }]);
    const answer = await this.early.ask({ unit: this.unit.name, names: names ?? null, moved, ...Object.fromEntries(told) });
    if (answer === BUSY) this.early.pause();
    const newest = this.asked === question && this.waiting && !this.held && !this.changed;
    if (answer?.numbers && newest) this.adoptEarly(answer);
  }
}
