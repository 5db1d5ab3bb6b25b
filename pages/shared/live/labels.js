// Words beside knobs and curves: each at the first of its places where it covers no knob and no other word.

const SIDES = {
  above: [0, -14, "middle"], right: [13, 4, "start"], left: [-13, 4, "end"], below: [0, 24, "middle"],
};

const boxOf = (x, y, anchor, wide, high) => {
  const left = anchor === "start" ? x : anchor === "end" ? x - wide : x - wide / 2;
  return [left, y - high, left + wide, y + 3];
};

const meet = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

// The first place whose box is inside the plot and free; null if there is none.
const freePlace = (places, taken, width) => places.find(({ box }) =>
  box[0] >= 0 && box[2] <= width && box[1] >= 0 && !taken.some((other) => meet(box, other))) ?? null;

// Letters as wide as the page's own size of type makes them: a projector has larger ones.
const placeLabels = (panel, handles, held) => {
  const { width } = panel.size();
  const { type = 1 } = panel;
  const taken = handles.map(({ x, y }) => [x - 10, y - 10, x + 10, y + 10]);
  // The names of P and Q first, then what can be held, then the fits.
  const names = panel.paths.filter(({ peak, name }) => peak && name.textContent && name.getAttribute("visibility") === "visible");
  const minor = ({ name }) => name.classList.contains("fit") || name.classList.contains("faint");
  for (const one of names.filter((path) => !minor(path))) placeName(one, taken, width, 11 * type, 15 * type);
  for (const handle of handles) placeHandleLabel(handle, taken, width, held === handle, type);
  for (const one of names.filter(minor)) placeName(one, taken, width, 6.5 * type, 11 * type, "hidden");
};

// Beside its curve's peak, on the side away from the other curves if that is free; `crowded`: how it is seen if no
// place is.
const placeName = ({ peak, name }, taken, width, letter, high, crowded = "visible") => {
  const [x, y] = peak;
  const wide = letter * name.textContent.length;
  const aside = Math.sign(peak[2]) * (11 + wide / 2);
  const spots = [[aside, -6], [-aside, -6], [aside, -24], [-aside, -24], [0, -30], [aside * 2, 8], [-aside * 2, 8], [0, -48]];
  const places = spots.map(([dx, dy]) => ({ x: x + dx, y: Math.max(y + dy, high + 1) }))
    .map((at) => ({ ...at, box: boxOf(at.x, at.y, "middle", wide, high) }));
  const free = freePlace(places, taken, width);
  const at = free ?? places[0];
  if (free) taken.push(at.box);
  put(name, { visibility: free ? "visible" : crowded, x: tenth(Math.min(Math.max(at.x, wide / 2), width - wide / 2)), y: tenth(at.y) });
};

// A label that finds no free place is left out, but not that of what is held.
const placeHandleLabel = (handle, taken, width, held, type) => {
  const wide = (held ? 8.5 : 7.5) * type * handle.label.textContent.length;
  const order = [...new Set([handle.side, handle.prefers, ...Object.keys(SIDES)])].filter(Boolean);
  const places = order.map((side) => {
    const [dx, dy, anchor] = SIDES[side];
    return { side, dx, dy, anchor, box: boxOf(handle.x + dx, handle.y + dy, anchor, wide, (held ? 14 : 12) * type) };
  });
  const free = freePlace(places, taken, width);
  handle.side = free?.side;
  const place = free ?? places[0];
  if (free || held) taken.push(place.box);
  put(handle.label, { visibility: free || held ? "inherit" : "hidden" });
  if (free) put(handle.label, { x: place.dx, y: place.dy, "text-anchor": place.anchor });
};

// How many lines, each a list of points from left to right, go through a box.
const struck = (lines, [left, top, right, bottom]) => lines.filter((points) => points.some(([bx, by], i) => {
  const [ax, ay] = points[Math.max(i - 1, 0)];
  if (Math.max(ax, bx) < left || Math.min(ax, bx) > right) return false;
  const at = (x) => (bx === ax ? by : ay + ((by - ay) * (Math.min(Math.max(x, Math.min(ax, bx)), Math.max(ax, bx)) - ax)) / (bx - ax));
  const [one, other] = [at(left), at(right)];
  return Math.max(one, other) > top && Math.min(one, other) < bottom;
})).length;

// The place through which the fewest lines go, and which no other words have; far `away` costs too: there it would name
// another curve.
const clearest = (places, lines, taken) => {
  const costs = places.map(({ box, away = 0 }) => struck(lines, box) + 10 * taken.filter((other) => meet(box, other)).length + Math.abs(away) / 30);
  const best = places[costs.indexOf(Math.min(...costs))];
  taken.push(best.box);
  return best;
};

// What is said of each mark, below each other at the top or at the bottom. Answers with the boxes that are taken.
const placeMarks = (marks, lines, onTop, height, type) => {
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

// Names at their curves' ends, above, below or, where there is room, beyond; the highest first.
const placeEnds = (names, lines, taken, width, height, type) => {
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
  }
};
