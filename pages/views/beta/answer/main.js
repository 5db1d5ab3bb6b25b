// @ts-check
// styles: ./answer.css
// The entry module: Streamlit calls it with every answer.

import { mountedAs } from "../../../shared/live/mount.js";
import { Screen } from "./screen.js";

const show = mountedAs((root, tell) => new Screen(root, (message) => tell("settle", message)));

export default function answer(call) {
  show(call);
}
