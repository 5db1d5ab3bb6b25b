// @ts-check
// How Streamlit's calls reach a canvas: it is made once, and every answer updates it.

import { mountedAs as mounted } from "../../../shared/live/mount.js";

/**
 * @typedef {import("../../../shared/live/mount").Call} Call
 * @typedef {{ update: (scene: any) => void }} Mounted
 */

// The function that Streamlit calls with every answer. Kind: the class of the canvas, made with its root and what tells Python.
export const mountedAs = (/** @type {new (root: HTMLElement, send: (message: object) => void) => Mounted} */ Kind) =>
  mounted((root, tell) => {
    const canvas = new Kind(root, (message) => tell("act", message));
    return { update: ({ scene }) => canvas.update(scene) };
  });
