// @ts-check
// The live picture: builds what a scene describes, and draws it again whenever something moves.

import { curveOf } from "./asking.js";
import { ChartPanel } from "./chart.js";
import { eased, make, mixed, put } from "./draw.js";
import { exportButtons } from "./export.js";
import { Handle, listen, listenToMap } from "./handles.js";
import { Hands } from "./hands.js";
import { ImagesPanel } from "./images.js";
import { placeLabels } from "./labels.js";
import { LatentPanel } from "./latent.js";
import { LevelsPanel } from "./levels.js";
import { MapPanel } from "./map.js";
import { IntegrandPanel, CurvesPanel, LengthsPanel } from "./panels.js";
import { Readout, StackPanel } from "./readouts.js";
import { Scrubber, Tracks } from "./scrub.js";
import { SentencesPanel } from "./sentences.js";
import { Sight } from "./sight.js";
import { softShares } from "./softened.js";
import { DialsPanel, StretchedPanel } from "./stretched.js";
import { along } from "./tables.js";
import { TermsPanel } from "./terms.js";
import { join, moved, retake, settled } from "./together.js";

const PANELS = {
  curves: CurvesPanel, integrand: IntegrandPanel, lengths: LengthsPanel, map: MapPanel, chart: ChartPanel, sentences: SentencesPanel,
  images: ImagesPanel, latent: LatentPanel, levels: LevelsPanel, terms: TermsPanel, dials: DialsPanel,
  stretched: StretchedPanel,
};
const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const NOTHING_IN_VIEW = [-0.5, 0.5]; // of a picture without curves
const APART = 24; // pixels between two handles of different curves
let pictures = 0;

export class Picture extends Hands {
  constructor(root, send) {
    super();
    this.root = root;
    this.send = send;
    this.uid = `live${(pictures += 1)}`;
    this.resize = new ResizeObserver(() => this.measured());
    this.resize.observe(root);
    this.sight = new Sight(() => this.schedule(), () => this.redraw());
    join(this);
  }

  // ---- what Python sends -------------------------------------------------------------------------------------
  adopt(told) {
    const scene = { curves: {}, view: NOTHING_IN_VIEW, ...told };
    const first = !this.scene;
    const shown = first ? null : this.ranges();
    const rebuild = first || this.signature(scene) !== this.signature(this.scene);
    this.scene = scene;
    this.discrete = scene.kind !== "continuous";
    this.names = scene.names;
    this.unit = scene.unit;
    this.curves = Object.fromEntries(Object.keys(scene.curves).map((id) => [id, curveOf(scene, id)]));
    this.slots = Object.fromEntries(Object.keys(scene.curves).map((id, i, all) => [id, (2 * i - all.length + 1) / all.length]));
    this.previewing = false;
    this.startMoved = false;
    this.keepInfinite = true;
    this.touched.clear();
    this.z ??= scene.latent?.z;
    this.adoptTracks(scene.scrub);
    if (rebuild) this.build();
    this.show(rebuild ? null : shown);
    settled(this);
    retake(this);
  }

  // The curves stay where hands have left them; their tables come with the run.
  adoptEarly(told) {
    const shown = this.ranges();
    this.scene = { ...this.scene, ...told };
    this.previewing = false;
    this.show(shown);
  }

  // Draws the scene in the ranges that show it well, on the way there from those on screen, if any.
  show(from) {
    this.aim(this.scene.view);
    const aim = this.ranges();
    if (!from || STILL.matches || aim.every((value, i) => value === from[i])) this.redraw();
    else this.glide(from, aim);
  }

  // ---- what a room shows together ---------------------------------------------------------------------------------
  key() {
    const { scene } = this;
    return JSON.stringify([scene?.kind, Object.entries(scene?.curves ?? {}).map(([id, curve]) => [id, curve.handles.map(({ name }) => name)]), scene?.panels.map(({ kind }) => kind)]);
  }

  posture() {
    return { values: Object.fromEntries([...this.touched].map((id) => [id, this.curves[id].values])), position: this.position, startMoved: this.startMoved, z: this.z };
  }

  take({ values, position, startMoved, z }) {
    for (const [id, its] of Object.entries(values)) this.curves[id].values = its;
    this.previewing ||= Object.keys(values).length > 0;
    this.position = Math.min(position, this.last);
    this.startMoved = startMoved;
    this.z = z;
    this.schedule();
  }

  ranges() {
    return [...this.view, this.top, ...this.contributionRange, ...this.stackRange];
  }

  // New tracks keep the scrubber where it was, at the end it stays at the end; unless a link says where it is now.
  adoptTracks(scrub) {
    const atEnd = this.tracks && this.position >= this.last;
    const linked = !this.tracks || this.startedAt !== scrub?.start;
    const before = linked ? scrub?.start ?? 0 : this.position;
    this.startedAt = scrub?.start;
    this.tracks = scrub ? new Tracks(scrub) : null;
    this.last = this.tracks ? this.tracks.length - 1 : 0;
    this.position = atEnd && !linked ? this.last : Math.min(before, this.last);
  }

  signature(scene) {
    const curves = Object.values(scene.curves).map((curve) => [curve.label, curve.style, curve.handles.map((h) => h.name + h.kind)]);
    return JSON.stringify([scene.kind, curves, scene.panels, scene.readouts, scene.stacks, scene.scrub?.label]);
  }

