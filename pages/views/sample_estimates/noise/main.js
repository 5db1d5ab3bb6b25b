// @ts-check
// styles: ../../../shared/plane/plane.css ./noise.css
// The entry module: Streamlit calls it with every answer.

import { mountedAs } from "../../../shared/live/mount.js";
import { Screen } from "./screen.js";

const show = mountedAs((root, tell) => new Screen(root, (share) => tell("settle", { scrub: share })));

export default function noise(call) {
  show(call);
}
