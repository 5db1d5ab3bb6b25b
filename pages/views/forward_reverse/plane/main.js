// @ts-check
// styles: ../canvas/canvas.css ./plane.css
// The entry module: Streamlit calls it with every answer.

import { mountedAs } from "../stage/mount.js";
import { Plane } from "./plane.js";

const show = mountedAs(Plane);

export default function plane(/** @type {import("../stage/mount.js").Call} */ call) {
  show(call);
}
