// @ts-check
// What both canvases share: Run and its player, what is said above the panes, and the talk with Python.

import { make, put } from "../../../shared/live/draw.js";
import { join, moved, retake, settled } from "../../../shared/live/together.js";
import { Drawer, RunButton, Scrubber } from "./controls.js";
import { Messages } from "./messages.js";
import { Player } from "./player.js";

const LONG = 120; // letters that a phone has room for in three lines
export const NARROW = matchMedia("(max-width: 640px)"); // as in canvas.css
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

// Streamlit says its colours, not its theme: the page is dark if its ground is darker than its ink.
const isDark = (node) => {
  const light = (name) => (getComputedStyle(node).getPropertyValue(name).match(/[\da-f]{2}/gi) ?? []).slice(0, 3).reduce((sum, hex) => sum + parseInt(hex, 16), 0);
  return light("--st-background-color") < light("--st-text-color");
};

// A gallery's heading: the letter in its colour, and what it is.
export const heading = (letter, style, text) => make("h2", {}, [make("b", { class: style, text: letter }), ` ${text}`]);

export class Stage {
  /** @type {any} what Python has told last */
  scene = null;

  /** @type {any[]} */
  panes = [];

  /** @type {number | null} */
  frame = null;

  place = 0; // the step on screen, which may lie between two
  startMoved = false; // a hand has moved Q's start, and Python has not answered yet
  targetMoved = false;
  followsHand = false; // P moves under a hand after a Run, and the fits with it
  runWanted = false; // Run is pressed, and waits for an answer
  byLink = false; // what comes from the page answers no question: a link asks for it
  linked = 0; // the step that the page named last
  said = "";

  /** @type {Record<string, string>} what is on screen, as its link has it */
  link = {};

  /** @type {Record<string, number[]>} where each Q on screen ends: from there the fits follow a hand */
  ends = {};

  /**
   * @param {HTMLElement} root
   * @param {(message: object) => void} send
   * @param {import("../../../shared/answers.js").Answers} answers
   */
  constructor(root, send, answers) {
    this.root = root;
    this.answers = answers;
    this.messages = new Messages(
      (/** @type {any} */ message) => send(message.seen ? message : { ...message, link: this.link, ends: this.ends }),
      (scene) => this.adopt(scene), (scene) => this.follow(scene), (message) => this.ask(message),
    );
    this.player = new Player((place) => this.goTo(place), () => this.rested());
    this.run = new RunButton(() => this.pressedRun());
    this.scrub = new Scrubber({
      go: (place) => this.player.go(place),
      step: (by) => this.player.go(Math.round(this.place) + by),
      faster: (speed) => (this.player.speed = speed),
    });
    this.drawer = new Drawer((message) => this.set(message));
    this.verdict = make("p", { class: "verdict", role: "status", "aria-live": "polite" });
    this.note = make("p", { class: "note" });
    this.next = make("button", { type: "button", class: "pill next" });
    this.next.addEventListener("click", () => this.set(this.scene.next.set, true));
    this.grid = make("div", { class: "panes" });
    join(this);
  }

  // ---- what a room shows together: where the run is
  key() {
    return `run ${JSON.stringify(this.link)}`.slice(0, 300);
  }

  posture() {
    return { place: this.place };
  }

  told() {
    return this.scene && { scene: { ...this.scene, link: this.link, ends: this.ends } };
  }

  take({ place }) {
    this.player.pause();
    this.place = this.player.place = Math.min(place, this.player.last);
    this.schedule();
  }

  // left: beside the panes, always in sight; rare: below it, on a phone on a sheet; dial: in a line with Run; pills: beside it.
  build({ left, rare, dial = [], pills = [], style = "" }) {
    this.more = make("button", { type: "button", class: "pill more-button", text: "More", "aria-expanded": "false" });
    this.more.addEventListener("click", () => this.openMore());
    this.sheet = make("div", { class: "sheet" }, rare);
    this.bar = make("div", { class: "bar" }, [make("div", { class: "go" }, [this.run.node, this.next, this.more]), ...dial]);
    this.body = make("div", { class: `playground ${style}` }, [
      make("aside", { class: "left" }, [...left, this.sheet]),
      make("div", { class: "stage" }, [this.bar, make("div", { class: "say" }, [this.verdict, this.note]), this.grid]),
    ]);
    const settle = () => {
      (NARROW.matches ? this.sheet : this.bar).append(...pills);
      if (NARROW.matches) this.sheet.prepend(this.scrub.node);
      else this.body.lastElementChild.append(this.scrub.node);
    };
    NARROW.addEventListener("change", settle);
    settle();
    this.root.replaceChildren(this.body);
    new ResizeObserver(() => this.measured()).observe(this.root);
  }

  // On a phone the rarer controls lie on a sheet over the lower half, so that the picture stays in sight.
  openMore() {
    const open = this.body.classList.toggle("more-open");
    put(this.more, { "aria-expanded": String(open), text: open ? "Close" : "More" });
  }

  // From the page: a scene, or the link alone where it was told what the canvas shows already.
  update(scene) {
    this.byLink = !this.messages.waiting;
    if (scene.panes) this.messages.answered(scene);
    else if (!this.scene) this.begin(scene);
    this.byLink = false;
  }

  // Mounted anew by Streamlit, with the link alone.
  async begin(told) {
    this.link = told.link;
    const answer = await this.answers.ask({ link: told.link, unit: told.unit.name, message: {}, whole: true });
    if (this.scene) return;
    if (answer?.panes) this.messages.answered({ ...answer, answers: told.answers });
    else this.messages.send({});
  }

