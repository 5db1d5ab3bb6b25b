// @ts-check
// How Streamlit's calls reach a canvas: it is made once, and every answer updates it.

import { make } from "../../../shared/live/draw.js";

const mounted = new WeakMap();

/**
 * @typedef {{ data: { scene: any }, parentElement: HTMLElement, setTriggerValue: (name: string, value: object) => void }} Call
 * @typedef {{ update: (scene: any) => void, tell?: (message: object) => void }} Mounted
 */

// The function that Streamlit calls with every answer. Kind: the class of the canvas, made with its root and what tells Python.
export const mountedAs = (/** @type {new (root: HTMLElement, send: (message: object) => void) => Mounted} */ Kind) =>
  (/** @type {Call} */ { data, parentElement, setTriggerValue }) => {
    let canvas = mounted.get(parentElement);
    if (!canvas) {
      const root = make("div");
      parentElement.append(root);
      canvas = new Kind(root, (message) => canvas.tell(message));
      mounted.set(parentElement, canvas);
    }
    canvas.tell = (/** @type {object} */ message) => setTriggerValue("act", message);
    canvas.update(data.scene);
  };
