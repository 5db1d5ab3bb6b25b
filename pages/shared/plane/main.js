// @ts-check
// The entry module: Streamlit calls it with every answer.

import { make } from "../live/draw.js";
import { Plane } from "./plane.js";

const mounted = new WeakMap();

export default function plane({ data, parentElement }) {
  let picture = mounted.get(parentElement);
  if (!picture) {
    const root = make("div");
    parentElement.append(root);
    picture = new Plane(root);
    mounted.set(parentElement, picture);
  }
  picture.update(data);
}
