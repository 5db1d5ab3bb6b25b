// @ts-check
// The filmstrip's cards can be dragged into order by their picture: at once by a mouse, after a rest by a finger, so that a
// swipe still scrolls. The buttons below each card do the same for the keyboard.

import { gapAt, placesLater } from "./order.js";

const REST = 300; // ms that a finger lies still before it takes a card
const STRIP = ".st-key-filmstrip";
const CARD = "[class*='st-key-film_']";

const cards = () => [...document.querySelectorAll(`${STRIP} ${CARD}`)].filter((card) => /st-key-film_\d+/.test(card.className));

class Drag {
  constructor() {
    /** @type {(name: string, message: object) => void} */
    this.tell = () => {};
    this.at = -1;
    this.timer = 0;
    document.addEventListener("pointerdown", (event) => this.down(event));
    document.addEventListener("pointermove", (event) => this.move(event));
    document.addEventListener("pointerup", () => this.up());
    document.addEventListener("pointercancel", () => this.end());
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") this.end(); });
    document.addEventListener("dragstart", (event) => { if (this.cardOf(event.target) >= 0) event.preventDefault(); });
    document.addEventListener("touchmove", (event) => { if (this.at >= 0) event.preventDefault(); }, { passive: false });
  }

  // Which card's picture a press is on, or -1.
  cardOf(target) {
    const picture = target instanceof Element ? target.closest(`${STRIP} [data-testid='stImage'], ${STRIP} img`) : null;
    return picture ? cards().findIndex((card) => card.contains(picture)) : -1;
  }

  down(event) {
    const at = event.button ? -1 : this.cardOf(event.target);
    if (at < 0) return;
    window.clearTimeout(this.timer);
    if (event.pointerType === "touch") this.timer = window.setTimeout(() => this.take(at), REST);
    else this.take(at);
  }

  take(at) {
    this.at = this.gap = at;
    cards()[at]?.setAttribute("data-dragged", "");
  }

  move(event) {
    if (this.at < 0) return;
    const all = cards();
    this.gap = gapAt(all.map((card) => card.getBoundingClientRect()), event.clientX, event.clientY);
    for (const [i, card] of all.entries()) {
      card.toggleAttribute("data-gap-before", i === this.gap);
      card.toggleAttribute("data-gap-after", this.gap === all.length && i === this.gap - 1);
    }
  }

  up() {
    const [at, gap] = [this.at, this.gap];
    this.end();
    if (at >= 0 && placesLater(at, gap)) this.tell("drop", { at, by: placesLater(at, gap) });
  }

  end() {
    window.clearTimeout(this.timer);
    this.at = -1;
    for (const card of cards()) for (const name of ["data-dragged", "data-gap-before", "data-gap-after"]) card.removeAttribute(name);
  }
}

/** @type {Drag | null} */
let drag = null;

export default function filmstrip({ setTriggerValue }) {
  drag ??= new Drag();
  drag.tell = setTriggerValue;
  document.documentElement.setAttribute("data-drags", ""); // from now on a hand over a picture says that it can be taken
}
