// @ts-check
// The playground: what P is, what Q may be, what is minimised, Run, and one pane per divergence.

import { Answers } from "../../../shared/answers.js";
import { make, put } from "../../../shared/live/draw.js";
import { decode } from "../../../shared/live/tables.js";
import { Freedom, HillCount, quietButton } from "../stage/controls.js";
import { Gallery } from "../stage/gallery.js";
import { NARROW, Stage, heading } from "../stage/stage.js";
import { logDensity } from "./curves.js";
import { Dial } from "./dial.js";
import { fewerHills, moreHills, reweighted } from "./handles.js";
import { Pane } from "./pane.js";
import { Pencil } from "./pencil.js";
import { hillHandles, movedBells, startHandles } from "./specs.js";

const ROOM = 1.3; // P's peaks: what any picture shows at least
const MOST_ROOM = 5; // P's peaks: a narrower Q leaves the picture, so that P can still be seen

export class Canvas extends Stage {
  /** @type {number | null} */
  cursor = null;

  /** @type {{ weights: number[], locs: number[], scales: number[] } | null} */
  hills = null;

  /** @type {number[]} */
  xs = [];

  /** @type {number[]} */
  logP = [];

  /** @type {number[]} */
  p = [];

  /** @type {Pencil | null} */
  pencil = null;

  constructor(root, send) {
    super(root, send, new Answers("playground"));
    this.start = { components: [{ weight: 1, loc: 0, scale: 1 }] };
    this.shapes = new Gallery("P, the target", "p", (key) => (key === "drawn" ? this.takePencil() : this.set({ shape: key })));
    this.families = new Gallery("Q, what you fit", "q", (key) => this.set({ family: key }));
    this.freedom = new Freedom((df) => this.set({ df }));
    this.dial = new Dial((dial) => this.set({ dial }));
    this.hillCount = new HillCount((change) => this.changeHills(change));
    this.balls = quietButton("Drop 25 balls", () => this.set({ balls: true }, true));
    this.balls.classList.add("drop-balls");
    this.balls.title = "25 Qs start everywhere at once: see which valley catches each.";
    this.build({
      left: [heading("P", "p", "the target"), this.shapes.grid],
      rare: [this.hillCount.node, heading("Q", "q", "what you fit"), this.families.grid, this.freedom.node, make("div", { class: "more" }, [this.drawer.node])],
      dial: [this.dial.node],
      pills: [this.dial.beside],
    });
    this.drawer.settings.append(this.note);
    NARROW.addEventListener("change", () => this.panes.length && this.placeBalls());
    this.noLand = make("p", { class: "no-land" });
    this.grid.after(this.noLand);
  }

  showMoved(scene) {
    this.xs = Array.from(decode(scene.x, Float64Array));
    this.logP = Array.from(decode(scene.log_p, Float64Array));
    this.p = this.logP.map(Math.exp);
    scene.panes.forEach((spec, i) => this.panes[i]?.update(spec, scene.partial, scene.unit));
  }

  show(scene) {
    this.showPanes(scene.panes);
    this.showMoved(scene);
    if (!this.held() || !this.hills) this.hills = scene.hills && structuredClone(scene.hills);
    this.start = structuredClone(scene.start);
    this.families.show(scene.families, scene.family);
    this.freedom.show(scene.freedom);
    this.dial.show(scene.dial);
    this.hillCount.show(this.hills, scene.most_hills);
    this.showLandscapes(scene.panes);
    this.showPencil();
    this.shapes.show(scene.shapes, this.pencil?.on ? "drawn" : scene.shape);
  }

  showPanes(specs) {
    if (specs.map(({ key }) => key).join() !== this.panes.map(({ key }) => key).join()) {
      this.panes = specs.map((spec) => new Pane(spec, {
        moved: (handle, value, done) => this.handMoved(handle, value, done),
        startAt: (place, done) => this.moveStart(place, done, true),
        hover: (x) => { this.cursor = x; this.schedule(); },
      }));
      this.grid.dataset.panes = String(specs.length);
      this.grid.replaceChildren(...this.panes.map(({ node }) => node));
      this.pencil = new Pencil(this.panes[0].curves.svg, this.scene.pencil_places, (heights, done) => this.drawn(heights, done));
    }
  }

