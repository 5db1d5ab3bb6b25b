// @ts-check
// Puts marks on screen: one node per key, changed only where it differs.

import { draw } from "../../shared/live/draw.js";
import { icons } from "./icons.js";
import { drawn } from "./ink.js";
import { pieces } from "./words.js";

const TAGS = { rect: "rect", line: "line", circle: "circle", path: "path", text: "text", icon: "path", image: "image" };
const TEXT = new Set(["text"]);
const tenth = (value) => Math.round(value * 10) / 10;

const polygon = (points, closed) => {
  let d = `M${tenth(points[0])} ${tenth(points[1])}`;
  for (let i = 2; i < points.length; i += 2) d += `L${tenth(points[i])} ${tenth(points[i + 1])}`;
  return closed ? `${d}Z` : d;
};

// The attributes of each kind of mark.
const SHAPES = {
  rect: (one) => ({ x: tenth(one.x), y: tenth(one.y), width: Math.max(tenth(one.w), 0), height: Math.max(tenth(one.h), 0) }),
  line: (one) => ({ x1: tenth(one.x1), y1: tenth(one.y1), x2: tenth(one.x2), y2: tenth(one.y2) }),
  circle: (one) => ({ cx: tenth(one.x), cy: tenth(one.y), r: tenth(one.r) }),
  path: (one) => ({ d: one.d ?? polygon(one.points, one.cls.includes("area")) }),
  text: (one) => ({ x: tenth(one.x), y: tenth(one.y), "font-size": tenth(one.size), "text-anchor": one.anchor ?? "start" }),
  icon: (one) => ({ d: icons[one.name], transform: `translate(${tenth(one.x)} ${tenth(one.y)}) scale(${tenth(one.size) / 24})` }),
  image: (one) => ({ x: tenth(one.x), y: tenth(one.y), width: tenth(one.w), height: tenth(one.h), href: drawn(one.ink) }),
};

const write = (node, words) => {
  const parts = pieces(words);
  if (parts.length === 1) node.textContent = words;
  else node.replaceChildren(...parts.map((part) => (part === "P" || part === "Q" ? draw("tspan", { class: part.toLowerCase(), text: part }) : document.createTextNode(part))));
};

export class Painter {
  constructor(shapes, words) {
    this.layers = { shapes, words };
    this.nodes = new Map();
  }

  paint(marks) {
    const seen = new Set();
    const cursor = { shapes: null, words: null };
    for (const one of marks) {
      if (one.o <= 0.01) continue;
      seen.add(one.key);
      const entry = this.entry(one);
      this.put(entry, one);
      this.order(entry.node, TEXT.has(one.kind) ? "words" : "shapes", cursor);
    }
    for (const [key, { node }] of this.nodes) {
      if (seen.has(key)) continue;
      node.remove();
      this.nodes.delete(key);
    }
  }

  entry(one) {
    const known = this.nodes.get(one.key);
    if (known?.kind === one.kind) return known;
    known?.node.remove();
    const made = { kind: one.kind, node: draw(TAGS[one.kind]), last: {} };
    this.nodes.set(one.key, made);
    return made;
  }

  put({ node, last }, one) {
    const wanted = { class: `${one.kind} ${one.cls}`, opacity: Math.round(one.o * 100) / 100, "data-pick": one.pick ?? null, ...SHAPES[one.kind](one) };
    for (const [name, value] of Object.entries(wanted)) {
      if (last[name] === value) continue;
      if (value === null) node.removeAttribute(name);
      else node.setAttribute(name, value);
      last[name] = value;
    }
    if (one.kind === "text" && last.words !== one.text) write(node, last.words = one.text);
  }

  // Nodes stand in the order of their marks; most already do.
  order(node, layer, cursor) {
    const next = cursor[layer] ? cursor[layer].nextSibling : this.layers[layer].firstChild;
    if (next !== node) this.layers[layer].insertBefore(node, next);
    cursor[layer] = node;
  }
}
