// @ts-check
// The story before Streamlit has arrived: it needs no server, so it begins as soon as its own two files are there. Streamlit's
// client is asked for once the first picture is on screen, and its component then takes over the very same element (story.js).

import { clientAfter, yielding } from "../../frame/first/client.js";
import { make } from "../../shared/live/draw.js";
import { Story } from "./story.js";

const begin = async (holder) => {
  const data = await (await fetch(holder.dataset.tables)).json();
  if (!holder.isConnected) return;
  const root = make("div", { class: "story" });
  holder.shadowRoot.append(root);
  holder.story = new Story(root, { ...data, scene: Number(holder.dataset.first) });
};

export default async function open(holder) {
  yielding(holder);
  await clientAfter(() => begin(holder));
}
