// @ts-check
// Where one is in the story: from how far the page is scrolled to a scene and how far it has become the next.

const HOLD = 0.3; // of a scene's height: a picture rests so long before and after it changes

export const eased = (t) => (t < 0.5 ? 4 * t ** 3 : 1 - (2 - 2 * t) ** 3 / 2);

// tops: where each scene begins. Returns the scene that is left, and from 0 to 1 how much of the next is reached.
export const progress = (tops, scrolled) => {
  let from = 0;
  while (from < tops.length - 1 && tops[from + 1] <= scrolled) from += 1;
  if (from === tops.length - 1) return { from, t: 0 };
  const part = (scrolled - tops[from]) / (tops[from + 1] - tops[from]);
  return { from, t: Math.min(Math.max((part - HOLD) / (1 - 2 * HOLD), 0), 1) };
};

export const current = ({ from, t }) => (t > 0.5 ? from + 1 : from);

// Which scene a key leads to, or null: down, up, page keys, Home and End.
export const afterKey = (key, at, count) => {
  const to = { ArrowDown: at + 1, ArrowRight: at + 1, PageDown: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, PageUp: at - 1, Home: 0, End: count - 1 }[key];
  return to === undefined ? null : Math.min(Math.max(to, 0), count - 1);
};
