// @ts-check
// Where the handles of P's hills and of Q's start stand, and what a place under the hand means.

const near = (xs, x) => Math.min(Math.max(Math.round(((x - xs[0]) / (xs[xs.length - 1] - xs[0])) * (xs.length - 1)), 0), xs.length - 1);
const ORDINALS = ["first", "second", "third", "fourth", "fifth"];

export const hillHandles = (pane, hills, p, xs, quiet) => {
  if (!hills) return [];
  const { curves } = pane;
  return hills.locs.flatMap((loc, index) => {
    const common = { style: "p", index, quiet };
    const name = `P ${ORDINALS[index]} hill`;
    const top = curves.y(p[near(xs, loc)]);
    const handles = [{ ...common, key: `loc${index}`, kind: "loc", name: `${name} mean`, value: loc, x: curves.x(loc), y: top, under: (x) => curves.toX(x) }];
    if (pane.handles.active !== index) return handles;
    const scale = hills.scales[index];
    handles.push({ ...common, key: `scale${index}`, kind: "scale", name: `${name} standard deviation`, value: scale, x: curves.x(loc + scale),
      y: curves.y(p[near(xs, loc + scale)]), under: (x) => Math.abs(curves.toX(x) - loc) });
    if (hills.locs.length > 1) {
      handles.push({ ...common, key: `weight${index}`, kind: "weight", name: `${name} weight`, value: hills.weights[index], x: curves.x(loc), y: top - 30,
        under: (_, y) => hills.weights[index] * Math.max((curves.height - y - 30) / Math.max(curves.height - top, 1), 0.02) });
    }
    return handles;
  });
};

// Where Q's bells begin after a change of {loc, scale}: one bell goes where it is put; two keep one width and stand four of it apart.
export const movedBells = (bells, { loc, scale = bells[0].scale }, whole) => {
  if (bells.length === 1) return [{ ...bells[0], scale, ...(loc === undefined ? {} : { loc }) }];
  const before = bells.reduce((sum, bell) => sum + bell.loc, 0) / bells.length;
  const middle = loc === undefined ? before : whole ? loc : loc + 2 * scale;
  return bells.map((bell, i) => ({ ...bell, scale, loc: middle + (i ? 2 : -2) * scale }));
};

export const startHandles = (pane, components, quiet) => {
  const { curves } = pane;
  const [{ loc, scale, weight }] = components;
  const peak = Math.exp(pane.base.table[Math.floor(pane.base.table.length / 2)]) * (weight / scale);
  const half = Math.exp(-0.5) * peak;
  const common = { style: "q", index: -1, quiet };
  return [
    { ...common, key: "qloc", kind: "loc", name: "Q mean at the start", value: loc, x: curves.x(loc), y: Math.max(curves.y(peak), 10), under: (x) => curves.toX(x) },
    { ...common, key: "qscale", kind: "scale", name: "Q standard deviation at the start", value: scale, x: curves.x(loc + scale), y: Math.max(curves.y(half), 28),
      under: (x) => Math.abs(curves.toX(x) - loc) },
  ];
};
