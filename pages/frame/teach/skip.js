// @ts-check
// The first stop of the keyboard: past the header, to what the page is about.

import { make } from "../../shared/live/draw.js";

export const skipLink = () => {
  if (document.querySelector("a.skip-link")) return;
  const link = make("a", { class: "skip-link", href: "#content", text: "Skip to the content" });
  link.addEventListener("click", (event) => {
    event.preventDefault();
    /** @type {HTMLElement | null} */
    const content = document.querySelector("[data-testid=stLayoutWrapper]:has(> .st-key-teach) ~ *") ?? document.querySelector(".stMain");
    content?.setAttribute("tabindex", "-1");
    content?.focus();
  });
  document.body.prepend(link);
};
