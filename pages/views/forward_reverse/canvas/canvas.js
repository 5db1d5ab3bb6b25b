// The playground: what P is, what Q may be, what is minimised, Run, and one pane per divergence.

import { make, put } from "../../../shared/live/draw.js";
import { decode } from "../../../shared/live/tables.js";
import { Drawer, HillCount, RunButton, Scrubber } from "./controls.js";
import { logDensity } from "./curves.js";
import { Dial } from "./dial.js";
import { Gallery } from "./gallery.js";
import { fewerHills, moreHills, reweighted } from "./handles.js";
import { Messages } from "./messages.js";
import { Pane } from "./pane.js";
import { Pencil } from "./pencil.js";
import { Player } from "./player.js";
import { hillHandles, movedBells, startHandles } from "./specs.js";

const STILL = matchMedia("(prefers-reduced-motion: reduce)");

// Streamlit says its colours, not its theme: the page is dark if its ground is darker than its ink.
const isDark = (node) => {
  const light = (name) => (getComputedStyle(node).getPropertyValue(name).match(/[\da-f]{2}/gi) ?? []).slice(0, 3).reduce((sum, hex) => sum + parseInt(hex, 16), 0);
  return light("--st-background-color") < light("--st-text-color");
};

export class Canvas {
  constructor(root, send) {
    this.messages = new Messages(send, (scene) => this.adopt(scene));
    Object.assign(this, { root, panes: [], place: 0, placeBefore: 0, cursor: null, startMoved: false, targetMoved: false });
    this.player = new Player((place) => this.goTo(place), () => this.rested());
    this.build();
    new ResizeObserver(() => this.measured()).observe(root);
  }

  build() {
    this.shapes = new Gallery("P, the target", "p", (key) => (key === "drawn" ? this.takePencil() : this.set({ shape: key })));
    this.families = new Gallery("Q, what you fit", "q", (key) => this.set({ family: key }));
    this.dial = new Dial((dial) => this.set({ dial }));
    this.run = new RunButton(() => this.pressedRun());
    this.scrub = new Scrubber((place) => this.player.go(place));
    this.drawer = new Drawer({
      set: (message) => this.set(message),
      faster: (speed) => (this.player.speed = speed),
      drop: () => this.set({ balls: true }, true),
      step: (by) => this.player.go(Math.round(this.place) + by),
    });
    this.hillCount = new HillCount((change) => this.changeHills(change));
    this.note = make("p", { class: "note" });
    this.verdict = make("p", { class: "verdict", role: "status", "aria-live": "polite" });
    this.next = make("button", { type: "button", class: "pill next" });
    this.next.addEventListener("click", () => this.set(this.scene.next.set, true));
    this.grid = make("div", { class: "panes" });
    const heading = (letter, style, text) => make("h2", {}, [make("b", { class: style, text: letter }), ` ${text}`]);
    this.root.replaceChildren(make("div", { class: "playground" }, [
      make("aside", { class: "left" }, [
        heading("P", "p", "the target"), this.shapes.grid, this.hillCount.node, heading("Q", "q", "what you fit"), this.families.grid,
        make("div", { class: "more" }, [this.drawer.node, this.drawer.balls]),
      ]),
      make("div", { class: "stage" }, [
        make("div", { class: "bar" }, [make("div", { class: "go" }, [this.run.node, this.next]), this.dial.node, this.dial.beside]),
        this.verdict, this.note, this.grid, this.scrub.node,
      ]),
    ]));
  }

  update(scene) {
    this.messages.answered(scene);
  }

  adopt(scene) {
    const first = !this.scene;
    const sameRun = !first && scene.run === this.scene.run;
    this.scene = scene;
    this.xs = Array.from(decode(scene.x, Float64Array));
    this.logP = Array.from(decode(scene.log_p, Float64Array));
    this.p = this.logP.map(Math.exp);
    if (!this.held() || !this.hills) this.hills = scene.hills && structuredClone(scene.hills);
    this.start = structuredClone(scene.start);
    this.startMoved = this.targetMoved = false;
    this.shapes.show(scene.shapes, scene.shape);
    this.families.show(scene.families, scene.family);
    this.dial.show(scene.dial);
    this.drawer.show(scene.settings);
    put(this.next, { text: scene.next?.label ?? "", ...(scene.next ? {} : { hidden: "" }) });
    this.next.hidden = !scene.next;
    this.drawer.balls.hidden = !scene.can_drop;
    this.hillCount.show(this.hills, scene.most_hills);
    put(this.note, { text: scene.note });
    this.showPanes(scene.panes);
    this.player.load(scene.last);
    this.place = this.player.place = this.placeBefore = first ? Math.min(scene.place, scene.last) : sameRun ? this.placeBefore : this.followsHand ? scene.last : 0;
    this.measured();
    if (this.runWanted) this.playNow();
  }

  showPanes(specs) {
    if (specs.map(({ key }) => key).join() !== this.panes.map(({ key }) => key).join()) {
      this.panes = specs.map((spec) => new Pane(spec, {
        moved: (handle, value, done) => this.handMoved(handle, value, done),
        startAt: (place, done) => this.startAt(place, done),
        hover: (x) => { this.cursor = x; this.schedule(); },
      }));
      this.grid.dataset.panes = String(specs.length);
      this.grid.replaceChildren(...this.panes.map(({ node }) => node));
      this.pencil = new Pencil(this.panes[0].curves.svg, this.scene.pencil_places, (heights, done) => this.drawn(heights, done));
    }
    specs.forEach((spec, i) => this.panes[i].update(spec, this.scene.partial, this.scene.unit));
    this.grid.classList.toggle("drawing", Boolean(this.pencil.on));
  }

