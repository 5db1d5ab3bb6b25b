// @ts-check
// The components on this page, each with its entry module and what Python told it last. Their loaders (shared/scripts.py) write
// them down in `window.klShown`, because modules of another page's view cannot be imported from here.

/**
 * @typedef {object} Shown
 * @property {string} script the entry module, by its path below pages/
 * @property {any} call what Streamlit called it with last
 * @property {number} at when that was, in ms of performance.now()
 */

/** @returns {Map<HTMLElement, Shown>} */
const all = () => {
  const { klShown = new Map() } = /** @type {any} */ (window);
  for (const place of klShown.keys()) if (!place.isConnected) klShown.delete(place);
  return klShown;
};

const FOLLOWING = 4; // Node.DOCUMENT_POSITION_FOLLOWING

/** @returns {HTMLElement} */
const hostOf = (/** @type {HTMLElement} */ place) => /** @type {any} */ (place.getRootNode()).host ?? place;

/** When Python told any component something, in ms. */
export const toldAt = () => Math.max(0, ...[...all().values()].map(({ at }) => at));

/** Those in sight on the page itself, from top to bottom. @returns {(Shown & { host: HTMLElement })[]} */
export const shown = () => [...all()]
  .map(([place, its]) => ({ ...its, host: hostOf(place) }))
  .filter(({ host }) => host.closest(".stMain") && !host.closest(".st-key-teach") && host.offsetParent)
  .sort((a, b) => (a.host.compareDocumentPosition(b.host) & FOLLOWING ? -1 : 1));
