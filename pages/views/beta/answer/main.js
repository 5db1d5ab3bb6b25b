// @ts-check
// The entry module: Streamlit calls it with every answer.

import { make } from "../../../shared/live/draw.js";
import { Screen } from "./screen.js";

const mounted = new WeakMap();

export default function answer({ data, parentElement, setTriggerValue }) {
  let screen = mounted.get(parentElement);
  if (!screen) {
    const root = make("div");
    parentElement.append(root);
    screen = new Screen(root, (message) => screen.tell(message));
    mounted.set(parentElement, screen);
  }
  screen.tell = (message) => setTriggerValue("settle", message);
  screen.update(data);
}
