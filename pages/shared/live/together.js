// @ts-check
// What hands do to the pictures of this window, told to a room as they do it, and what a room's teacher does, shown by them.

/**
 * @typedef {object} Moved
 * @property {string} key which picture: the same words in every window that shows it
 * @property {any} posture what hands have moved in it
 */

/**
 * @typedef {object} Followed
 * @property {Element} root
 * @property {() => string} key
 * @property {() => any} posture
 * @property {(posture: any) => void} take
 * @property {() => any} [told] all that Python would have to tell it for what is on screen, where the last that it did tell is less
 * @property {string} [lastPosture]
 */

/**
 * Of the whole window, since the story's first screen brings modules of its own. shown: what the pictures are to show, those that
 * come later too.
 * @type {{ pictures: Set<Followed>, listener: ((moved: Moved) => void) | null, shown: Moved | null }}
 */
const together = (/** @type {any} */ (globalThis).klTogether ??= { pictures: new Set(), listener: null, shown: null });
const { pictures } = together;

export const join = (picture) => {
  for (const other of pictures) if (!other.root.isConnected) pictures.delete(other);
  pictures.add(picture);
};

/** For a picture that shows no room anything, and no room shows it. */
export const leave = (picture) => { pictures.delete(picture); };

/** @param {((moved: Moved) => void) | null} heard called whenever a hand has moved something */
export const listen = (heard) => { together.listener = heard; };

// A picture that was moved says so; one that Python has told something new says so with `settled`, which nobody hears.
export const settled = (picture) => { picture.lastPosture = JSON.stringify(picture.posture()); };

export const moved = (picture) => {
  if (!together.listener) return;
  const before = picture.lastPosture;
  settled(picture);
  if (picture.lastPosture !== before) together.listener({ key: picture.key(), posture: picture.posture() });
};

// For a picture whose scene has just come.
export const retake = (picture) => { if (together.shown?.key === picture.key()) picture.take(together.shown.posture); };

/** @param {Moved | null} wanted @returns {boolean} whether a picture of this window shows it now */
export const show = (wanted) => {
  together.shown = wanted;
  const asked = [...pictures].filter((picture) => picture.root.isConnected && picture.key() === wanted?.key);
  for (const picture of asked) picture.take(wanted.posture);
  return asked.length > 0;
};

/** What Python would tell the picture in this place, or null. @param {Element} host @returns {any} */
export const toldIn = (host) => [...pictures].find(({ root }) => root.isConnected && (host.contains(root) || host.shadowRoot?.contains(root)))?.told?.() ?? null;
