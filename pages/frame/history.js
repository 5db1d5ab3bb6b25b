// @ts-check
// One act of a visitor is one entry in the browser's history, and Back shows what was there before.
//
// Left to itself Streamlit replaces the entry when a hand moves a widget, and adds one for each part of the address that the
// server changes: none for one act, seven for another. Here the first change of the address after an act makes an entry, and
// all that follow from the same act change that entry. What comes without an act, such as the clean-up of a bad link, makes none.

const push = history.pushState.bind(history);
const replace = history.replaceState.bind(history);
let acted = false;

const act = (event) => {
  if (event.isTrusted && !event.repeat) acted = true;
};

const write = (state, unused, address) => {
  const changes = address != null && new URL(address, location.href).href !== location.href;
  (changes && acted ? push : replace)(state, unused, address);
  if (changes) acted = false;
};

for (const kind of ["pointerdown", "keydown", "drop", "paste"]) window.addEventListener(kind, act, { capture: true, passive: true });
// A click without a pointer comes from a screen reader or from voice control.
window.addEventListener("click", (event) => { if (event.detail === 0) act(event); }, { capture: true });
window.addEventListener("popstate", () => { acted = false; }, { capture: true });
history.pushState = write;
history.replaceState = write;
