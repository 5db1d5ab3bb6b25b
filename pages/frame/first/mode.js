// @ts-check
// How a page's address and a theme chosen by hand change what every page shows, before Streamlit and teach/ have arrived to do it.
// This stands in the HTML itself, behind the early picture, so that it is never seen otherwise. All that asks the server nothing:
// whatever such words an address has, its HTML is the same.

export const inMode = (/** @type {HTMLElement} */ holder) => {
  const asked = new URLSearchParams(location.search);
  const page = document.documentElement.classList;
  const list = (/** @type {string} */ name) => (asked.get(name) ?? "").split(",").filter(Boolean);
  const options = [...asked].filter(([name]) => name.toLowerCase() === "embed_options").map(([, value]) => value.toLowerCase());
  /** @type {unknown} */
  let theme = null;
  try {
    theme = JSON.parse(localStorage.getItem(`stActiveTheme-${location.pathname}-v2`) ?? "null");
  } catch { /* no storage in this frame, no choice */ }
  if (options.includes("light_theme")) theme = "Light";
  else if (options.includes("dark_theme")) theme = "Dark";
  if (theme === "Light" || theme === "Dark") holder.dataset.theme = theme.toLowerCase();

  if (asked.get("present") === "1") page.add("present");
  if (asked.get("lesson")) page.add("in-lesson");
  const whole = holder.shadowRoot?.querySelector(".whole");
  whole?.classList.add(...page);
  const hidden = document.head.appendChild(document.createElement("style"));
  hidden.id = "hidden-controls"; // as locks.js takes it over
  hidden.textContent = list("hide").map((key) => `.stMain .st-key-${CSS.escape(key)} { display: none !important; }`).join("\n");
  whole?.append(hidden.cloneNode(true));
  for (const key of list("lock")) {
    for (const node of whole?.querySelectorAll(`.st-key-${CSS.escape(key)}`) ?? []) node.setAttribute("inert", "");
  }
};
