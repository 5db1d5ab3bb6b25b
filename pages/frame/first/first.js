// @ts-check
// The picture of a page before Streamlit has arrived: drawn in a place beside Streamlit's own, by the same module that Streamlit
// will ask for, from the scene that stands in the HTML. Then Streamlit's component takes over the very same element (takeover.js).

import { clientAfter, yielding } from "./client.js";

const UNTAKEN = 6000; // ms for which Streamlit may be at rest without taking over; then the page is what it says
const SAME = 1; // pixels within which words stand where they will
const LATE = 1500; // ms at rest after which words give way, wherever Streamlit's stand

/** @type {HTMLElement & { early?: import("../../shared/live/takeover").Early } | null} */
const holder = document.getElementById("kl-first");

// Of a page without a picture, or with none on a screen of this size, the words are there already.
const draw = async (/** @type {HTMLElement & { early?: any }} */ node) => {
  const scene = document.getElementById("kl-first-scene");
  const place = node.shadowRoot?.getElementById("picture");
  if (!scene || !place?.offsetParent) return words(node);
  const { data, script, key } = JSON.parse(/** @type {string} */ (scene.textContent));
  const parent = document.createElement("div");
  place.attachShadow({ mode: "open" }).append(parent);
  const early = { parent, key, told: [], pressed: false };
  for (const kind of ["pointerdown", "pointerup", "pointercancel"]) {
    window.addEventListener(kind, () => { early.pressed = kind === "pointerdown"; }, { capture: true, passive: true });
  }
  const { default: show, style } = await import(new URL(script, document.baseURI).href);
  if (!node.isConnected) return;
  node.early = early;
  headings();
  show({ data, style, parentElement: parent, setTriggerValue: (name, message) => early.told.push([name, message]), setStateValue: () => {} });
};

// The headings' letters are as much as all that was needed so far.
const headings = () => document.getElementById("kl-later")?.removeAttribute("media");

const atRest = () => document.querySelector(".stApp[data-test-script-state='notRunning'][data-test-connection-state='CONNECTED']");

// Words give way once Streamlit's stand in the same places.
const words = (/** @type {HTMLElement} */ node) => {
  headings();
  const named = [.../** @type {ShadowRoot} */ (node.shadowRoot).querySelectorAll("[class*=st-key-]")];
  let since = 0;
  const there = () => !document.querySelector(".stMain [data-testid='stSkeleton']") && named.every((early) => {
    const key = [...early.classList].find((name) => name.startsWith("st-key-")) ?? "";
    const late = document.querySelector(`.stMain .${CSS.escape(key)}`);
    return late && Math.abs(late.getBoundingClientRect().top - early.getBoundingClientRect().top) <= SAME;
  });
  const look = () => {
    if (!node.isConnected) return;
    const main = document.querySelector(".stApp .stMain");
    if (main) main.scrollTop = node.shadowRoot?.querySelector(".stMain")?.scrollTop ?? 0;
    since = atRest() ? since || performance.now() : 0;
    if (since && (there() || performance.now() - since > LATE)) requestAnimationFrame(() => node.remove());
    else setTimeout(look, 50);
  };
  look();
};

// Streamlit is there and says something else than was expected: no picture, or another one.
const giveWay = (/** @type {HTMLElement} */ node) => {
  let rested = 0;
  const look = () => {
    if (!node.isConnected) return;
    rested = atRest() && !node["early"]?.pressed ? rested + 200 : 0;
    if (rested > UNTAKEN) node.remove();
    else setTimeout(look, 200);
  };
  look();
};

if (holder) {
  yielding(holder, ".stMain .stAlert:not(:has([data-testid='stAlertContentSuccess'])), [role='dialog']");
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
