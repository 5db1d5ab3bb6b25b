// @ts-check
// Words beside knobs and curves: each at the first of its places where it covers no knob and no other word.

import { MARGIN, put, tenth } from "./draw.js";

const SIDES = {
  above: [0, -14, "middle"], right: [13, 4, "start"], left: [-13, 4, "end"], below: [0, 24, "middle"],
};

const boxOf = (x, y, anchor, wide, high) => {
  const left = anchor === "start" ? x : anchor === "end" ? x - wide : x - wide / 2;
  return [left, y - high, left + wide, y + 3];
};

const meet = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

// The points of a curve as it is drawn.
const pointsOf = (stroke) => (stroke.getAttribute("d") || "").slice(1).split("L").map((point) => point.split(" ").map(Number));

// Letters as wide as the page's own size of type makes them: a projector has larger ones.
export const placeLabels = (panel, handles, held) => {
  const { width } = panel.size();
  const { type = 1 } = panel;
  const seen = ({ name }) => name.getAttribute("visibility") === "visible";
  const lines = panel.paths.filter(seen).map(({ stroke }) => pointsOf(stroke));
  const taken = handles.map(({ x, y }) => [x - 10, y - 10, x + 10, y + 10]);
  // The names of P and Q first, then what can be held, then the fits.
  const names = panel.paths.filter((path) => path.peaks && path.name.textContent && seen(path));
  const minor = ({ name }) => name.classList.contains("fit") || name.classList.contains("faint");
  for (const path of names.filter((path) => !minor(path))) placeName(path, lines, taken, width, 11 * type, 15 * type);
  for (const handle of handles) placeHandleLabel(handle, lines, taken, width, held === handle, type);
  for (const path of names.filter(minor)) placeName(path, lines, taken, width, 6.5 * type, 11 * type, "hidden");
};

// Beside one of its curve's peaks, on the side away from the other curves if that is free; `crowded`: how it is seen if
// no place is.
const placeName = (path, lines, taken, width, letter, high, crowded = "visible") => {
  const { name } = path;
  const wide = letter * name.textContent.length;
  const aside = path.side * (11 + wide / 2);
  const spots = [[aside, -6], [-aside, -6], [aside, -24], [-aside, -24], [0, -30], [aside * 2, 8], [-aside * 2, 8], [0, -48]];
  const places = path.peaks.flatMap(([x, y, lower], peak) => spots.map(([dx, dy], spot) => {
    const at = { x: x + dx, y: Math.max(y + dy, high + 1) };
    const id = `${peak} ${spot}`;
    return { ...at, id, away: 3 * spot + 20 * lower, stays: id === path.spot, box: boxOf(at.x, at.y, "middle", wide, high) };
  })).filter(({ box }) => box[0] >= 0 && box[2] <= width);
  const [x, y] = path.peaks[0];
  const best = clearest(places, lines, taken) ?? { x: x + aside, y: Math.max(y - 6, high + 1), covers: true };
  path.spot = best.id;
  put(name, { visibility: best.covers ? crowded : "visible", x: tenth(Math.min(Math.max(best.x, wide / 2), width - wide / 2)), y: tenth(best.y) });
};

// A label that finds no free place is left out, but not that of what is held.
const placeHandleLabel = (handle, lines, taken, width, held, type) => {
  const wide = (held ? 8.5 : 7.5) * type * handle.label.textContent.length;
  const order = [...new Set([handle.prefers, ...Object.keys(SIDES)])].filter(Boolean);
  const places = order.map((side, i) => {
    const [dx, dy, anchor] = SIDES[side];
    return { side, dx, dy, anchor, away: 3 * i, stays: side === handle.side, box: boxOf(handle.x + dx, handle.y + dy, anchor, wide, (held ? 14 : 12) * type) };
  }).filter(({ box }) => box[0] >= 0 && box[2] <= width && box[1] >= 0);
  const best = clearest(places, lines, taken);
  const free = best && !best.covers;
  handle.side = best?.side;
  const at = free ? { x: best.dx, y: best.dy, "text-anchor": best.anchor } : handle.usual;
  put(handle.label, { visibility: free || held ? "inherit" : "hidden", ...at });
};

