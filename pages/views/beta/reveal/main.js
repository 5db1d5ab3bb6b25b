// @ts-check
// After a press that answers elsewhere on the page, that place is scrolled into view. Streamlit calls it with every answer.

/** @type {Map<string, number>} how many presses each place has answered; kept while the page is open, whatever is mounted anew */
const answered = new Map();

const inView = (/** @type {DOMRect} */ { top, bottom }) => top >= 0 && bottom <= window.innerHeight;

export default function reveal({ data }) {
  const before = answered.get(data.place) ?? 0;
  answered.set(data.place, data.presses);
  if (data.presses <= before) return;
  const place = /** @type {HTMLElement | null} */ (document.querySelector(`.st-key-${data.place}`));
  if (!place || inView(place.getBoundingClientRect())) return;
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  place.style.scrollMarginTop = "4.5rem"; // below the bar that stays at the top
  place.scrollIntoView({ block: "start", behavior: still ? "instant" : "smooth" });
}
