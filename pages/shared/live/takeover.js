// @ts-check
// A picture that was drawn before Streamlit had arrived (frame/first/first.js) comes into the place that Streamlit has for it: the
// same element, where it stands on the screen, between two frames. What hands did meanwhile goes to Python one message after another.

import { make } from "./draw.js";

const SAME = 0.5; // pixels within which two places are one
const STILL = 1000; // ms after which a place that differs all the same is taken to be final
const MOST_OFF = 24; // pixels of difference that a margin makes good, so that nothing jumps

/**
 * @typedef {[name: string, message: any]} Told
 * @typedef {object} Early
 * @property {HTMLElement} parent where the picture stands
 * @property {string} key by which the page's script names it
 * @property {Told[]} told what hands did
 * @property {boolean} pressed a pointer is down
 */

/** @returns {HTMLElement & { early?: Early } | null} */
const holder = () => document.getElementById("kl-first");

const around = (/** @type {Element} */ node) => {
  const root = node.getRootNode();
  return root instanceof ShadowRoot ? root.host : node;
};

// The early picture of the component that Streamlit has just put here, if this is the one.
export const earlyFor = (/** @type {HTMLElement} */ parentElement) => {
  const early = holder()?.early;
  return early && around(parentElement).closest(`.st-key-${CSS.escape(early.key)}`) ? early : null;
};

// Of several messages about the same thing the last has the last word.
export const merged = (/** @type {Told[]} */ told) => {
  /** @type {Map<string, Told>} */
  const last = new Map();
  for (const [name, message] of told) {
    const about = JSON.stringify([name, message.curve ?? Object.keys(message).sort()]);
    const before = last.get(about)?.[1];
    last.delete(about);
    last.set(about, [name, before?.values ? { ...message, values: { ...before.values, ...message.values } } : message]);
  }
  return [...last.values()];
};

const apart = (/** @type {DOMRect} */ one, /** @type {DOMRect} */ other) =>
  Math.max(...["left", "top", "width"].map((side) => Math.abs(one[side] - other[side])));

// What cannot be told by the style alone: the place is a little off, and it stays so until the window changes.
const makeGood = (/** @type {HTMLElement} */ host, /** @type {number} */ off) => {
  if (Math.abs(off) <= SAME || Math.abs(off) > MOST_OFF) return;
  host.style.marginTop = `${off}px`;
  window.addEventListener("resize", () => { host.style.marginTop = ""; }, { once: true });
};

const move = (/** @type {HTMLElement} */ root, /** @type {HTMLElement} */ spacer) => {
  const from = root.getBoundingClientRect();
  const focused = /** @type {ShadowRoot} */ (root.getRootNode()).activeElement;
  const host = /** @type {HTMLElement} */ (around(spacer));
  spacer.replaceWith(root);
  makeGood(host, from.top - root.getBoundingClientRect().top);
  if (focused instanceof HTMLElement || focused instanceof SVGElement) focused.focus({ preventScroll: true });
  holder()?.remove();
};

// Moves the picture's root below parentElement once nothing is held and its place is known; then `done` is called.
export const takeOver = (/** @type {Early} */ early, /** @type {HTMLElement} */ root, /** @type {HTMLElement} */ parentElement, /** @type {() => void} */ done) => {
  const spacer = make("div");
  parentElement.append(spacer);
  let [last, since, frames] = [root.getBoundingClientRect(), performance.now(), 0];
  const scrollers = () => [root.getRootNode(), around(root).getRootNode()].map((tree) => tree instanceof ShadowRoot ? tree.querySelector(".stMain") : null);
  const look = () => {
    if (!spacer.isConnected || !root.isConnected) return;
    spacer.style.height = `${root.getBoundingClientRect().height}px`;
    const scrolled = scrollers().find(Boolean)?.scrollTop ?? 0;
    const main = around(spacer).closest(".stMain");
    if (main && main.scrollTop !== scrolled) main.scrollTop = scrolled;
    const there = spacer.getBoundingClientRect();
    frames = apart(there, last) <= SAME ? frames + 1 : 0;
    if (!frames) since = performance.now();
    last = there;
    const final = apart(there, root.getBoundingClientRect()) <= SAME ? frames > 1 : frames > 1 && performance.now() - since > STILL;
    if (early.pressed || !final) return requestAnimationFrame(look);
    move(root, spacer);
    done();
  };
  look();
};