// Whether a line, a list of points, goes through a box. Asked for every place at every frame: plain loops.
const goesThrough = (points, [left, top, right, bottom]) => {
  for (let i = 0; i < points.length; i += 1) {
    const [a, b] = [points[Math.max(i - 1, 0)], points[i]];
    const [first, last] = a[0] < b[0] ? [a, b] : [b, a];
    if (last[0] < left || first[0] > right) continue;
    const slope = last[0] === first[0] ? 0 : (last[1] - first[1]) / (last[0] - first[0]);
    const entry = first[1] + slope * (Math.max(left, first[0]) - first[0]);
    const exit = slope ? first[1] + slope * (Math.min(right, last[0]) - first[0]) : last[1];
    if (Math.max(entry, exit) > top && Math.min(entry, exit) < bottom) return true;
  }
  return false;
};

const struck = (lines, box) => lines.filter((points) => goesThrough(points, box)).length;

// The place through which the fewest lines go, and which no other words have; far `away` costs too: there it would name
// another curve. What was there before stays unless it is struck. Null of no places; `covers`: all of them have other words.
const clearest = (places, lines, taken) => {
  const covered = ({ box }) => taken.filter((other) => meet(box, other)).length;
  const cost = (place) => struck(lines, place.box) + 10 * covered(place) + Math.abs(place.away ?? 0) / 30 - (place.stays ? 0.2 : 0);
  const costs = places.map(cost);
  const best = places[costs.indexOf(Math.min(...costs))];
  if (!best) return null;
  const chosen = { ...best, covers: covered(best) > 0 };
  if (!chosen.covers) taken.push(best.box);
  return chosen;
};

// What is said of each mark, below each other at the top or at the bottom. Answers with the boxes that are taken.
export const placeMarks = (marks, lines, onTop, height, type) => {
  const [top, bottom] = [MARGIN.top + 24, height - MARGIN.bottom - 7 - 15 * marks.length];
  const taken = [];
  marks.forEach((mark, i) => {
    const places = (onTop ? [top, bottom] : [bottom, top]).map((first) => {
      const y = first + 15 * i;
      return { y, box: boxOf(mark.left, y, "start", 6 * type * mark.label.length, 11 * type) };
    });
    mark.y = clearest(places, lines, taken).y;
  });
  return taken;
};

// Where a mark's upright line runs, [from, to]: it does not go through what is said of other marks.
export const lineOfMark = (mark, marks, height, type) => marks.reduce(([from, to], other) => {
  const struckBy = other !== mark && mark.x > other.left && mark.x < other.left + 6 * type * other.label.length;
  if (!struckBy) return [from, to];
  return other.y < height / 2 ? [Math.max(from, other.y + 5), to] : [from, Math.min(to, other.y - 12 * type)];
}, [MARGIN.top, height - MARGIN.bottom]);

const NEAR = 17; // pixels from a curve's end to its name: of one farther off, a line says whose it is

// Names at their curves' ends, above, below or, where there is room, beyond; the highest first. Answers with the lines from ends to
// names that stand farther off: whose name, and from where to where.
export const placeEnds = (names, lines, taken, width, height, type) => {
  const leaders = [];
  const seen = names.filter((name) => name.textContent && name.getAttribute("visibility") === "visible");
  const end = (name) => Number(name.getAttribute("y"));
  for (const name of seen.sort((a, b) => end(a) - end(b))) {
    const [x, y, anchor] = [Number(name.getAttribute("x")), end(name), name.style.textAnchor];
    const beyond = anchor === "end" ? [{ x: x + 8, y: y + 4, anchor: "start", away: 12 }] : [];
    const places = [...[-8, 17, -22, 31, -36, 45].map((away) => ({ x, y: y + away, anchor, away })), ...beyond]
      .map((place) => ({ ...place, box: boxOf(place.x, place.y, place.anchor, 6.4 * type * name.textContent.length, 10 * type) }))
      .filter(({ box }) => box[1] >= 0 && box[3] <= height + 4 && box[2] <= width);
    const best = places.length ? clearest(places, lines, taken) : { x, y: y - 8, anchor };
    put(name, { x: tenth(best.x), y: tenth(best.y), style: `text-anchor: ${best.anchor}` });
    if (Math.abs(best.y - y) > NEAR) leaders.push({ name, x: best.x, from: y, to: best.y < y ? best.y + 3 : best.y - 10 * type });
  }
  return leaders;
};