  // They wait until the hand lets go.
  showLandscapes(specs) {
    if (this.scene.partial) return;
    const mapless = specs.every((spec) => !spec.landscape);
    this.body.classList.toggle("mapless", mapless);
    put(this.noLand, { text: mapless ? specs[0].no_landscape : "" });
    this.balls.hidden = !this.scene.can_drop || specs.some((spec) => !spec.landscape);
    this.placeBalls();
  }

  // On a phone a map is so small that a button on it would cover where Q begins.
  placeBalls() {
    (NARROW.matches ? this.grid : this.panes[0].land.node).append(this.balls);
  }

  held() {
    return this.panes.some((pane) => pane.handles.held);
  }

  // ---- what a hand does ---------------------------------------------------------------------------------------
  set(message, thenRun = false) {
    if ((message.shape || message.hills) && this.pencil) this.pencil.on = false;
    super.set(message, thenRun);
  }

  // With the pencil in hand and nothing drawn, there is no P to run on.
  pressedRun() {
    if (this.pencil.on && this.scene.shape !== "drawn") this.say("Draw P first: over the axis, with the mouse or your finger.");
    else super.pressedRun();
  }

  playNow() {
    this.pencil.on = false;
    this.showPencil();
    super.playNow();
  }

  lasting() {
    return this.panes.some((pane) => pane.spec.balls) ? { balls: true } : {};
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
    this.targetUnderHand({ hills: this.hills }, done);
  }

  // A hill more in the widest gap, or the one under the hand less.
  changeHills(change) {
    const active = this.panes[0].handles.active ?? this.hills.locs.length - 1;
    this.hills = change > 0 ? moreHills(this.hills) : fewerHills(this.hills, active);
    for (const pane of this.panes) pane.handles.active = null;
    this.set({ hills: this.hills });
  }

  // Two bells move together: both keep one width, and stand four of it apart. whole: loc is the middle, not the first bell.
  moveStart(change, done, whole = false) {
    this.start.components = movedBells(this.start.components, change, whole);
    this.startUnderHand();
    if (done) this.messages.send({ start: this.start.components });
  }

  takePencil() {
    this.player.go(0);
    this.pencil.on = true;
    this.shapes.show(this.scene.shapes, "drawn");
    this.showPencil();
  }

  // With the pencil in hand nothing of the last P is left to see, and the first pane is the paper.
  showPencil() {
    const before = this.body.classList.contains("pencil");
    this.body.classList.toggle("pencil", this.pencil.on);
    if (before !== this.pencil.on) this.measured();
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
  paint() {
    const state = {
      xs: this.xs, logP: this.logP, p: this.p, start: this.start, place: this.place, last: this.player.last, cursor: this.cursor,
      startMoved: this.startMoved, targetMoved: this.targetMoved, unit: this.scene.unit, view: this.scene.view, top: this.top(), pencil: this.pencil.on,
      handles: (pane, components, moving) => (this.pencil.on ? [] : [
        ...hillHandles(pane, this.hills, this.p, this.xs, pane !== this.panes[0]),
        ...(moving ? [] : startHandles(pane, this.start.components, pane !== this.panes[0])),
      ]),
    };
    this.body.classList.toggle("blank", this.pencil.on && !this.pencil.held);
    for (const pane of this.panes) pane.draw(state);
    const range = Math.max(this.scene.range, ...this.panes.map((pane) => pane.most()));
    for (const pane of this.panes) pane.drawContributions(range);
  }

  // One height for all panes, so that areas compare: room above P, for where Q begins and for where each Q ends.
  top() {
    const peak = this.p.reduce((most, value) => Math.max(most, value), 0);
    const q = Math.max(...this.panes.map((pane) => Math.max(pane.peakOf(this.start.components), this.startMoved ? 0 : pane.peakAtTheEnd())));
    return Math.max(ROOM * peak, Math.min(1.04 * q, MOST_ROOM * peak));
  }

  sayWhereItIs() {
    if (!this.pencil.on) return super.sayWhereItIs();
    if (!this.said.startsWith("Draw P")) this.say("Draw P over the axis: with the mouse, or with your finger.");
  }
}