  held() {
    return this.panes.some((pane) => pane.handles.held);
  }

  // ---- what a hand does ---------------------------------------------------------------------------------------
  set(message, thenRun = false) {
    this.followsHand = false;
    this.runWanted = thenRun;
    if (message.shape) this.pencil.on = false;
    this.messages.send(message);
  }

  pressedRun() {
    if (this.player.playing) return this.player.pause(), this.schedule();
    if (this.messages.waiting || this.startMoved) this.runWanted = true;
    else this.playNow();
  }

  playNow() {
    this.runWanted = false;
    this.pencil.on = false;
    if (this.place >= this.player.last) this.player.place = 0;
    if (STILL.matches) this.player.go(this.player.last);
    else this.player.play();
  }

  goTo(place) {
    this.place = this.placeBefore = place;
    this.schedule();
  }

  rested() {
    this.goTo(this.player.last);
    const balls = this.panes.some((pane) => pane.spec.balls) ? { balls: true } : {}; // they stay where they rest
    this.messages.send({ step: this.player.last, ...balls });
  }

  handMoved(handle, value, done) {
    if (!handle) return this.schedule();
    if (handle.style === "q") return this.moveStart({ [handle.kind]: value }, done);
    const { kind, index } = handle;
    if (kind === "weight") this.hills.weights = reweighted(this.hills.weights, index, value);
    else this.hills[kind === "loc" ? "locs" : "scales"][index] = value;
    const components = this.hills.locs.map((loc, i) => ({ weight: this.hills.weights[i], loc, scale: this.hills.scales[i] }));
    this.logP = logDensity(this.xs, { table: decode(this.scene.hill_base.table, Float32Array), range: this.scene.hill_base.range }, components);
    this.p = this.logP.map(Math.exp);
    this.targetMoved = true;
    this.followsHand = this.place >= this.player.last;
    this.player.pause();
    this.messages.send({ hills: this.hills, partial: !done });
    this.schedule();
  }

  // A hill more in the widest gap, or the one under the hand less.
  changeHills(change) {
    const active = this.panes[0].handles.active ?? this.hills.locs.length - 1;
    this.hills = change > 0 ? moreHills(this.hills) : fewerHills(this.hills, active);
    for (const pane of this.panes) pane.handles.active = null;
    this.set({ hills: this.hills });
  }

  startAt(place, done) {
    this.moveStart(place, done, true);
  }

  // Two bells move together: both keep one width, and stand four of it apart. whole: loc is the middle, not the first bell.
  moveStart(change, done, whole = false) {
    this.player.pause();
    this.followsHand = false;
    this.start.components = movedBells(this.start.components, change, whole);
    this.startMoved = true;
    this.place = 0;
    if (done) this.messages.send({ start: this.start.components });
    this.schedule();
  }

  takePencil() {
    this.player.pause();
    this.pencil.on = true;
    this.shapes.show(this.scene.shapes, "drawn");
    this.grid.classList.add("drawing");
    this.sayInColour("Draw P over the axis: with the mouse, or with your finger.");
  }

  drawn(heights, done) {
    const [low, high] = this.scene.view;
    const at = (x) => heights[Math.min(Math.max(Math.round(((x - low) / (high - low)) * (heights.length - 1)), 0), heights.length - 1)];
    const area = heights.reduce((sum, height) => sum + height, 0) * ((high - low) / (heights.length - 1)) || 1;
    this.p = this.xs.map((x) => at(x) / area);
    this.logP = this.p.map(Math.log);
    this.targetMoved = true;
    if (done) {
      this.pencil.on = false;
      this.set({ drawn: heights.map((height) => Number(height.toFixed(3))) }, true);
    }
    this.schedule();
  }

  // ---- what is seen -------------------------------------------------------------------------------------------
  measured() {
    if (!this.scene) return;
    this.root.firstChild.classList.toggle("dark", isDark(this.root));
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
    const state = {
      ...this, xs: this.xs, unit: this.scene.unit, view: this.scene.view, top: this.top(),
      handles: (pane, components, moving) => [
        ...hillHandles(pane, this.hills, this.p, this.xs, pane !== this.panes[0]),
        ...(moving || this.pencil.on ? [] : startHandles(pane, this.start.components, pane !== this.panes[0])),
      ],
      balls: (pane) => pane.spec.balls?.map((ball) => ball[Math.min(Math.round((this.place / this.player.last) * (ball.length - 1)), ball.length - 1)]) ?? [],
    };
    for (const pane of this.panes) pane.draw(state);
    const range = Math.max(this.scene.range, ...this.panes.map((pane) => pane.most()));
    for (const pane of this.panes) pane.drawContributions(range);
    this.run.show(this.player.playing);
    this.scrub.show(this.place, this.player.last);
    this.say();
    this.root.firstChild.classList.toggle("preview", this.startMoved || this.targetMoved || Boolean(this.scene.partial));
  }

  // One height for all panes, so that areas compare: twice P's peak is as high as a narrow Q may stand.
  top() {
    return Math.max(...this.p) * 2.1;
  }

  sayInColour(words) {
    if (this.said === words) return;
    this.said = words;
    this.verdict.replaceChildren(...words.split(/\b([PQ])\b/).map((part, i) => (i % 2 ? make("span", { class: part.toLowerCase(), text: part }) : part)));
  }

  say() {
    if (this.pencil.on) return;
    const { before, during, after } = this.scene.verdict;
    const ended = this.place >= this.player.last && !this.startMoved;
    this.sayInColour(ended ? after : this.place > 0 ? during : before);
  }
}
