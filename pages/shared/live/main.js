// @ts-check
import { mountedAs } from "./mount.js";
import { Picture } from "./picture.js";

const show = mountedAs((root, tell) => new Picture(root, (message) => tell("settle", message)));

export default function live(call) {
  show(call);
}
