// @ts-check
// The projector: large type, the picture over the whole screen, the controls one key away.

import { asked, write } from "./address.js";

export const page = document.documentElement.classList;

export const presenting = () => asked("present") === "1";

export const present = (on) => {
  write({ present: on ? "1" : "" });
  showPresenting();
};

export const showPresenting = () => {
  page.toggle("present", presenting());
  if (!presenting()) page.remove("with-controls");
};

// Letters and arrows belong to whatever has the focus and uses them itself.
const TAKES_KEYS = "input, textarea, select, [contenteditable], [role=slider], [role=radio], [role=tab], [role=option], [role=combobox], [role=grid], [data-keys]";
export const isTaken = (event) => event.ctrlKey || event.metaKey || event.altKey
  || event.composedPath().some((node) => node instanceof Element && (node.matches(TAKES_KEYS) || node.matches("dialog[open]")));

export const presentKeys = (event) => {
  if (!presenting() || isTaken(event)) return;
  if (event.key === "c" || event.key === "C") page.toggle("with-controls");
  else if (event.key === "Escape") present(false);
  else return;
  event.preventDefault();
};
