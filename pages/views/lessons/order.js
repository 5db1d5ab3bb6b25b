// @ts-check
// Where a dragged card would go: pure functions over boxes, so that they can be tested without a screen.

/** @typedef {{ left: number, right: number, top: number, bottom: number }} Box */

const middle = (/** @type {Box} */ box) => (box.left + box.right) / 2;
const distance = (/** @type {Box} */ box, x, y) => Math.hypot(middle(box) - x, (box.top + box.bottom) / 2 - y);

// The gap nearest to a pointer, from 0 (before the first card) to the number of cards. Cards in a column have gaps above and
// below them, cards in a row beside them.
export const gapAt = (/** @type {Box[]} */ boxes, x, y) => {
  let nearest = 0;
  for (const [i, box] of boxes.entries()) if (distance(box, x, y) < distance(boxes[nearest], x, y)) nearest = i;
  const box = boxes[nearest];
  const column = boxes.every((other) => Math.abs(other.left - boxes[0].left) < 4);
  const later = column ? y > (box.top + box.bottom) / 2 : x > middle(box);
  return nearest + (later ? 1 : 0);
};

// How many places later a card stands once it lies in a gap.
export const placesLater = (at, gap) => (gap > at ? gap - 1 : gap) - at;
