// @ts-check
// A picture as a list of marks: plain objects with a key, a kind and numbers. Two pictures blend mark by mark.

const NUMBERS = ["x", "y", "w", "h", "x1", "y1", "x2", "y2", "r", "size", "o"];

const mark = (kind) => (key, numbers, cls = "", extra = {}) => ({ kind, key, o: 1, ...numbers, cls, ...extra });

export const rect = mark("rect");
export const line = mark("line");
export const circle = mark("circle");
export const path = mark("path"); // points: [x, y, x, y, …], or d
export const icon = mark("icon"); // name, size
export const image = mark("image"); // href

export const text = (key, x, y, words, size, cls = "", extra = {}) => ({ kind: "text", key, x, y, size, text: words, cls, o: 1, ...extra });

const mix = (a, b, t) => a + (b - a) * t;

const between = (a, b, t) => {
  const made = { ...(t < 0.5 ? a : b) };
  for (const name of NUMBERS) if (name in a && name in b) made[name] = mix(a[name], b[name], t);
  if (a.points) made.points = a.points.map((value, i) => mix(value, b.points[i], t));
  return made;
};

const alike = (a, b) => a && b && a.kind === b.kind && a.points?.length === b.points?.length && !a.d && !b.d;

// Words that change stand still and fade; what is in both pictures moves; the rest fades out early and in late.
export const blend = (before, after, t) => {
  if (t <= 0) return before;
  if (t >= 1) return after;
  const next = new Map(after.map((mark) => [mark.key, mark]));
  const seen = new Set();
  const made = [];
  for (const a of before) {
    const b = next.get(a.key);
    if (alike(a, b)) {
      seen.add(a.key);
      made.push(between(a, b, t));
    } else made.push({ ...a, key: `${a.key}<`, o: a.o * Math.max(1 - 2.5 * t, 0) });
  }
  for (const b of after) if (!seen.has(b.key)) made.push({ ...b, o: b.o * Math.max((t - 0.6) / 0.4, 0) });
  return made;
};

// A curve as points, its y measured down from `base` by `perY`.
export const curve = (xs, ys, x, base, perY) => xs.flatMap((value, i) => [x(value), base - ys[i] * perY]);
