// @ts-check
// Addresses below the place where the app begins, whatever path of its host that is, and links as people hand them on.

// The whole address of "/vae?beta_vae=4". This module is served from js/<version>/shared/ below where the app begins.
export const within = (address) => new URL(`.${address}`, new URL("../../../", import.meta.url));

// The other way round: "/vae?beta_vae=4" from the whole address.
export const below = ({ pathname, search }) => `/${pathname.slice(within("/").pathname.length)}${search}`;

// What the frame around the app needs and nobody else: Streamlit's own two words, and those of Hugging Face (__theme, __sign).
export const OF_THE_FRAME = ["embed", "embed_options"];
const ofTheFrame = (name) => OF_THE_FRAME.includes(name) || name.startsWith("__");

// A link that leads others here. Streamlit Community Cloud shows the app in a frame, whose address has /~/+/ before the page.
export const shareable = (address) => {
  const url = new URL(address);
  for (const name of [...url.searchParams.keys()]) if (ofTheFrame(name)) url.searchParams.delete(name);
  url.search = url.search.replaceAll("%2C", ",").replaceAll("%7E", "~");
  url.pathname = url.pathname.replace(/^\/~\/\+\//, "/");
  return url.href;
};

// Puts a text on the clipboard; false where the browser does not allow it. Browsers give `navigator.clipboard` to pages over https
// alone; the older way works in most others.
export const copied = async (text) => {
  if (await navigator.clipboard?.writeText(text).then(() => true, () => false)) return true;
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
};
