// The entry module: Streamlit calls it with every answer.

import { make } from "../../../shared/live/draw.js";
import { Plane } from "./plane.js";

const mounted = new WeakMap();

export default function plane({ data, parentElement, setTriggerValue }) {
  let canvas = mounted.get(parentElement);
  if (!canvas) {
    const root = make("div");
    parentElement.append(root);
    canvas = new Plane(root, (message) => canvas.tell(message));
    mounted.set(parentElement, canvas);
  }
  canvas.tell = (message) => setTriggerValue("act", message);
  canvas.update(data);
}
