// @ts-check
// A phone in a room: it follows the teacher, looks around alone, and comes back.

import { make, put } from "../../shared/live/draw.js";
import { show as showMoved } from "../../shared/live/together.js";
import { AnswerSheet } from "./answer.js";
import { Watch, here, pathOf, show } from "./follow.js";
import { Channel, ask } from "./server.js";
import { Stage } from "./stage.js";

const NO_STAGE = 2500; // ms after which a page that the teacher's window has not sent is opened by a run
const AFTER_STAGE = 250; // ms between what is drawn at once and the run that makes the page whole
const AFTER_UPDATE = 1500; // ms: the page's own pictures show it already, so the rest can wait until the teacher's hand rests

export class Phone {
  // membership: { code, phone, follows }; keep(membership): called when it has changed; left(sentence): the room is over for this
  // phone; step(address): shows the step of the lesson that an address names, if this window knows it.
  constructor(membership, keep, left, step) {
    this.membership = membership;
    this.keep = keep;
    this.left = left;
    this.step = step;
    this.view = null;
    this.shown = 0; // the move whose address is open
    this.planned = 0; // the move whose address is to be opened
    this.drawn = 0; // the stage that was asked for last
    this.turn = Math.random(); // when this phone runs among the others: its share of the spread
    this.status = make("span", { role: "status" });
    this.toggle = make("button", { type: "button" });
    this.leave = make("button", { type: "button", text: "Leave", "aria-label": "Leave the room" });
    this.news = make("p", { class: "for-readers", role: "status" }); // for who does not see that a question has come
    this.node = make("section", { class: "room-bar phone", "aria-label": "Room" }, [this.status, this.toggle, this.leave, this.news]);
    this.stage = new Stage(() => this.open());
    this.sheet = new AnswerSheet(membership, (number, value) => {
      membership.said = { ...membership.said, [number]: value };
      keep(membership);
    });
    this.toggle.addEventListener("click", () => (this.membership.follows ? this.explore() : this.follow(true)));
    this.leave.addEventListener("click", () => this.end(""));
    const own = [this.node, this.sheet.node, this.stage.node];
    this.watch = new Watch(200, (_, byHand) => { if (byHand) this.strayed(); }, (event) => own.some((node) => event.composedPath().includes(node)));
    this.channel = new Channel(membership, (view, sentence) => (view ? this.heard(view) : this.end(sentence)), (sentence) => this.say(sentence));
    this.say("Joining…");
  }

  get nodes() {
    return [this.node, this.sheet.node];
  }

  heard(view) {
    this.view = view;
    document.documentElement.classList.toggle("room-locked", view.locked);
    if (view.locked && !this.membership.follows) this.follow(true);
    this.followView();
    this.sheet.update(view.question);
    put(this.news, { text: !view.question ? "" : view.question.revealed ? "The answers are shown." : "A question has come." });
    this.say("");
  }

  // What is there is drawn at once; the address is opened, by a script run, when it is this phone's turn.
  followView() {
    if (!this.membership.follows || !this.view) return;
    const { view } = this;
    if (view.move !== this.shown && view.move !== this.planned) this.plan(NO_STAGE);
    if (view.stage && view.stage !== this.drawn) this.draw(view.stage);
    showMoved(view.live);
  }

  async draw(number) {
    this.drawn = number;
    const { view } = this;
    const path = pathOf(view.address);
    let staged;
    try { staged = await (await ask(`${this.membership.code}/stage`)).json(); } catch { return; } // its own run will show it
    if (staged.number !== this.view.stage || !this.membership.follows) return;
    const told = this.step(view.address);
    if (this.stage.fits(staged, path)) {
      await this.stage.update(staged);
      this.plan(AFTER_UPDATE);
    } else if (!staged.parts.length && path === this.stage.page) this.plan(AFTER_UPDATE); // words alone, which are there
    else if (view.move !== this.shown || this.stage.over) {
      await this.stage.cover(staged, told ? "" : staged.words);
      this.plan(AFTER_STAGE);
    }
    showMoved(this.view?.live ?? null);
  }

  // The newest state only: what is overtaken meanwhile is never opened.
  plan(rest) {
    clearTimeout(this.opening);
    this.planned = this.view.move;
    this.opening = setTimeout(() => this.open(), rest + 1000 * this.turn * (this.view.spread ?? 0));
  }

  open() {
    clearTimeout(this.opening);
    this.planned = 0;
    if (!this.view) return;
    if (this.view.move !== this.shown) {
      this.shown = this.view.move;
      show(this.view.address);
      this.watch.seen();
    }
    this.stage.leaveAt(pathOf(this.view.address));
  }

  // The run of a page on this phone has ended.
  placed(page) {
    this.stage.page = page;
  }

  // A hand on this phone has opened something else.
  strayed() {
    if (!this.view?.locked) return this.follow(false);
    this.shown = 0;
    this.followView();
  }

  explore() {
    this.open();
    this.follow(false);
  }

  follow(on) {
    this.membership.follows = on;
    this.keep(this.membership);
    if (on && this.view?.address !== here()) [this.shown, this.drawn] = [0, 0];
    if (!on) {
      clearTimeout(this.opening);
      this.planned = 0;
      showMoved(null);
    }
    this.followView();
    this.say("");
  }

  say(trouble) {
    const { code, follows } = this.membership;
    const locked = Boolean(this.view?.locked);
    put(this.status, { text: trouble || `Room ${code} · ${locked ? "the teacher has locked the page" : follows ? "following" : "exploring"}` });
    this.toggle.hidden = locked;
    put(this.toggle, { text: follows ? "Explore alone" : "Follow the teacher" });
    this.toggle.classList.toggle("main", !follows);
  }

  end(sentence) {
    this.channel.end();
    this.watch.end();
    this.stage.leave();
    showMoved(null);
    document.documentElement.classList.remove("room-locked");
    clearTimeout(this.opening);
    for (const node of [...this.nodes, this.stage.node]) node.remove();
    this.left(sentence);
  }
}
