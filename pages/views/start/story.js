// @ts-check
// The start page: ten scenes of words beside one picture that becomes the next as one scrolls. Nothing is asked of the server.

import { asked, write } from "../../frame/teach/address.js";
import { isTaken } from "../../frame/teach/present.js";
import { draw, make } from "../../shared/live/draw.js";
import { join, moved, retake, settled } from "../../shared/live/together.js";
import { Hands } from "./hands.js";
import { siteMap } from "./map.js";
import { Painter } from "./paint.js";
import { SCENES, pictureAt } from "./pictures.js";
import { afterKey, current, progress } from "./progress.js";
import { Reader } from "./reader.js";
import { Section, pictogram } from "./sections.js";
import { FormulaView } from "./formula_view.js";
import { Walk } from "./walk.js";

const SEEN = "kl-story-seen";
const LONGEST = 400; // letters of what a room is told of one thing in a scene
const still = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

export class Story extends Reader {
  constructor(root, data) {
    super(root);
    this.path = location.pathname;
    this.data = data;
    this.states = SCENES.map((scene) => scene.start(data));
    const count = data.scenes.length;
    this.sections = data.scenes.map((words, i) => new Section(i + 1, words, count, data.scenes[i + 1]?.name, { walk: (to, focus) => this.walk(to, focus), changed: () => this.changed() }));
    this.build(count);
    this.at = { from: 0, t: 0 };
    this.here = -1;
    this.going = new Walk({ distance: (to) => this.distance(to), scrollBy: (top, smooth) => this.scrollBy(top, smooth), arrived: () => { this.reading = this.place(); this.render(); } });
    this.measure();
    this.listen();
    this.greet();
    this.walk(data.scene - 1, false, true);
    settled(this);
    join(this);
    root.setAttribute("data-ready", "");
  }