  build() {
    const { scene } = this;
    this.panels = scene.panels.map((spec) => new PANELS[spec.kind](spec, scene.curves, this.uid, this));
    this.readouts = (scene.readouts ?? []).map((spec) => new Readout(spec));
    this.allReadouts = [...this.readouts, ...this.panels.map(({ readout }) => readout).filter(Boolean)];
    this.stacks = (scene.stacks ?? []).map((spec) => new StackPanel(spec));
    this.scrubber = scene.scrub ? new Scrubber(this, scene.scrub) : null;
    this.reading = make("p", { class: "reading", "data-quantity": "reading" });
    const after = this.panels.findLastIndex((panel) => panel.spec.kind === "curves");
    const nodes = this.panels.map((panel) => panel.node);
    nodes.splice(after + 1, 0, this.reading, ...(this.scrubber ? [this.scrubber.node] : []));
    const body = make("div", { class: `live ${scene.size ?? ""}` }, [
      ...nodes,
      ...(this.readouts.length ? [make("div", { class: "strip" }, this.readouts.map(({ node }) => node))] : []),
      ...(this.stacks.length ? [make("div", { class: "stacks" }, this.stacks.map(({ node }) => node))] : []),
      ...(scene.export ? [exportButtons(this)] : []),
    ]);
    this.root.replaceChildren(body);
    this.strip = body.querySelector(".strip");
    this.sight.watch(this.parts());
    this.handles = [];
    for (const panel of this.panels) {
      if (panel.handleLayer) this.addHandles(panel);
      if (panel.spec.kind === "map") listenToMap(panel, this);
      else if (panel.listens) listen(panel.svg, this.host(panel));
    }
    this.measured(true);
  }

  // What is drawn, or left out while it is out of sight.
  parts() {
    return [...this.panels, ...this.allReadouts, ...this.stacks];
  }

  addHandles(panel) {
    for (const id of panel.spec.curves) {
      for (const spec of this.scene.curves[id].handles) {
        if ((spec.kind === "level") !== (panel.spec.kind === "levels")) continue;
        const handle = new Handle(id, spec, this.scene.curves[id].style, panel.spec.quiet?.includes(id));
        handle.panel = panel;
        handle.node.addEventListener("keydown", (event) => this.pressed(handle, event));
        handle.node.addEventListener("blur", () => this.askSoon(0));
        panel.handleLayer.append(handle.node);
        this.handles.push(handle);
      }
    }
  }

  measured(silently) {
    if (!this.panels) return;
    for (const panel of [...this.panels, ...this.stacks]) panel.measure();
    if (!silently) this.redraw();
  }

  // ---- what is drawn -------------------------------------------------------------------------------------------
  schedule() {
    if (this.frame || !this.scene) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      this.redraw(false);
      moved(this);
    });
  }

  // all: also what is out of sight.
  redraw(all = true) {
    if (!this.scene) return;
    this.drawn = new Set(this.parts().filter((part) => all || this.sight.has(part)));
    if (this.tracks && !this.startMoved) this.tracks.apply(this.position, this.curves);
    if (this.previewing) this.soften();
    this.compute();
    const [panels, readouts, stacks] = [this.panels, this.allReadouts, this.stacks].map((parts) => parts.filter((part) => this.drawn.has(part)));
    const handles = this.handles.filter(({ panel }) => this.drawn.has(panel));
    for (const panel of panels) panel.read?.();
    for (const panel of panels) panel.draw(this);
    for (const handle of handles) {
      put(handle.node, { visibility: this.curves[handle.curveId].there ? "visible" : "hidden" });
      if (!this.curves[handle.curveId].there) continue;
      handle.place(this.curves[handle.curveId], handle.panel.scale, this, this.held);
    }
    this.keepApart(handles);
    for (const panel of panels.filter(({ paths }) => paths && !this.discrete)) {
      placeLabels(panel, handles.filter((handle) => handle.panel === panel && this.curves[handle.curveId].there), this.held);
    }
    for (const readout of readouts) readout.show({ ...this.numbers[readout.spec.quantity], unit: this.unit });
    for (const stack of stacks) stack.draw(this);
    this.strip?.classList.toggle("without-numbers", this.readouts.every(({ output }) => output.dataset.value === "NaN"));
    this.root.firstChild.classList.toggle("previewing", this.previewing);
    this.scrubber?.show(this.position, this.place());
    put(this.reading, { text: this.words() });
    this.sight.drew(all);
  }

  // Curves that are softened from one curve's logits follow the hand that moves these.
  soften() {
    const { of, at } = this.scene.softens ?? { at: {} };
    for (const [id, T] of Object.entries(at)) {
      this.curves[id].values = { ...this.curves[id].values, probs: softShares(this.curves[of].values.logits, T ?? along(this.tracks.values, this.position)) };
    }
  }

  // Two handles at one place: the second gives way, so that either can be taken.
  keepApart(handles) {
    for (const [i, second] of handles.entries()) {
      for (const first of handles.slice(0, i)) {
        const near = APART - Math.hypot(first.x - second.x, first.y - second.y);
        if (first.panel === second.panel && first.curveId !== second.curveId && near > 0) second.moveDown(near);
      }
    }
  }

  glide(from, to) {
    cancelAnimationFrame(this.gliding);
    const start = performance.now();
    const step = (now) => {
      const t = Math.min((now - start) / 280, 1);
      const [low, high, top, ...ranges] = mixed(from, to, eased(t));
      this.view = [low, high];
      this.top = top;
      this.contributionRange = ranges.slice(0, 2);
      this.stackRange = ranges.slice(2);
      this.redraw(t === 0 || t === 1); // a number out of sight is no older than one in sight
      if (t < 1) this.gliding = requestAnimationFrame(step);
    };
    step(start);
  }

  remove() {
    this.resize.disconnect();
    this.sight.forget();
    cancelAnimationFrame(this.frame);
    cancelAnimationFrame(this.gliding);
    clearTimeout(this.soon);
    clearTimeout(this.waiting);
    clearTimeout(this.left);
  }
}
