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
    const found = nearestHandle(this.host.handles(), ...this.place(event));
    if (!found) return this.host.pick(event.target.getAttribute?.("data-pick"));
    event.preventDefault();
    this.held = found.key;
    this.svg.setPointerCapture(event.pointerId);
    this.nodes.get(found.key)?.focus({ preventScroll: true });
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
    const handle = this.host.handles().find((one) => one.key === this.held);
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
    const handle = this.host.handles().find((one) => this.nodes.get(one.key) === event.target);
    const value = handle && !event.ctrlKey && !event.metaKey && !event.altKey ? afterKey(handle, event.key, event.shiftKey) : null;
    if (value === null) return;
    event.preventDefault();
    event.stopPropagation();
    handle.set(value);
    this.host.changed();
  }

  // Nodes for the handles of the scene on screen; `opacity` while it comes or goes.
  show(handles, opacity = 1) {
    const wanted = new Set(handles.map((one) => one.key));
    for (const [key, node] of this.nodes) {
      if (wanted.has(key)) continue;
      node.remove();
      this.nodes.delete(key);
    }
    for (const one of handles) this.put(one, opacity);
  }

  put(one, opacity) {
    let node = this.nodes.get(one.key);
    if (!node) {
      node = draw("g", one.quiet ? { "aria-hidden": "true" } : { role: "slider", tabindex: 0 }, [
        draw("circle", { class: "reach", r: 22 }), draw("circle", { class: "knob", r: one.small ? 6 : 8 }), draw("text", { class: "says", y: -18, "text-anchor": "middle" }),
      ]);
      this.nodes.set(one.key, node);
      this.layer.append(node);
    }
    const held = this.held === one.key;
    put(node, { class: `handle ${one.style ?? "q"} ${one.axis}${held ? " held" : ""}`, transform: `translate(${Math.round(one.x * 10) / 10} ${Math.round(one.y * 10) / 10})`, opacity: Math.round(opacity * 100) / 100 });
    put(node.lastChild, { text: held && !one.mute ? one.says : "" });
    if (!one.quiet) put(node, { "aria-label": one.label, "aria-valuenow": String(Number(one.value.toFixed(4))), "aria-valuetext": one.says, "aria-valuemin": String(one.min), "aria-valuemax": String(one.max), "aria-orientation": one.axis === "y" ? "vertical" : "horizontal" });
  }
}
