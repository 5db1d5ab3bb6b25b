// @ts-check
// Controls that a teacher has hidden or locked for this link, by the names under which Streamlit keeps them.

import { make } from "../../shared/live/draw.js";
import { listed, write } from "./address.js";

const KEYED = "[class*='st-key-']";
const hidden = document.getElementById("hidden-controls") ?? document.head.appendChild(make("style", { id: "hidden-controls" })); // mode.js may have come first

const keyOf = (node) => [...node.classList].find((name) => name.startsWith("st-key-"))?.slice("st-key-".length);

const labelOf = (node) => {
  if (node.querySelector(".stBidiComponent")) return "The picture’s handles";
  const named = node.querySelector("label, summary, button");
  return (named?.querySelector("[data-testid=stMarkdownContainer]") ?? named)?.textContent.trim();
};

// Every control on the page, in order: its key, what it is called, and "shown", "locked" or "hidden".
export const controlsHere = () => {
  const [hide, lock] = [listed("hide"), listed("lock")];
  const controls = new Map();
  for (const node of document.querySelectorAll(`.stMain ${KEYED}`)) {
    const [key, label] = [keyOf(node), labelOf(node)];
    // What a page opens with is no control, though the button that explains its formula stands in it.
    if (key && label && !key.startsWith("page_") && !node.closest(".st-key-teach") && !controls.has(key)) {
      controls.set(key, { key, label, state: hide.includes(key) ? "hidden" : lock.includes(key) ? "locked" : "shown" });
    }
  }
  return [...controls.values()];
};

export const setControl = (key, state) => {
  const without = (name) => listed(name).filter((other) => other !== key);
  write({
    hide: [...without("hide"), ...(state === "hidden" ? [key] : [])].join(","),
    lock: [...without("lock"), ...(state === "locked" ? [key] : [])].join(","),
  });
  applyLocks();
};

const lockNow = () => {
  const locked = new Set(listed("lock"));
  for (const node of document.querySelectorAll(`.stMain ${KEYED}`)) {
    if (node instanceof HTMLElement) node.inert = locked.has(keyOf(node));
  }
};

const redrawn = new MutationObserver(lockNow);

export const applyLocks = () => {
  hidden.textContent = listed("hide").map((key) => `.stMain .st-key-${CSS.escape(key)} { display: none !important; }`).join("\n");
  redrawn.disconnect();
  if (listed("lock").length) redrawn.observe(document.body, { childList: true, subtree: true });
  lockNow();
};
