// @ts-check
// The teacher's side of a room: what stands in the address here is sent to the phones; the code is shown for all to join.

import { make, put } from "../../shared/live/draw.js";
import { shareable } from "../../shared/link.js";
import { listen } from "../../shared/live/together.js";
import { Asking } from "./asking.js";
import { Watch, here } from "./follow.js";
import { Publisher } from "./publish.js";
import { BASE, Channel, Refused, tell } from "./server.js";

const PAUSE = 50; // ms between two moves that are sent
const pause = (time) => new Promise((done) => { setTimeout(done, time); });

const people = (count) => `${count} phone${count === 1 ? "" : "s"} here`;

export class Teacher {
  // membership: { code, key }; offered(): the question of the page on screen, or null; left(sentence): the room is over; changed():
  // called when the room has; words(): of the lesson's step on screen.
  constructor(membership, { offered, left, changed, words }) {
    this.membership = membership;
    this.left = left;
    this.changed = changed;
    const { code } = membership;
    const button = (text, act) => {
      const node = make("button", { type: "button", text });
      node.addEventListener("click", act);
      return node;
    };
    this.offered = offered;
    this.asking = new Asking(membership, offered);
    this.lock = button("Lock phones", () => this.lockPhones());
    this.lock.setAttribute("aria-pressed", "false");
    this.status = make("span", { role: "status" });
    this.node = make("section", { class: "room-bar teacher", "aria-label": `Room ${code}` }, [
      make("b", { class: "code", text: code }), this.status, this.asking.button, this.lock, button("Show the code", () => this.join.showModal()), button("Close the room", () => this.askToClose()),
    ]);
    this.here = make("p", { role: "status" });
    this.join = this.joinView(code);
    this.leaving = make("dialog", { class: "share", "aria-label": "Close the room" });
    this.node.append(this.join, this.asking.node, this.leaving);
    this.sent = null;
    this.live = null; // what a hand has moved in the picture since the address was written
    this.askedAt = ""; // the lesson's step whose question was asked
    this.watch = new Watch(100, () => { this.live = null; this.send(); });
    listen((moved) => { this.live = moved; this.send(); });
    this.publisher = new Publisher(membership, words);
    this.channel = new Channel(membership, (view, sentence) => (view ? this.heard(view) : this.end(sentence)), (sentence) => this.trouble(sentence));
    this.send();
  }

  get nodes() {
    return [this.node];
  }

  // For the projector, readable from the last row.
  joinView(code) {
    const link = shareable(`${BASE}?room=${code}`);
    const close = make("button", { type: "button", text: "✕", class: "close", "aria-label": "Close" });
    const dialog = make("dialog", { class: "join", "aria-label": "Join the room" }, [
      close, make("h2", { text: "Join the room" }), make("p", { class: "letters", text: code, "aria-label": `Code ${[...code].join(" ")}` }),
      make("img", { class: "qr", alt: `QR code of ${link}`, src: `${BASE}qr.svg?link=${encodeURIComponent(link)}` }),
      make("p", { class: "link", text: link }), this.here,
    ]);
    close.addEventListener("click", () => dialog.close());
    return dialog;
  }

  // One message at a time, and always the newest state.
  async send() {
    const message = { address: here(), live: this.live };
    const text = JSON.stringify(message);
    if (this.sending || this.ended || this.sent === text) return;
    this.sending = true;
    try {
      await tell(`${this.membership.code}/state`, message, this.membership.key);
      this.sent = text;
      await pause(PAUSE);
    } catch (problem) {
      if (problem instanceof Refused && [400, 403, 404].includes(problem.status)) {
        this.sent = text;
        this.trouble(problem.message);
      } else await pause(1000);
    }
    this.sending = false;
    this.send();
  }

  heard(view) {
    this.view = view;
    this.asking.update(view);
    put(this.lock, { text: view.locked ? "Unlock phones" : "Lock phones", "aria-pressed": String(view.locked) });
    this.trouble("");
    this.changed();
  }

  trouble(sentence) {
    const count = people(this.view?.here ?? 0);
    put(this.status, { text: sentence || count });
    put(this.here, { text: count });
  }

  async lockPhones() {
    try {
      await tell(`${this.membership.code}/lock`, { locked: !this.view?.locked }, this.membership.key);
    } catch (problem) {
      this.trouble(problem instanceof Refused ? problem.message : "The room cannot be reached at the moment.");
    }
  }

  // What a lesson's → does before it goes on: where the page has a question, it asks it, then shows the answers, then takes both away.
  waits() {
    const question = this.view?.question;
    if (question) return question.revealed ? "clear" : "reveal";
    return this.offered() && this.askedAt !== here() ? "ask" : "";
  }

  // Does it; whether the lesson stays at its step.
  holds() {
    const act = this.waits();
    if (act === "ask") {
      this.askedAt = here();
      this.asking.put(this.offered());
    } else if (act) this.asking.finish(act === "clear");
    return act === "ask" || act === "reveal";
  }

  // The answers go with the room: whoever has asked something may save them first.
  askToClose() {
    const asked = this.view?.asked ?? 0;
    if (!asked) return this.close();
    const stay = make("button", { type: "button", text: "✕", class: "close", "aria-label": "Stay in the room" });
    const close = make("button", { type: "button", text: "Close the room", class: "main" });
    stay.addEventListener("click", () => this.leaving.close());
    close.addEventListener("click", () => this.close());
    this.leaving.replaceChildren(
      stay, make("h2", { text: "Close the room?" }),
      make("p", { text: `The room forgets ${asked === 1 ? "its question" : `its ${asked} questions`} and all answers. Save them first if you want to keep them.` }),
      this.asking.problem, this.asking.saves(), make("div", { class: "row live" }, [close]),
    );
    this.leaving.showModal();
  }

  async close() {
    try {
      await tell(`${this.membership.code}/close`, {}, this.membership.key);
      this.end("The room is closed.");
    } catch (problem) {
      this.trouble(problem instanceof Refused ? problem.message : "The room cannot be reached at the moment.");
    }
  }

  end(sentence) {
    this.ended = true;
    listen(null);
    this.publisher.end();
    this.channel.end();
    this.watch.end();
    this.node.remove();
    this.left(sentence);
  }
}
