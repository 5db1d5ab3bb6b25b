// @ts-check
// styles: ./plane.css
// The entry module: Streamlit calls it with every answer.

import { mountedAs } from "../live/mount.js";
import { Plane } from "./plane.js";

const show = mountedAs((root) => new Plane(root));

export default function plane(call) {
  show(call);
}
