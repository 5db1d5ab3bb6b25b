// @ts-check
// The story before Streamlit has arrived: it needs no server, so it begins as soon as its own two files are there. Streamlit's
// client is asked for once the first picture is on screen, and its component then takes over the very same element (story.js).

import { Story } from "./story.js";
import { make } from "../../shared/live/draw.js";

const begin = async (holder) => {
  const data = await (await fetch(holder.dataset.tables)).json();
  if (!holder.isConnected) return;
  const root = make("div", { class: "story" });
  holder.shadowRoot.append(root);
  holder.story = new Story(root, { ...data, scene: Number(holder.dataset.first) });
};

// The client's own tags wait in a template; scripts run in their order.
const client = () => {
  /** @type {HTMLTemplateElement | null} */
  const waiting = document.querySelector("template#kl-client");
  if (!waiting) return;
  const tags = document.importNode(waiting.content, true);
  for (const script of tags.querySelectorAll("script")) script.async = false;
  waiting.remove();
  document.head.append(tags);
};

// It gives way at once where another page is asked for, or Streamlit has something else to say.
const yielding = (holder) => {
  const path = location.pathname;
  const check = () => {
    if (!holder.isConnected) return;
    if (location.pathname !== path || document.querySelector(".stMain .stAlert")) holder.remove();
    else setTimeout(check, 200);
  };
  check();
};

export default async function open(holder) {
  yielding(holder);
  setTimeout(client, 3000); // whatever becomes of the opening
  try {
    await begin(holder);
  } finally {
    requestAnimationFrame(() => setTimeout(client));
  }
}
