// @ts-check
// styles: ./canvas.css
// The entry module: Streamlit calls it with every answer.

import { mountedAs } from "../stage/mount.js";
import { Canvas } from "./canvas.js";

const show = mountedAs(Canvas);

export default function playground(/** @type {import("../stage/mount.js").Call} */ call) {
  show(call);
}
