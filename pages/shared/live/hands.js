// @ts-check
// What hands do to the picture: handles are taken, curves moved, the scrubber and the probe carried along.

import { Asking } from "./asking.js";
import { REACH, SETTLE_AFTER_KEYS } from "./handles.js";
import { along } from "./tables.js";

export class Hands extends Asking {
  /** @type {import("./scrub").Scrubber | null} */
  scrubber = null;

  /** the scrubber's last place */
  last = 0;

  /** @type {Set<string>} the curves that hands have moved since Python has told of them */
  touched = new Set();

  /** Draws now. @param {boolean} [all] also what is out of sight */
  redraw(all) {} // eslint-disable-line no-unused-vars

  host(panel) {
    return {
      nearest: (x, y) => this.nearest(panel, x, y),
      grab: (handle) => {
        this.held = handle;
        this.cursor = null;
        this.schedule();
      },
      drag: (handle, x, y) => this.change(handle, handle.valueUnder(this.curves[handle.curveId], panel.scale, x, y)),
      release: () => {
        this.held = null;
        this.ask();
      },
      hover: (x) => {
        this.cursor = x === null ? null : panel.scale.toX(x);
        if (this.discrete && x !== null) this.cursor = Math.round(this.cursor);
        this.schedule();
      },
    };
  }

  nearest(panel, x, y) {
    let best = null;
    let reach = REACH;
    for (const handle of this.handles) {
      if (handle.panel !== panel) continue;
      const distance = Math.hypot(handle.x - x, handle.y - y);
      if (distance < reach) [best, reach] = [handle, distance];
    }
    return best;
  }

  pressed(handle, event) {
    const value = handle.valueAfterKey(this.curves[handle.curveId], event);
    if (value === null) return;
    event.preventDefault();
    this.change(handle, value);
    this.redraw(false); // at once: a screen reader asks for the new value before the next frame
    this.askSoon(SETTLE_AFTER_KEYS);
  }

  change(handle, value) {
    const curve = this.curves[handle.curveId];
    if (!Number.isFinite(value) || curve.get(handle.key) === value) return;
    curve.set(handle.key, value, this.scene.payer);
    this.touched.add(handle.curveId);
    this.follow(handle.curveId);
    this.previewing = true;
    this.keepInfinite = handle.kind !== "frames" && handle.kind !== "bar";
    this.remember(handle.curveId, [handle.key.split(".")[0]]);
    if (this.scene.live?.includes(handle.curveId)) this.askLive();
    this.schedule();
  }

  // Curves that start from the same place move together, and leave their tracks.
  follow(curveId) {
    const group = this.scene.linked?.find((ids) => ids.includes(curveId));
    if (!group) return;
    this.startMoved = true;
    this.scrubber?.stop();
    this.position = 0;
    for (const id of group) {
      this.touched.add(id);
      if (id !== curveId) this.curves[id].values = { ...this.curves[curveId].values };
    }
  }

  // Where a curve's track begins, or where it has just been put.
  startOf(curveId) {
    const track = this.startMoved ? null : this.tracks?.curves[curveId];
    return track ? { loc: track.loc[0], scale: track.scale[0] } : this.curves[curveId].values;
  }

  // Several parameters of one curve at once: a place on a map.
  moveCurve(curveId, values) {
    this.curves[curveId].values = { ...this.curves[curveId].values, ...values };
    this.touched.add(curveId);
    this.follow(curveId);
    this.previewing = true;
    this.remember(curveId, Object.keys(values));
    this.schedule();
  }

  moveTo(position) {
    this.position = Math.min(Math.max(position, 0), this.last);
    this.startMoved = false;
    this.schedule();
  }

  // The scrubber comes to rest where Python has computed, and that place goes into the link, a moment later: a key
  // held down leaves many.
  scrubbed() {
    this.moveTo(Math.round(this.position));
    clearTimeout(this.left);
    this.left = setTimeout(() => this.send({ scrub: String(along(this.tracks.values, this.position)) }), SETTLE_AFTER_KEYS);
  }

  // A probe carried through a latent space, and left.
  probeTo(z) {
    const { span } = this.scene.latent;
    this.z = z.map((value) => Number(Math.min(Math.max(value, -span), span).toFixed(2)));
    this.schedule();
  }

  probed() {
    clearTimeout(this.left);
    this.left = setTimeout(() => this.send({ z: this.z }), SETTLE_AFTER_KEYS);
  }
}