  ask(message) {
    if (!this.scene || !this.answers.open) return null;
    return this.answers.ask({ link: this.link, unit: this.scene.unit.name, message: { ...message, ends: this.ends } });
  }

  // An answer leaves out what is the same as before.
  whole(answer) {
    this.link = answer.link;
    this.ends = answer.ends;
    if (!this.scene) return answer;
    const before = new Map(this.scene.panes.map((pane) => [pane.key, pane]));
    return { ...this.scene, ...answer, panes: answer.panes.map((pane) => ({ ...before.get(pane.key), ...pane })) };
  }

  // What an answer changes here; a canvas adds its own before and after.
  adopt(answer) {
    const first = !this.scene;
    const scene = this.whole(answer);
    const sameRun = !first && scene.run === this.scene.run;
    this.scene = scene;
    this.startMoved = this.targetMoved = false;
    if (scene.partial && this.panes.map(({ key }) => key).join() === scene.panes.map(({ key }) => key).join()) return this.adoptUnderHand();
    this.drawer.show(scene.settings);
    put(this.next, { text: scene.next?.label ?? "" });
    this.next.hidden = !scene.next;
    this.show(scene);
    this.player.load(scene.last);
    const asLinked = first || (this.byLink && !(sameRun && scene.place === this.linked));
    const place = asLinked ? Math.min(scene.place, scene.last) : sameRun ? this.place : this.followsHand ? scene.last : 0;
    this.linked = scene.place;
    this.place = this.player.place = place;
    this.measured();
    settled(this);
    retake(this);
    if (this.runWanted) this.playNow();
  }

  // A hand holds P and rests for a moment: only what it moves is new.
  adoptUnderHand() {
    this.showMoved(this.scene);
    this.place = this.player.place = this.followsHand ? this.scene.last : 0;
    this.schedule();
  }

  // While a hand keeps moving P the answers are a little behind it: the fits follow, and P stays where the hand is.
  follow(scene) {
    this.link = scene.link;
    this.ends = scene.ends;
    if (!scene.partial || !this.targetMoved || !this.followsHand) return;
    this.place = this.player.place = this.player.last;
    scene.panes.forEach((spec, i) => this.panes[i]?.follow(spec));
    this.schedule();
  }

  // A canvas shows here what only it has.
  /** @param {any} scene */
  show(scene) {
    this.scene = scene;
  }

  // The part of it that a hand on P changes.
  /** @param {any} scene */
  showMoved(scene) {
    this.show(scene);
  }

  // What must be known beside the picture, in small letters.
  noteNow() {
    return this.scene.note;
  }

  // A canvas paints here what stands at `place`.
  paint() {}

  // ---- what a hand does ---------------------------------------------------------------------------------------
  set(message, thenRun = false) {
    this.followsHand = false;
    this.runWanted = thenRun;
    this.messages.send(message);
  }

  pressedRun() {
    if (this.player.playing) return this.player.pause(), this.schedule();
    if (this.messages.waiting || this.startMoved) this.runWanted = true;
    else this.playNow();
  }

  playNow() {
    if (this.body.classList.contains("more-open")) this.openMore();
    this.runWanted = false;
    if (this.place >= this.player.last) this.player.place = 0;
    if (STILL.matches) this.player.go(this.player.last);
    else this.player.play();
  }

  goTo(place) {
    this.place = place;
    this.schedule();
    moved(this);
  }

  rested() {
    this.goTo(this.player.last);
    this.messages.send({ step: this.player.last, ...this.lasting() });
  }

  // What must be said again with the last step, so that it stays on screen.
  lasting() {
    return {};
  }

  // P moves under a hand: fits that have run go on running.
  targetUnderHand(message, done) {
    this.targetMoved = true;
    this.followsHand = this.place >= this.player.last;
    this.player.pause();
    this.messages.send({ ...message, partial: !done });
    this.schedule();
  }

  // Q begins elsewhere: whatever ran is over.
  startUnderHand() {
    this.player.pause();
    this.followsHand = false;
    this.startMoved = true;
    this.place = 0;
    this.schedule();
  }

  // ---- what is seen -------------------------------------------------------------------------------------------
  measured() {
    if (!this.scene) return;
    this.body.classList.toggle("dark", isDark(this.root));
    for (const pane of this.panes) pane.measure();
    this.draw();
  }

  schedule() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  draw() {
    if (!this.scene) return;
    this.paint();
    this.run.show(this.player.playing);
    this.scrub.show(this.place, this.player.last);
    this.sayWhereItIs();
    const note = this.noteNow();
    put(this.note, { text: note });
    this.body.classList.toggle("noted", Boolean(note));
    this.body.classList.toggle("running", this.player.playing);
    this.body.classList.toggle("preview", this.startMoved || this.targetMoved || Boolean(this.scene.partial));
  }

  sayWhereItIs() {
    const { before, during, after } = this.scene.verdict;
    const ended = this.place >= this.player.last && !this.startMoved;
    this.say(ended ? after : this.place > 0 ? during : before);
  }

  say(words) {
    if (this.said === words) return;
    this.said = words;
    this.verdict.classList.toggle("long", words.length > LONG);
    this.verdict.replaceChildren(...words.split(/\b([PQ])\b/).map((part, i) => (i % 2 ? make("span", { class: part.toLowerCase(), text: part }) : part)));
  }
}
