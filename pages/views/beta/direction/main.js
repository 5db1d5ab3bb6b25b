// @ts-check
// The entry module: Streamlit calls it with every answer.

import { make } from "../../../shared/live/draw.js";
import { Screen } from "./screen.js";

const mounted = new WeakMap();

export default function direction({ data, parentElement, setTriggerValue }) {
  let screen = mounted.get(parentElement);
  if (!screen) {
    const root = make("div");
    parentElement.append(root);
    screen = new Screen(root, (name, message) => screen.tell(name, message));
    mounted.set(parentElement, screen);
  }
  screen.tell = setTriggerValue;
  screen.update(data);
}
