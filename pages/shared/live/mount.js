// @ts-check
// How a component stands on the page: made once where Streamlit wants it, then brought up to date with every answer.

import { make } from "./draw.js";

/**
 * @typedef {(name: string, message: any) => void} Tell
 * @typedef {{ data: any, parentElement: HTMLElement, setTriggerValue: Tell }} Call
 */

// The function that Streamlit calls. create(root, tell): the picture in its element; tell(name, message): to Python, by the name
// of the component's callback, through whatever Streamlit has handed over last.
export const mountedAs = (/** @type {(root: HTMLElement, tell: Tell) => { update: (data: any) => void }} */ create) => {
  const mounted = new WeakMap();
  return (/** @type {Call} */ { data, parentElement, setTriggerValue }) => {
    let held = mounted.get(parentElement);
    if (!held) {
      const root = make("div");
      parentElement.append(root);
      held = { tell: setTriggerValue };
      held.picture = create(root, (name, message) => held.tell(name, message));
      mounted.set(parentElement, held);
    }
    held.tell = setTriggerValue;
    held.picture.update(data);
  };
};
