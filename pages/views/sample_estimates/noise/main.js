// @ts-check
// The entry module: Streamlit calls it with every answer.

import { make } from "../../../shared/live/draw.js";
import { Screen } from "./screen.js";

const mounted = new WeakMap();

export default function noise({ data, parentElement, setTriggerValue }) {
  let screen = mounted.get(parentElement);
  if (!screen) {
    const root = make("div");
    parentElement.append(root);
    screen = new Screen(root, (share) => screen.tell(share));
    mounted.set(parentElement, screen);
  }
  screen.tell = (share) => setTriggerValue("settle", { scrub: share });
  screen.update(data);
}
