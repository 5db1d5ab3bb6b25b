// @ts-check
// Names in a picture: each at its own place, on the side where it covers neither another name nor a line. Pure functions.

/** @typedef {{ x: number, y: number, width: number, height: number }} Box */
/** @typedef {{ text: string, width: number }} Name as it is written, and how wide that is */
/** @typedef {Name & { x: number, y: number, short?: Name }} Wanted a place in pixels and its name; a shorter one, which is read before a
 * longer one that stands far off */

const [HIGH, ASIDE] = [16, 10];
const SHORTENED = 40; // what a shorter name costs: as much as being five places farther off
const LEVELS = [0, ...Array.from({ length: 12 }, (_, i) => [-8 * (i + 1), 8 * (i + 1)]).flat()];

// Where the name of a point may stand, the best first: right of it, above, below and left of it, and farther up or down.
const sides = (/** @type {Wanted} */ { x, y, width }, /** @type {Box} */ frame) => {
  const inside = (left) => Math.max(Math.min(left, frame.x + frame.width - width), frame.x);
  const level = (left, up) => ({ x: left, y: y - HIGH / 2 + up });
  const [right, left, middle] = [x + ASIDE, x - ASIDE - width, x - width / 2].map(inside);
  return [
    level(right, 0), level(middle, -18), level(middle, 18), level(left, 0),
    ...LEVELS.slice(1).flatMap((up) => [level(right, up), level(left, up)]),
  ].map((corner) => ({ ...corner, width, height: HIGH }));
};

const common = (/** @type {Box} */ a, /** @type {Box} */ b) => {
  const wide = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const high = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return Math.max(wide, 0) * Math.max(high, 0);
};

const holds = (/** @type {Box} */ box, [x, y]) => x > box.x && x < box.x + box.width && y > box.y && y < box.y + box.height;

const outside = (/** @type {Box} */ box, /** @type {Box} */ frame) => box.width * box.height - common(box, frame);

// What a place costs: another name or the edge far more than a line, a line more than being farther off.
const cost = (box, order, { taken, marks, frame }) => 20 * outside(box, frame)
  + 20 * taken.reduce((sum, other) => sum + common(box, other), 0)
  + 60 * marks.filter((mark) => holds(box, mark)).length + 8 * order;

// The box of each name, in their order, and what is written there. marks: points of lines, [x, y]; taken: boxes that are full already.
export const placed = (/** @type {Wanted[]} */ names, marks, /** @type {Box} */ frame, /** @type {Box[]} */ taken = []) => {
  const full = [...taken];
  return names.map((name) => {
    const written = [{ ...name, extra: 0 }, ...(name.short ? [{ ...name, ...name.short, extra: SHORTENED }] : [])];
    const choices = written.flatMap((one) => sides(one, frame).map((box, order) => (
      { box: { ...box, text: one.text }, cost: one.extra + cost(box, order, { taken: full, marks, frame }) })));
    const { box } = choices.reduce((best, choice) => (choice.cost < best.cost ? choice : best));
    full.push(box);
    return box;
  });
};

// Points along a line, no farther apart than half a name is high, so that none slips between two of them.
export const along = (places) => places.flatMap(([x, y], i) => {
  if (!i) return [[x, y]];
  const [fromX, fromY] = places[i - 1];
  const pieces = Math.min(Math.ceil(Math.hypot(x - fromX, y - fromY) / (HIGH / 2)) || 1, 400);
  return Array.from({ length: pieces }, (_, k) => [fromX + ((x - fromX) * (k + 1)) / pieces, fromY + ((y - fromY) * (k + 1)) / pieces]);
});

// How much room the names right of their lines need beyond the axes. ends: [share of the way across, width of the name].
export const roomFor = (ends, wide) => ends.reduce((room, [share, width]) => (
  share > 0 ? Math.max(room, wide - (wide - ASIDE - width) / share) : room), 0);
