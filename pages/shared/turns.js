// @ts-check
// What a picture that Python answers tells it while a hand moves: one question at a time is under way, and the hand's last place
// follows it. Where the hand lets go is told at once.

export class Turns {
  waiting = false;

  /** @type {object | null} the hand's last place, while an answer is awaited */
  next = null;

  /** @param {(kind: "move" | "settle", message: object) => void} tell */
  constructor(tell) {
    this.tell = tell;
  }

  move(message) {
    if (this.waiting) { this.next = message; return; }
    this.waiting = true;
    this.tell("move", message);
  }

  settle(message) {
    this.next = null;
    this.waiting = true;
    this.tell("settle", message);
  }

  // An answer has been drawn.
  answered() {
    const { next } = this;
    this.waiting = false;
    this.next = null;
    if (next) this.move(next);
  }
}
