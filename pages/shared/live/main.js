// @ts-check
import { make } from "./draw.js";
import { Picture } from "./picture.js";

const mounted = new WeakMap();

export default function live({ data, parentElement, setTriggerValue }) {
  let picture = mounted.get(parentElement);
  if (!picture) {
    const root = make("div");
    parentElement.append(root);
    picture = new Picture(root, (message) => setTriggerValue("settle", message));
    mounted.set(parentElement, picture);
  }
  picture.send = (message) => setTriggerValue("settle", message);
  picture.update(data);
}
