// @ts-check
// styles: ./drawing.css
// The entry module: Streamlit calls it with every answer.

import { mountedAs } from "../../../shared/live/mount.js";
import { Screen } from "./screen.js";

const show = mountedAs((root, tell) => new Screen(root, (message) => tell("settle", message)));

export default function drawing(call) {
  show(call);
}