  build(count) {
    this.shapes = draw("g");
    this.letters = draw("g");
    this.grips = draw("g");
    const hatch = draw("pattern", { id: "hatch", width: 8, height: 8, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, [draw("line", { x1: 0, x2: 0, y1: 0, y2: 8, class: "hair" })]);
    this.svg = draw("svg", { class: "picture", role: "group" }, [draw("defs", {}, [hatch]), this.shapes, this.letters, this.grips]);
    this.formula = new FormulaView((lit) => { this.states[2].lit = lit; this.changed(); });
    this.figure = make("div", { class: "figure" }, [this.formula.node, this.svg]);
    this.ticks = this.data.scenes.map(({ name }, i) => make("a", { href: `?scene=${i + 1}`, "aria-label": `Scene ${i + 1}: ${name}`, title: name }));
    for (const [i, tick] of this.ticks.entries()) tick.addEventListener("click", (event) => { event.preventDefault(); this.walk(i, true); });
    this.rail = make("nav", { class: "rail", "aria-label": `The ${count} scenes` }, this.ticks);
    const last = this.sections[count - 1];
    last.node.append(siteMap(this.data.map));
    this.words = make("div", { class: "words" }, this.sections.slice(0, -1).map((section) => section.node));
    this.stage = make("div", { class: "stage" }, [this.words, this.figure]);
    this.root.append(this.rail, this.stage, last.node);
    this.painter = new Painter(this.shapes, this.letters);
    this.hands = new Hands(this.svg, this.grips, {
      handles: () => this.handles(), changed: () => this.changed(), pick: (which) => this.pick(which),
    });
  }

  listen() {
    this.scroller = this.root.getRootNode().host?.closest(".stMain, #kl-opening") ?? document.querySelector(".stMain") ?? document.scrollingElement;
    const target = this.scroller === document.scrollingElement ? window : this.scroller;
    const stop = new AbortController();
    const { signal } = stop;
    target.addEventListener("scroll", () => this.scrolledBy(), { passive: true, signal });
    document.addEventListener("keydown", (event) => this.keys(event), { signal });
    for (const kind of ["wheel", "touchstart", "pointerdown"]) target.addEventListener(kind, () => this.interrupted(), { passive: true, signal });
    const sizes = new ResizeObserver(() => { if (!this.root.isConnected) return this.leave(); this.measure(); this.hold(); this.render(); });
    for (const node of [this.figure, this.words, this.scroller.firstElementChild]) if (node) sizes.observe(node, { box: "border-box" });
    this.leave = () => { stop.abort(); sizes.disconnect(); };
  }

  request() {
    this.asked ??= requestAnimationFrame(() => { this.asked = null; this.render(); });
  }

  changed() {
    this.dirty = true;
    this.request();
  }

  handles() {
    return SCENES[this.here]?.handles?.(this.states[this.here], this.data, this.m) ?? [];
  }

  pick(which) {
    const scene = SCENES[this.here];
    if (!scene?.pick || which === null || which === undefined) return;
    scene.pick(this.states[this.here], Number(which));
    this.changed();
  }

  render() {
    if (!this.root.isConnected) return this.leave();
    this.going.check();
    this.at = progress(this.tops(), this.scrolled());
    const here = current(this.at);
    const { from, t } = this.at;
    this.painter.paint(pictureAt({ from, t: still() ? Math.round(t) : t }, this.states, this.data, this.m));
    const away = Math.abs(this.at.t - Math.round(this.at.t)) * 2;
    this.arrive(here);
    this.hands.show(this.handles(), Math.max(1 - 1.6 * away, 0));
    this.formula.show(here === 2 ? 1 - away : 0, this.states[2], this.data, this.m);
    this.figure.style.opacity = here < SCENES.length ? "" : "0";
    const scene = SCENES[here];
    if (scene) this.sections[here].update(scene, this.states[here], this.data, this.m);
    if (this.dirty) for (const [i, other] of SCENES.entries()) if (i !== here) this.sections[i].update(other, this.states[i], this.data, this.m);
    this.dirty = false;
    this.run(scene, here);
    moved(this);
  }

  // ---- what a room shows together: the scene, and what hands have moved in it. Long tables are the same for all.
  key() {
    return "story";
  }

  posture() {
    const state = Object.entries(this.states[this.here] ?? {}).filter(([, value]) => (JSON.stringify(value) ?? "").length < LONGEST);
    return { scene: this.here, state: Object.fromEntries(state) };
  }

  take({ scene, state }) {
    if (!this.sections[scene]) return;
    if (this.states[scene]) Object.assign(this.states[scene], state);
    if (scene !== this.standing()) this.walk(scene, false, true);
    this.changed();
  }

  // From the place it had before Streamlit arrived to the one that Streamlit has for it; what is read stays where it is.
  move(parent, data) {
    this.remember();
    this.leave();
    const focused = this.root.getRootNode().activeElement;
    parent.append(this.root);
    focused?.focus({ preventScroll: true });
    this.path = location.pathname;
    this.data = { ...this.data, scene: data.scene };
    this.measure();
    this.listen();
    this.hold();
    this.render();
    join(this);
    retake(this);
  }

  // A link to a scene, opened while the story is on screen.
  update({ scene }) {
    if (scene === this.data.scene) return;
    this.data = { ...this.data, scene };
    if (scene - 1 !== this.here) this.walk(scene - 1, false, true);
  }

  // A scene that moves by itself asks for the next frame.
  run(scene, here) {
    const now = performance.now();
    const seconds = Math.min((now - (this.last ?? now)) / 1000, 0.05);
    this.last = scene?.tick?.(this.states[here], seconds, still()) ? now : null;
    if (this.last) this.request();
  }

  arrive(here) {
    if (here === this.here) return;
    const first = this.here === -1;
    this.here = here;
    for (const [i, section] of this.sections.entries()) section.current(i === here);
    for (const [i, tick] of this.ticks.entries()) {
      tick.classList.toggle("past", i < here);
      if (i === here) tick.setAttribute("aria-current", "step");
      else tick.removeAttribute("aria-current");
    }
    this.svg.setAttribute("aria-label", `The picture of scene ${here + 1}: ${this.data.scenes[here].name}`);
    if (first) for (const [i, other] of SCENES.entries()) this.sections[i].update(other, this.states[i], this.data, this.m);
    else if (this.going.goal === null) this.note(here);
    if (here === this.data.scenes.length - 1) this.finished(here);
  }

  finished(here) {
    this.sections[here].node.setAttribute("data-done", "");
  }

  note(here) {
    if (!this.root.isConnected || location.pathname !== this.path) return;
    if (asked("scene") !== String(here + 1)) write({ scene: here ? String(here + 1) : "" });
    try { localStorage.setItem(SEEN, "1"); } catch { /* a browser that keeps nothing */ }
  }

  // Who has been here before can go straight to the pages.
  greet() {
    let seen = false;
    try { seen = localStorage.getItem(SEEN) === "1"; } catch { /* a browser that keeps nothing */ }
    const button = make("button", { type: "button", class: "shortcut" }, [seen ? "Welcome back: straight to the pages" : "Skip to the pages", pictogram("down")]);
    button.addEventListener("click", () => this.walk(this.sections.length - 1, true));
    this.sections[0].body.prepend(button);
    button.classList.toggle("back", seen);
  }

  walk(to, focus = false, jump = false) {
    this.going.to(to, !jump && !still());
    if (!jump) this.note(to);
    if (focus) this.sections[to].heading.focus({ preventScroll: true });
  }

  // A hand or a finger on the page: it goes where it likes.
  interrupted() {
    if (this.going.goal === null) return;
    this.going.end();
    this.note(this.here);
  }

  keys(event) {
    if (isTaken(event) || event.defaultPrevented || event.shiftKey || document.documentElement.classList.contains("in-lesson")) return;
    const from = this.standing();
    const to = afterKey(event.key, from, this.sections.length);
    if (to === null) return;
    // On the map, and in a scene taller than the screen, keys scroll as they do everywhere.
    if (from === this.sections.length - 1 && (to === from || this.below(from))) return;
    event.preventDefault();
    this.walk(to);
  }
}

const mounted = new WeakMap();

export default function story({ data, parentElement }) {
  if (mounted.has(parentElement)) return mounted.get(parentElement)?.update(data);
  mounted.set(parentElement, null);
  const opening = document.getElementById("kl-opening");
  if (!opening?.["story"]) {
    const root = make("div", { class: "story" });
    parentElement.append(root);
    mounted.set(parentElement, new Story(root, data));
    return opening?.remove();
  }
  const early = opening["story"];
  const take = () => {
    if (early.hands.held !== null || early.going.goal !== null) return setTimeout(take, 100);
    early.move(parentElement, data);
    mounted.set(parentElement, early);
    opening.remove();
  };
  take();
}
