// @ts-check
// The picture of a page before Streamlit has arrived: drawn in a place beside Streamlit's own, by the same module that Streamlit
// will ask for, from the scene that stands in the HTML. Then Streamlit's component takes over the very same element (takeover.js).

import { clientAfter, yielding } from "./client.js";

const UNTAKEN = 6000; // ms for which Streamlit may be at rest without taking over; then the page is what it says

/** @type {HTMLElement & { early?: import("../../shared/live/takeover").Early } | null} */
const holder = document.getElementById("kl-first");

const draw = async (/** @type {HTMLElement & { early?: any }} */ node) => {
  const { data, css, script, key } = JSON.parse(/** @type {HTMLElement} */ (document.getElementById("kl-first-scene")).textContent);
  const place = node.shadowRoot?.getElementById("picture");
  if (!place?.offsetParent) return node.remove(); // not on a screen of this size
  const parent = document.createElement("div");
  const style = document.createElement("style");
  style.textContent = css;
  parent.append(style);
  place.attachShadow({ mode: "open" }).append(parent);
  const early = { parent, key, told: [], pressed: false };
  for (const kind of ["pointerdown", "pointerup", "pointercancel"]) {
    window.addEventListener(kind, () => { early.pressed = kind === "pointerdown"; }, { capture: true, passive: true });
  }
  const { default: show } = await import(new URL(script, document.baseURI).href);
  if (!node.isConnected) return;
  node.early = early;
  document.getElementById("kl-later")?.removeAttribute("media"); // the headings' letters are as much as all that was needed so far
  show({ data, parentElement: parent, setTriggerValue: (name, message) => early.told.push([name, message]), setStateValue: () => {} });
};

// Streamlit is there and says something else than was expected: no picture, or another one.
const giveWay = (/** @type {HTMLElement} */ node) => {
  let rested = 0;
  const look = () => {
    if (!node.isConnected) return;
    const rests = document.querySelector(".stApp[data-test-script-state='notRunning'][data-test-connection-state='CONNECTED']");
    rested = rests && !node["early"]?.pressed ? rested + 200 : 0;
    if (rested > UNTAKEN) node.remove();
    else setTimeout(look, 200);
  };
  look();
};

if (holder) {
  yielding(holder, ".stMain .stAlert, [role='dialog']");
  giveWay(holder);
  clientAfter(async () => {
    try {
      await draw(holder);
    } catch (problem) {
      holder.remove();
      throw problem;
    }
  });
}
