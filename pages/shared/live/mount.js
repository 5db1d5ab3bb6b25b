// @ts-check
// How a component stands on the page: made once where Streamlit wants it, then brought up to date with every answer. The one that was
// drawn before Streamlit had arrived is not made anew but taken over.

import { dressed, make } from "./draw.js";
import { earlyFor, merged, takeOver } from "./takeover.js";

/**
 * @typedef {(name: string, message: any) => void} Tell
 * @typedef {{ data: any, parentElement: HTMLElement, setTriggerValue: Tell, style?: string }} Call
 * @typedef {{ update: (data: any) => void, expect?: () => void }} Shown
 */

const GIVE_UP = 4000; // ms after which no answer is awaited any more to what hands did before Streamlit had arrived

class Held {
  /** @type {import("./takeover").Told[] | null} what Python is still to be told, one after the other: of two at once it hears the last */
  pending = null;

  /** @type {number | null} the question that it has been told and not answered yet */
  awaited = null;

  /** @type {any} the newest data */
  data = undefined;

  /** @param {(root: HTMLElement, tell: Tell) => Shown} create @param {Call} call */
  constructor(create, { parentElement, setTriggerValue, style }) {
    const inside = make("div");
    this.root = style ? make("div", {}, [dressed(style), inside]) : inside; // so that the style goes wherever the picture goes
    parentElement.append(this.root);
    this.streamlits = setTriggerValue;
    this.picture = create(inside, (name, message) => this.tell(name, message));
  }

  tell(name, message) {
    if (this.pending) this.pending.push([name, message]);
    else this.streamlits(name, message);
  }

  // What Python says, unless it does not know yet what hands have done: Streamlit may also call again with the answer before.
  update(data) {
    this.data = data;
    if (this.moving || (this.awaited !== null && data.answers !== this.awaited)) return;
    if (!this.tellNext()) this.picture.update(data);
  }

  tellNext() {
    const [next, ...rest] = merged(this.pending ?? []);
    this.pending = next ? rest : null;
    this.awaited = next?.[1].question ?? null;
    if (!next) return false;
    if (this.awaited !== null) setTimeout(this.goOn.bind(this, this.awaited), GIVE_UP);
    this.picture.expect?.();
    this.streamlits(...next);
    return true;
  }

  goOn(question) {
    if (this.awaited !== question) return;
    this.awaited = null;
    this.update(this.data);
  }

  /** @param {import("./takeover").Early} early @param {HTMLElement} parentElement */
  moveTo(early, parentElement) {
    this.moving = true;
    this.pending = early.told;
    takeOver(early, this.root, parentElement, () => {
      this.moving = false;
      this.update(this.data);
    });
  }
}

// The function that Streamlit calls. create(root, tell): the picture in its element; tell(name, message): to Python, by the name
// of the component's callback, through whatever Streamlit has handed over last.
export const mountedAs = (/** @type {(root: HTMLElement, tell: Tell) => Shown} */ create) => {
  /** @type {WeakMap<HTMLElement, Held>} */
  const mounted = new WeakMap();
  const begin = (/** @type {Call} */ call) => {
    const { parentElement } = call;
    const early = earlyFor(parentElement);
    const before = early && mounted.get(early.parent);
    if (early && before) {
      mounted.delete(early.parent);
      before.moveTo(early, parentElement);
      return before;
    }
    return new Held(create, call);
  };
  return (/** @type {Call} */ call) => {
    const held = mounted.get(call.parentElement) ?? begin(call);
    mounted.set(call.parentElement, held);
    held.streamlits = call.setTriggerValue;
    held.update(call.data);
  };
};
