// @ts-check
// A room of this window: opened, joined by a link or a code, and joined again after a reload. It is remembered by this tab alone.

import { make, put } from "../../shared/live/draw.js";
import { asked, write } from "../teach/address.js";
import { here } from "./follow.js";
import { Phone } from "./phone.js";
import { Teacher } from "./teacher.js";
import { tell } from "./server.js";

const MEMORY = "kl-room";

const remember = (membership) => {
  try {
    if (membership) sessionStorage.setItem(MEMORY, JSON.stringify(membership));
    else sessionStorage.removeItem(MEMORY);
  } catch { /* a frame on another site keeps nothing */ }
};

const remembered = () => {
  try { return JSON.parse(sessionStorage.getItem(MEMORY) ?? "null"); } catch { return null; }
};

const newPhone = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export class Room {
  constructor() {
    this.now = null; // a Teacher or a Phone
    this.page = ""; // on screen
    this.told = false; // whether the server knows that this window teaches
    /** @type {(teaches: boolean) => void} */
    this.entered = () => { this.told = false; }; // until the header is drawn
    /** @type {() => void} called when what `waits` says may have changed */
    this.changed = () => {};
    /** @type {(event: KeyboardEvent) => void} */
    this.keys = () => {}; // the lesson's
    this.node = make("div", { class: "room" });
    this.below = make("div", {}); // below a lesson's bar
    this.button = make("button", { type: "button", text: "Live room: open or join one…" });
    this.button.addEventListener("click", () => this.ask(""));
    this.node.append(this.askDialog());
    this.feet = new ResizeObserver(() => this.measure());
    this.lesson = null; // the lesson's bar, below the room's
    const code = asked("room");
    if (code) write({ room: "" });
    const membership = remembered();
    if (membership?.key && membership.code === code.toUpperCase()) this.enter(membership);
    else if (code) this.join(code);
    else if (membership) this.enter(membership);
  }

  askDialog() {
    const close = make("button", { type: "button", text: "✕", class: "close", "aria-label": "Close" });
    this.teaching = make("div", {}); // not offered to whom a code has failed
    const open = make("button", { type: "button", text: "Open a room", class: "main" });
    const join = make("button", { text: "Join" });
    this.letters = make("input", { type: "text", maxlength: 8, autocomplete: "off", autocapitalize: "characters", spellcheck: "false", placeholder: "Four letters", "aria-label": "Code of the room" });
    this.problem = make("p", { class: "quiet", role: "alert" });
    const form = make("form", { class: "row" }, [this.letters, join]);
    this.dialog = make("dialog", { class: "share", "aria-label": "A live room" }, [
      close, make("h2", { text: "A live room" }), this.problem,
      this.teaching, make("h3", { text: "You were given a code" }), form,
    ]);
    this.teaching.append(
      make("h3", { text: "You teach" }),
      make("p", { class: "quiet", text: "Phones join by a code, without an account or a name, and show the page that you show, with what you drag. You can ask questions and see the answers come. A room is forgotten after two idle hours." }), open,
    );
    close.addEventListener("click", () => this.dialog.close());
    open.addEventListener("click", () => this.open());
    form.addEventListener("submit", (event) => { event.preventDefault(); this.join(this.letters.value); });
    return this.dialog;
  }

  // failed: a code has, or its room is over.
  ask(problem, failed = Boolean(problem)) {
    put(this.problem, { text: problem });
    this.teaching.hidden = failed;
    if (!this.dialog.open && this.dialog.isConnected) this.dialog.showModal();
    this.waiting = !this.dialog.isConnected;
  }

  // Called each time the header was drawn: a sentence may have come before there was a place for it.
  // page: the name of the one on screen; offered: its question, or null.
  placed(lesson, page, offered) {
    this.offered = offered;
    if (this.now instanceof Phone) this.now.placed(page);
    this.page = page;
    this.tellServer();
    if (this.waiting) this.ask(this.problem.textContent);
    this.lesson = lesson;
    this.feet.observe(lesson.node);
    this.lead();
    this.measure();
  }

  // What lies at the foot of the window covers nothing that a page fixes there: --at-foot says how high it is.
  measure() {
    this.node.style.setProperty("--lesson-height", `${this.lesson?.node.clientHeight ?? 0}px`);
    const tops = [this.lesson?.node, this.now?.node].map((node) => (node?.clientHeight ? node.getBoundingClientRect().top : window.innerHeight));
    document.documentElement.style.setProperty("--at-foot", `${window.innerHeight - Math.min(...tops)}px`);
    document.documentElement.classList.toggle("in-room", this.now !== null);
  }

  // Where a phone follows, the steps of a lesson are the teacher's to take.
  lead() {
    this.lesson?.node.classList.toggle("led", this.now instanceof Phone && this.now.membership.follows);
  }

  async open() {
    try {
      const membership = await tell("open", { address: here() });
      this.enter(membership);
      if (this.now instanceof Teacher) this.now.join.showModal();
    } catch (problem) {
      this.ask(problem.message, false);
    }
  }

  join(text) {
    const code = text.trim().toUpperCase();
    const before = remembered();
    if (/^[A-Z]{4}$/.test(code)) this.enter({ code, phone: before?.phone ?? newPhone(), follows: true });
    else this.ask("A code has four letters.");
  }

  // What a lesson's → does here before it goes on.
  waits() {
    return this.now instanceof Teacher ? this.now.waits() : "";
  }

  // Whether a lesson stays at its step.
  holds() {
    return this.now instanceof Teacher && this.now.holds();
  }

  // The server computes the truth of a page's question only for a teacher in a room.
  tellServer() {
    const teaches = this.now instanceof Teacher;
    if (teaches === this.told) return;
    this.told = teaches;
    this.entered(teaches);
  }

  enter(membership) {
    this.now?.end("");
    this.dialog.close();
    remember(membership);
    const left = (sentence) => this.left(sentence, !membership.key);
    this.now = membership.key
      ? new Teacher(membership, { left, offered: () => this.offered, changed: () => this.changed(), words: () => this.lesson?.words() ?? "" })
      : new Phone(membership, (changed) => { remember(changed); this.lead(); }, left, (address) => this.lesson?.follow(address) ?? false);
    if (this.now instanceof Teacher) this.now.asking.keys = (event) => this.keys(event);
    this.node.append(...this.now.nodes);
    if (this.now instanceof Phone) this.below.append(this.now.stage.node);
    if (this.now instanceof Phone) this.now.placed(this.page);
    this.button.hidden = true;
    this.lead();
    this.feet.observe(this.now.node);
    this.tellServer();
  }

  // joined: by a code; whoever opened it may open another.
  left(sentence, joined) {
    this.now = null;
    this.measure();
    this.lead();
    this.button.hidden = false;
    remember(null);
    this.changed();
    this.tellServer();
    if (sentence) this.ask(sentence, joined);
  }
}
