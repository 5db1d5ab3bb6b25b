// @ts-check
// Streamlit's client is asked for once the first picture is on screen: before that it would take the network and the processor from it.

// The client's own tags wait in a template; scripts run in their order.
const bring = () => {
  /** @type {HTMLTemplateElement | null} */
  const waiting = document.querySelector("template#kl-client");
  if (!waiting) return;
  const tags = document.importNode(waiting.content, true);
  for (const script of tags.querySelectorAll("script")) script.async = false;
  waiting.remove();
  document.head.append(tags);
};

// Whatever becomes of the picture, the client comes.
export const clientAfter = async (/** @type {() => Promise<void>} */ drawn) => {
  setTimeout(bring, 3000);
  try {
    await drawn();
  } finally {
    requestAnimationFrame(() => setTimeout(bring));
  }
};

// What was drawn gives way at once where another page is asked for, or Streamlit has something else to say.
export const yielding = (/** @type {HTMLElement} */ holder, saying = ".stMain .stAlert") => {
  const path = location.pathname;
  const check = () => {
    if (!holder.isConnected) return;
    if (location.pathname !== path || document.querySelector(saying)) holder.remove();
    else setTimeout(check, 200);
  };
  check();
};
