// @ts-check
// The long texts of what Python tells come once, and after that by their names (held.py). They are kept here.

const MOST = 32e6; // letters kept in all, those used last

/** @type {Map<string, string>} */
const texts = new Map();

const keep = (/** @type {string} */ name, /** @type {string} */ text) => {
  texts.delete(name); // so that it is the last
  texts.set(name, text);
};

// Forgets those used longest ago; never in the middle of a scene, which may still name them.
const forget = () => {
  let letters = [...texts.values()].reduce((sum, { length }) => sum + length, 0);
  for (const [oldest, { length }] of texts) {
    if (letters <= MOST) break;
    texts.delete(oldest);
    letters -= length;
  }
};

/**
 * All that is told, with its texts, and as `held` their names, which the picture's messages list; null where a text is not here.
 * @param {any} told
 * @returns {any}
 */
export const whole = (told) => {
  /** @type {Set<string>} */
  const held = new Set();
  let lost = false;
  const restored = (/** @type {any} */ value) => {
    if (Array.isArray(value)) return value.map(restored);
    if (value === null || typeof value !== "object") return value;
    if (!("$" in value)) return Object.fromEntries(Object.entries(value).map(([key, its]) => [key, restored(its)]));
    const text = value.text ?? texts.get(value.$);
    lost ||= text === undefined;
    if (text !== undefined) keep(value.$, text);
    held.add(value.$);
    return text;
  };
  const all = restored(told);
  forget();
  return lost ? null : { ...all, held: [...held] };
};
