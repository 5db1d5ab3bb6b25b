// @ts-check
// Answers by a route of the app's own, without a script run of Streamlit (frame/answers.py). Where a proxy lets no question
// through, or answers itself, nobody is asked for a while, and the page goes Streamlit's way.

// This file is js/<version>/shared/answers.js below it. Not where nothing is asked: a saved page may have no address.
const base = () => new URL("../../../", import.meta.url).href;
const TOO_LONG = 3000; // ms
const REST = 30_000; // ms without a question after one has found no way
const BREAK = 5000; // ms without a question that can do without its answer, after one was told to come again

/** Told to come again. */
export const BUSY = Symbol("busy");

export class Answers {
  blockedUntil = 0;

  /** @param {string} name who is to answer */
  constructor(name) {
    this.address = `${base()}answers/${name}`;
  }

  get open() {
    return performance.now() >= this.blockedUntil;
  }

  /** Asks nothing for a few seconds: others wait. */
  pause() {
    this.blockedUntil = performance.now() + BREAK;
  }

  /**
   * The answer; BUSY where there are too many questions; null where none is to be had.
   * @param {object} question
   * @returns {Promise<any>}
   */
  async ask(question) {
    try {
      const response = await fetch(this.address, {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(question), signal: AbortSignal.timeout(TOO_LONG),
      });
      if (response.status === 429 || response.status === 503) return BUSY;
      if (response.status === 400) return null; // this question is at fault, and not the way
      if (!response.ok) throw new Error(String(response.status));
      return await response.json();
    } catch {
      this.blockedUntil = performance.now() + REST;
      return null;
    }
  }
}
