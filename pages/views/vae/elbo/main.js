// @ts-check
// styles: ./elbo.css
// The entry module: Streamlit calls it with every answer.

import { mountedAs } from "../../../shared/live/mount.js";
import { Screen } from "./screen.js";

const show = mountedAs((root, tell) => new Screen(root, tell));

export default function elbo(call) {
  show(call);
}
