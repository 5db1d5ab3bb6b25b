// @ts-check
// A run on screen: frames of the paths that torch has computed, as fast as the display shows them.

const SECONDS = 2.4; // for a whole run at speed 1: the hand still remembers the press when it ends

export class Player {
  place = 0;
  last = 1;
  speed = 1;
  playing = false;
  frame = 0;

  /** @type {number | null} when the frame before was drawn */
  before = null;

  // draw(place): shows the run at a step, which may lie between two. done(): the run has come to rest.
  constructor(draw, done) {
    this.draw = draw;
    this.done = done;
  }

  load(last) {
    this.pause();
    this.last = Math.max(last, 1);
    this.place = 0;
  }

  play() {
    if (this.place >= this.last) this.place = 0;
    this.playing = true;
    this.before = null;
    this.request();
  }

  request() {
    this.frame = requestAnimationFrame((now) => this.step(now));
  }

  // Slow at first, when most happens, then faster: a step's share of the time falls along the run.
  step(now) {
    if (!this.playing) return;
    const passed = this.before === null ? 0 : (now - this.before) / 1000;
    this.before = now;
    const part = Math.sqrt(this.place / this.last);
    const next = Math.min(part + (passed * this.speed) / SECONDS, 1);
    this.place = this.last * next * next;
    this.draw(this.place);
    if (next >= 1) {
      this.playing = false;
      this.done();
    } else this.request();
  }

  pause() {
    this.playing = false;
    cancelAnimationFrame(this.frame);
  }

  go(place) {
    this.pause();
    this.place = Math.min(Math.max(place, 0), this.last);
    this.draw(this.place);
    if (this.place >= this.last) this.done();
  }
}
