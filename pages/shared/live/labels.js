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
