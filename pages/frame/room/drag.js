// @ts-check
// A distribution to drag on a phone: the live picture of a question, whose numbers are the answer.

import { make } from "../../shared/live/draw.js";
import { Picture } from "../../shared/live/picture.js";
import { leave } from "../../shared/live/together.js";
import { numbersOf, placed } from "./ghosts.js";
import { ask } from "./server.js";

const pictures = new Map(); // by room and question: what its picture is told, or the promise of it

/**
 * What the picture of a question is told, or null while it is fetched.
 * @param {string} code
 * @param {number} number
 * @param {() => void} come called once it is there
 */
export const pictureOf = (code, number, come) => {
  const name = `${code} ${number}`;
  const told = pictures.get(name);
  if (told) return told instanceof Promise ? null : told;
  pictures.set(name, ask(`${code}/picture/${number}`).then((response) => response.json()).then(
    (picture) => { pictures.set(name, picture); come(); },
    () => { pictures.delete(name); setTimeout(come, 2000); },
  ));
  return null;
};

const nearest = (axis, value) => axis.reduce((best, place) => (Math.abs(place - value) < Math.abs(best - value) ? place : best));

export class DragAnswer {
  // mine: the numbers said before, or null; moved(): a hand has.
  constructor(question, told, mine, moved) {
    this.question = question;
    this.node = make("div", { class: "dragged" });
    const place = make("div");
    this.node.attachShadow({ mode: "open" }).append(make("style", { text: told.style }), place);
    this.picture = new Picture(place, moved);
    leave(this.picture); // it is this phone's own, and no teacher moves it
    this.picture.update({ ...told.scene, answers: 0 });
    if (mine) placed(this.picture.curves.q, question.keys, mine);
    this.picture.schedule();
  }

  /** Each on its axis. */
  numbers() {
    const { keys, axes } = this.question;
    return numbersOf(this.picture.curves.q, keys).map((value, i) => nearest(axes[i], value));
  }
}
