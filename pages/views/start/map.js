// @ts-check
// The pages as cards: each a link with its picture, which moves to its other state under a pointer or with the focus.

import { visit } from "../../frame/teach/address.js";
import { draw, make } from "../../shared/live/draw.js";

const card = ({ address, title, answers, paths, size }) => {
  const picture = draw("svg", { viewBox: `0 0 ${size.join(" ")}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  for (const [style, at, to] of paths) {
    const path = draw("path", { class: style, d: at });
    path.style.setProperty("--to", `path("${to}")`);
    picture.append(path);
  }
  const link = make("a", { class: "card", href: address }, [picture, make("strong", { text: title }), make("span", { text: answers })]);
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    visit(address);
    document.querySelector(".stMain")?.scrollTo(0, 0);
  });
  return link;
};

export default function siteMap({ data, parentElement }) {
  const root = parentElement.querySelector("nav") ?? parentElement.appendChild(make("nav", { "aria-label": "Pages in learning order" }));
  if (root.childElementCount !== data.cards.length) root.replaceChildren(...data.cards.map(card));
}
