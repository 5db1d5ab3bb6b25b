// @ts-check
// Where the reader is in the story: what is measured of the page, which scene is read, and how that is held when the layout changes.

import { isDark } from "./ink.js";
import { current, progress } from "./progress.js";

const COMPACT = 640; // pixels of picture below which it is drawn for a phone

export class Reader {
  /** @type {any} the scrolling element */
  scroller = null;

  /** @type {{ from: number, into?: number, height?: number, width?: number } | null} what is being read, as a hand left it */
  reading = null;

  /** how far the page was scrolled when that was last known; NaN while it glides */
  known = NaN;

  /** @type {SVGElement} the picture */
  svg;

  /** @type {HTMLElement} that holds the picture */
  figure;

  /** @type {HTMLElement} that holds the words beside it */
  stage;

  /** @type {import("./sections").Section[]} */
  sections;

  /** @type {import("./walk").Walk} */
  going;

  /** @param {any} root */
  constructor(root) {
    this.root = root;
  }

  /** Draws in the next frame. */
  request() {}

  measure() {
    const box = this.svg.getBoundingClientRect();
    this.head = Number.parseFloat(getComputedStyle(this.figure).top) || 0;
    this.stacked = window.matchMedia("(max-width: 900px) and (min-height: 481px), (max-width: 640px)").matches;
    const [w, h] = [Math.max(box.width, 280), Math.max(box.height, 200)];
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 || 1;
    const compact = this.stacked || w < COMPACT;
    // Letters and gaps grow with the picture, within limits.
    const fit = compact ? Math.min(Math.max(w / 480, 1), 1.4) : Math.min(Math.max(Math.min(w / 950, h / 760) / rem, 0.87), 1.4);
    const u = rem * fit;
    const margin = compact ? 10 * u : Math.max(96 * u, w * 0.09);
    this.m = { w, h, u, compact, left: margin, right: w - (compact ? 10 * u : 24 * u) };
    this.root.toggleAttribute("data-dark", isDark(this.root));
  }

  tops() {
    const zero = this.stage.getBoundingClientRect().top;
    return this.sections.map((section) => section.node.getBoundingClientRect().top - zero);
  }

  scrolled() {
    return this.line() - this.stage.getBoundingClientRect().top;
  }

  // Where a scene's words begin once it has been reached: below the header, on a phone below the picture too.
  line() {
    return this.head + (this.stacked ? this.figure.offsetHeight : 0);
  }

  // What is being read: a scene, and how many pixels of it have passed.
  place() {
    const [tops, at] = [this.tops(), this.scrolled()];
    const { from } = progress(tops, at);
    return { from, into: at - tops[from], height: this.sections[from].node.offsetHeight, width: this.m.w };
  }

  // The browser tells of our own scrolling later, when the layout may have changed: only a hand changes what is read.
  scrolledBy() {
    this.remember();
    this.request();
  }

  // What is read, unless nobody has scrolled since it was known.
  remember() {
    const { scrollTop } = this.scroller;
    if (Math.abs(scrollTop - this.known) < 1) return;
    this.reading = this.place();
    this.known = scrollTop;
  }

  // It stays where it is when the layout changes: fonts and styles arrive, words above grow, the window is turned.
  hold() {
    const { from, into, height, width } = this.reading ?? { from: 0 };
    if (from === 0 || this.going.goal !== null) return;
    const part = width === this.m.w ? 1 : this.sections[from].node.offsetHeight / height;
    const by = this.tops()[from] + into * part - this.scrolled();
    if (Math.abs(by) > 0.5) this.scrollBy(by, false);
  }

  // Pixels to the place where a scene is read.
  distance(to) {
    const last = to === this.sections.length - 1;
    const top = this.sections[to].node.getBoundingClientRect().top;
    return last ? top - this.head : top - this.line() + (to ? 1 : 0);
  }

  scrollBy(top, smooth) {
    this.scroller.scrollBy({ top, behavior: smooth ? "smooth" : "instant" });
    this.known = smooth ? NaN : this.scroller.scrollTop;
  }

  // The scene that is walked to or stood in now, which the last frame may not yet have shown.
  standing() {
    return this.going.goal ?? current(progress(this.tops(), this.scrolled()));
  }

  below(i) {
    return this.sections[i].node.getBoundingClientRect().top < this.head - 4;
  }
}
