// @ts-check
// A phone in a room: it follows the teacher, looks around alone, and comes back.

import { make, put } from "../../shared/live/draw.js";
import { show as showMoved } from "../../shared/live/together.js";
import { AnswerSheet } from "./answer.js";
import { Watch, here, show } from "./follow.js";
import { Channel } from "./server.js";

const AFTER_MOVES = 1500; // ms: the picture shows them already, so what the server adds can wait until the hand rests
const SPREAD = 1500; // ms, so that a class does not ask at once
const pathOf = (address) => address.split("?")[0];
const REST = 250; // ms between two states that are opened: a page needs as long to answer

export class Phone {
  // membership: { code, phone, follows }; keep(membership): called when it has changed; left(sentence): the room is over for this phone.
  constructor(membership, keep, left) {
    this.membership = membership;
    this.keep = keep;
    this.left = left;
    this.view = null;
    this.shown = 0;
    this.moved = false; // the picture has followed a hand since the last address that was opened
    this.status = make("span", { role: "status" });
    this.turn = make("button", { type: "button" });
    this.leave = make("button", { type: "button", text: "Leave", "aria-label": "Leave the room" });
    this.node = make("section", { class: "room-bar phone", "aria-label": "Room" }, [this.status, this.turn, this.leave]);
    this.sheet = new AnswerSheet(membership, (number, value) => {
      membership.said = { ...membership.said, [number]: value };
      keep(membership);
    });
    this.turn.addEventListener("click", () => this.follow(!this.membership.follows));
    this.leave.addEventListener("click", () => this.end(""));
    this.watch = new Watch(200, (_, byHand) => { if (byHand) this.strayed(); }, (event) => [this.node, this.sheet.node].some((node) => event.composedPath().includes(node)));
    this.channel = new Channel(membership, (view, sentence) => (view ? this.heard(view) : this.end(sentence)), (sentence) => this.say(sentence));
    this.say("Joining…");
  }

  heard(view) {
    this.view = view;
    document.documentElement.classList.toggle("room-locked", view.locked);
    if (view.locked && !this.membership.follows) this.follow(true);
    this.open();
    if (this.membership.follows && showMoved(view.live)) this.moved = true;
    this.sheet.update(view.question);
    this.say("");
  }

  // The newest state, after a rest; what comes meanwhile is skipped.
  open() {
    if (!this.membership.follows || !this.view || this.view.move === this.shown || this.resting) return;
    if (this.moved && pathOf(this.view.address) === pathOf(here())) {
      this.moved = false;
      this.rest(AFTER_MOVES + Math.random() * SPREAD);
      return;
    }
    this.moved = false;
    this.shown = this.view.move;
    show(this.view.address);
    this.watch.seen();
    this.rest(REST);
  }

  rest(time) {
    this.resting = setTimeout(() => { this.resting = null; this.open(); }, time);
  }

  // A hand on this phone has opened something else.
  strayed() {
    if (!this.view?.locked) return this.follow(false);
    this.shown = 0;
    this.open();
  }

  follow(on) {
    this.membership.follows = on;
    this.keep(this.membership);
    if (on && this.view?.address !== here()) this.shown = 0;
    if (!on) showMoved(null);
    this.open();
    this.say("");
  }

  say(trouble) {
    const { code, follows } = this.membership;
    const locked = Boolean(this.view?.locked);
    put(this.status, { text: trouble || `Room ${code} · ${locked ? "the teacher has locked the page" : follows ? "following" : "exploring"}` });
    this.turn.hidden = locked;
    put(this.turn, { text: follows ? "Explore alone" : "Follow the teacher" });
    this.turn.classList.toggle("main", !follows);
  }

  end(sentence) {
    this.channel.end();
    this.watch.end();
    showMoved(null);
    document.documentElement.classList.remove("room-locked");
    clearTimeout(this.resting);
    this.node.remove();
    this.sheet.node.remove();
    this.left(sentence);
  }
}
