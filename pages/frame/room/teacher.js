// @ts-check
// The teacher's side of a room: what stands in the address here is sent to the phones; the code is shown for all to join.

import { make, put } from "../../shared/live/draw.js";
import { shareable } from "../../shared/link.js";
import { Asking } from "./asking.js";
import { Watch, here } from "./follow.js";
import { BASE, Channel, Refused, tell } from "./server.js";

const people = (count) => `${count} phone${count === 1 ? "" : "s"} here`;

export class Teacher {
  // membership: { code, key }; offered(): the question of the page on screen, or null; left(sentence): the room is over.
  constructor(membership, offered, left) {
    this.membership = membership;
    this.left = left;
    const { code } = membership;
    const button = (text, act) => {
      const node = make("button", { type: "button", text });
      node.addEventListener("click", act);
      return node;
    };
    this.asking = new Asking(membership, offered);
    this.status = make("span", { role: "status" });
    this.node = make("section", { class: "room-bar teacher", "aria-label": `Room ${code}` }, [
      make("b", { class: "code", text: code }), this.status, this.asking.button, button("Show the code", () => this.join.showModal()), button("Close the room", () => this.close()),
    ]);
    this.here = make("p", { role: "status" });
    this.join = this.joinView(code);
    this.node.append(this.join, this.asking.node);
    this.sent = null;
    this.watch = new Watch(100, () => this.send());
    this.channel = new Channel(membership, (view, sentence) => (view ? this.heard(view) : this.end(sentence)), (sentence) => this.trouble(sentence));
    this.send();
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
    if (this.sending || this.ended || this.sent === here()) return;
    this.sending = true;
    const address = here();
    try {
      await tell(`${this.membership.code}/state`, { address }, this.membership.key);
      this.sent = address;
    } catch (problem) {
      if (problem instanceof Refused && [400, 403, 404].includes(problem.status)) {
        this.sent = address;
        this.trouble(problem.message);
      } else await new Promise((done) => { setTimeout(done, 1000); });
    }
    this.sending = false;
    this.send();
  }

  heard(view) {
    this.view = view;
    this.asking.update(view);
    this.trouble("");
  }

  trouble(sentence) {
    const count = people(this.view?.here ?? 0);
    put(this.status, { text: sentence || count });
    put(this.here, { text: count });
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
    this.channel.end();
    this.watch.end();
    this.node.remove();
    this.left(sentence);
  }
}
