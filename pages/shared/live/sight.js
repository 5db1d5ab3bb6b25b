// @ts-check
// Which parts of a picture are on the screen. One that nobody sees is not drawn with every move of a hand, but when the hand rests.

const REST = 150; // ms without a move after which everything is drawn

/** @typedef {{ node: Element, svg?: Element, readout?: object, reason?: Element }} Part */

// Where a part is seen: of a panel with a number of its own that is the plot, since the number stands elsewhere; so may its reason.
const places = (/** @type {Part} */ { node, svg, readout, reason }) => [readout && svg ? svg : node, ...(reason?.parentNode ? [reason] : [])];

export class Sight {
  /** @type {Set<Element>} */
  hidden = new Set();

  /** @param {() => void} appeared @param {() => void} rested */
  constructor(appeared, rested) {
    this.rested = rested;
    this.observer = new IntersectionObserver((changes) => {
      for (const { target, isIntersecting } of changes) this.hidden[isIntersecting ? "delete" : "add"](target);
      if (changes.some(({ isIntersecting }) => isIntersecting)) appeared();
    });
  }

  /** Until the browser says otherwise, every part counts as seen. @param {Part[]} parts */
  watch(parts) {
    this.forget();
    for (const place of parts.flatMap(places)) this.observer.observe(place);
  }

  /** @param {Part} part */
  has(part) {
    return places(part).some((place) => !this.hidden.has(place));
  }

  /** All was drawn, or only what is seen. @param {boolean} all */
  drew(all) {
    clearTimeout(this.timer);
    if (!all && this.hidden.size) this.timer = setTimeout(this.rested, REST);
  }

  forget() {
    clearTimeout(this.timer);
    this.observer.disconnect();
    this.hidden.clear();
  }
}
