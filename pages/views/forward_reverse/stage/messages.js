// @ts-check
// What the canvas asks: one question at a time, the newest wins, and what is pending is asked together. A question goes to the route
// of the app first; the page is told the link that came out of it once the hand lets go. Where the route brings no answer, the page
// is told what the hand did, and answers by a script run.

import { BUSY } from "../../../shared/answers.js";

const GIVE_UP = 4000; // ms after which the page's answer is no longer waited for
const PAUSE = 50; // ms between an answer and the next question while a hand moves: more of them nobody would see
const AGAIN = 300; // ms after which those who are told to come again do
const TARGETS = ["shape", "hills", "drawn"]; // of these the last says what P is

const joined = (/** @type {any} */ before, /** @type {any} */ after) => {
  const rest = { ...before };
  delete rest.partial;
  if (TARGETS.some((key) => key in after)) for (const key of TARGETS) delete rest[key];
  return { ...rest, ...after };
};

export class Messages {
  asked = 0;

  /** @type {"" | "route" | "page" | "pause"} who is asked, or that the next question waits a little */
  state = "";

  /** @type {any} */
  pending = null;

  /** @type {any} a scene of the page's own that came while the route was asked: the question is asked anew about it */
  later = null;

  /** @type {number | undefined} */
  timer;

  /**
   * @param {(message: object) => void} tell the page
   * @param {(scene: any) => void} adopt the answer to all that was asked
   * @param {(scene: any) => void} follow the answer to all but what is pending
   * @param {(message: object) => Promise<any> | null} ask the route; null where there is no way to it
   */
  constructor(tell, adopt, follow, ask = () => null) {
    this.tell = tell;
    this.adopt = adopt;
    this.follow = follow;
    this.ask = ask;
  }

  get waiting() {
    return this.state === "route" || this.state === "page";
  }

  send(message) {
    this.pending = this.pending ? joined(this.pending, message) : message;
    if (!this.state || (this.state === "pause" && !this.pending.partial)) this.flush();
  }

  flush() {
    clearTimeout(this.timer);
    this.state = "";
    if (!this.pending) return;
    const message = this.pending;
    this.pending = null;
    this.asked += 1;
    const answer = this.ask(message);
    if (!answer) return this.tellAll(message);
    this.state = "route";
    answer.then((scene) => this.heard(message, scene));
  }

  // The page is to answer itself.
  tellAll(message) {
    this.state = "page";
    this.timer = setTimeout(() => this.flush(), GIVE_UP);
    this.tell({ ...message, question: this.asked });
  }

  // The route has answered.
  heard(message, scene) {
    if (this.later) return this.askAnew(message);
    if (scene === BUSY && message.partial) return this.again(message, AGAIN);
    if (!scene || scene === BUSY) return this.tellAll(message);
    this.state = "";
    if (!message.partial) this.tell({ link: scene.link, seen: true, question: this.asked });
    this.taken(scene, message.partial ? PAUSE : 0);
  }

  // An answer is shown, and what is pending is asked: at once, or after a pause if a hand still moves.
  taken(scene, pause) {
    (this.pending ? this.follow : this.adopt)(scene);
    if (pause && (this.pending?.partial ?? true)) this.pauseFor(pause);
    else this.flush();
  }

  pauseFor(time) {
    this.state = "pause";
    this.timer = setTimeout(() => this.flush(), time);
  }

  again(message, time = 0) {
    this.pending = this.pending ? joined(message, this.pending) : message;
    if (time && this.pending.partial) this.pauseFor(time);
    else this.flush();
  }

  askAnew(message) {
    const scene = this.later;
    this.later = null;
    this.adopt(scene);
    this.again(message);
  }

  // The page's answer. One to an older question than the last is not shown: the hand has moved on.
  answered(scene) {
    if (this.state === "page" && scene.answers !== this.asked) return;
    if (this.state === "route") {
      this.later = scene;
      return;
    }
    clearTimeout(this.timer);
    this.state = "";
    this.asked = Math.max(this.asked, scene.answers);
    this.taken(scene, 0);
  }
}
