// @ts-check
// The nine scenes that have a picture, and the picture of any place between two of them.

import { blend } from "./marks.js";
import { bill } from "./scenes/bill.js";
import { curves } from "./scenes/curves.js";
import { directions } from "./scenes/directions.js";
import { formula } from "./scenes/formula.js";
import { impossible } from "./scenes/impossible.js";
import { positive } from "./scenes/positive.js";
import { surprise } from "./scenes/surprise.js";
import { twist } from "./scenes/twist.js";
import { uses } from "./scenes/uses.js";

/** @type {import("./scene").Scene[]} */
export const SCENES = [surprise, bill, formula, positive, directions, impossible, curves, twist, uses];
const PLACES = 0.4; // of the way into a scene that `arriving` tells: first the bars go to their new places, then they become fine

// The marks at scene `from`, a part t of the way to the next.
export const pictureAt = ({ from, t }, states, data, m) => {
  const drawn = (i) => (i < SCENES.length ? SCENES[i].draw(states[i], data, m) : []);
  if (t <= 0) return drawn(from);
  if (t >= 1) return drawn(from + 1);
  const next = SCENES[from + 1];
  if (!next?.arriving) return blend(drawn(from), drawn(from + 1), t);
  const first = next.draw(next.arriving(states[from + 1], 0), data, m);
  if (t < PLACES) return blend(drawn(from), first, t / PLACES);
  return next.draw(next.arriving(states[from + 1], (t - PLACES) / (1 - PLACES)), data, m);
};
