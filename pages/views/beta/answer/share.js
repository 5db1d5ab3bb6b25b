// @ts-check
// "Share it": the phone's own menu, or the link on the clipboard.

import { make, put } from "../../../shared/live/draw.js";
import { copied, shareable } from "../../../shared/link.js";

// The link to what is on screen: the server writes β into the address too, but a hand may be faster.
export const linkTo = (address, { beta, scale }) => {
  const url = new URL(shareable(address));
  url.searchParams.set("beta", String(beta));
  url.searchParams.set("scale", String(scale));
  return url.href;
};

// state(): { beta, scale, sentence } at the moment of the press.
export const shareButton = (state) => {
  const node = make("button", { type: "button", class: "share-it", text: "Share it" });
  node.addEventListener("click", async () => {
    const { sentence, ...asked } = state();
    const url = linkTo(location.href, asked);
    if (matchMedia("(pointer: coarse)").matches && navigator.share) {
      await navigator.share({ title: document.title, text: sentence, url }).catch(() => {}); // called off: nothing to say
      return;
    }
    put(node, { text: (await copied(url)) ? "Link copied" : "Use Share at the top" });
    setTimeout(() => put(node, { text: "Share it" }), 4000);
  });
  return node;
};
