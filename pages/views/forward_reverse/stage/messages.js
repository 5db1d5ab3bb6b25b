// @ts-check
// What the canvas tells Python: one message at a time, the newest wins, and what is pending is told together.

const GIVE_UP = 4000; // ms after which an answer is no longer waited for

export class Messages {
  asked = 0;
  waiting = false;

  /** @type {object | null} */
  pending = null;

  /** @type {number | undefined} */
  timer;

  // tell(message); adopt(scene): the answer to all that was told; follow(scene): the answer to all but what is pending.
  constructor(tell, adopt, follow) {
    this.tell = tell;
    this.adopt = adopt;
    this.follow = follow;
  }

  send(message) {
    this.pending = { ...this.pending, ...message };
    if (!this.waiting) this.flush();
  }

  flush() {
    if (!this.pending) return;
    this.asked += 1;
    this.waiting = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.giveUp(), GIVE_UP);
    this.tell({ ...this.pending, question: this.asked });
    this.pending = null;
  }

  giveUp() {
    this.waiting = false;
    this.flush();
  }

  // An answer to an older question than the last is not shown: the hand has moved on.
  answered(scene) {
    const old = this.waiting && scene.answers !== this.asked;
    if (old) return;
    clearTimeout(this.timer);
    this.waiting = false;
    this.asked = Math.max(this.asked, scene.answers);
    if (!this.pending) return this.adopt(scene);
    this.flush();
    this.follow(scene);
  }
}
