// @ts-check
// styles: ./live.css
import { whole } from "./held.js";
import { mountedAs } from "./mount.js";
import { Picture } from "./picture.js";

const show = mountedAs((root, tell) => {
  const held = () => /** @type {any} */ (picture.scene).held ?? [];
  const picture = new Picture(root, (message) => tell("settle", { ...message, held: held() }));
  return picture;
});

export default function live(call) {
  const data = whole(call.data);
  if (data) show(Object.assign(call, { data })); // what was written down of this call (scripts.py) is then whole too
  else call.setTriggerValue("settle", { held: [] }); // asks for everything
}
