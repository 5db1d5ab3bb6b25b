// @ts-check
// What a hand, a finger or a key can hold in the picture: each an ARIA slider that changes one number of a scene.

import { draw, put } from "../../shared/live/draw.js";
import { afterKey, nearestHandle } from "./keys.js";

export class Hands {
  // host: handles(), changed(key), hover(node)
  constructor(svg, layer, host) {
    this.svg = svg;
    this.layer = layer;
    this.host = host;
    this.nodes = new Map();
    this.held = null;
    svg.addEventListener("pointerdown", (event) => this.down(event));
    svg.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) svg.addEventListener(end, () => this.up());
    // A finger on a handle drags it; anywhere else it scrolls the page.
    svg.addEventListener("touchstart", (event) => {
      const box = svg.getBoundingClientRect();
      const [touch] = event.touches;
      if (nearestHandle(host.handles(), touch.clientX - box.left, touch.clientY - box.top)) event.preventDefault();
    }, { passive: false });
    layer.addEventListener("keydown", (event) => this.key(event));
  }

  place(event) {
    const box = this.svg.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  down(event) {
    if (event.button) return;
    const handle = nearestHandle(this.host.handles(), ...this.place(event));
    if (!handle) return this.host.pick(event.target.getAttribute?.("data-pick"));
    event.preventDefault();
    this.held = handle.key;
    this.svg.setPointerCapture(event.pointerId);
    this.nodes.get(handle.key)?.focus({ preventScroll: true });
    this.show(this.host.handles());
  }

  move(event) {
    if (this.held === null) {
      if (event.pointerType === "mouse") {
        this.svg.classList.toggle("near", Boolean(nearestHandle(this.host.handles(), ...this.place(event))));
        this.host.pick(event.target.getAttribute?.("data-pick"));
      }
      return;
    }
    const handle = this.host.handles().find((other) => other.key === this.held);
    if (!handle) return;
    const [x, y] = this.place(event);
    handle.set(Math.min(Math.max(handle.at(x, y), handle.min), handle.max));
    handle.also?.(x, y);
    this.host.changed();
  }

  up() {
    if (this.held === null) return;
    this.held = null;
    this.show(this.host.handles());
  }

  key(event) {
    const handle = this.host.handles().find((other) => this.nodes.get(other.key) === event.target);
    const value = handle && !event.ctrlKey && !event.metaKey && !event.altKey ? afterKey(handle, event.key, event.shiftKey) : null;
    if (value === null) return;
    event.preventDefault();
    event.stopPropagation();
    handle.set(value);
    this.host.changed();
  }

  // Nodes for the handles of the scene on screen; `opacity` while it comes or goes.
  show(handles, opacity = 1) {
    const wanted = new Set(handles.map((handle) => handle.key));
    for (const [key, node] of this.nodes) {
      if (wanted.has(key)) continue;
      node.remove();
      this.nodes.delete(key);
    }
    for (const handle of handles) this.put(handle, opacity);
  }

  put(handle, opacity) {
    let node = this.nodes.get(handle.key);
    if (!node) {
      node = draw("g", handle.quiet ? { "aria-hidden": "true" } : { role: "slider", tabindex: 0 }, [
        draw("circle", { class: "reach", r: 22 }), draw("circle", { class: "knob", r: handle.small ? 6 : 8 }), draw("text", { class: "says", y: -18, "text-anchor": "middle" }),
      ]);
      this.nodes.set(handle.key, node);
      this.layer.append(node);
    }
    const held = this.held === handle.key;
    put(node, { class: `handle ${handle.style ?? "q"} ${handle.axis}${held ? " held" : ""}`, transform: `translate(${Math.round(handle.x * 10) / 10} ${Math.round(handle.y * 10) / 10})`, opacity: Math.round(opacity * 100) / 100 });
    put(node.lastChild, { text: held && !handle.mute ? handle.says : "" });
    if (!handle.quiet) put(node, { "aria-label": handle.label, "aria-valuenow": String(Number(handle.value.toFixed(4))), "aria-valuetext": handle.says, "aria-valuemin": String(handle.min), "aria-valuemax": String(handle.max), "aria-orientation": handle.axis === "y" ? "vertical" : "horizontal" });
  }
}
