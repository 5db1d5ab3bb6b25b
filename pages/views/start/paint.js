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
  rect: (mark) => ({ x: tenth(mark.x), y: tenth(mark.y), width: Math.max(tenth(mark.w), 0), height: Math.max(tenth(mark.h), 0) }),
  line: (mark) => ({ x1: tenth(mark.x1), y1: tenth(mark.y1), x2: tenth(mark.x2), y2: tenth(mark.y2) }),
  circle: (mark) => ({ cx: tenth(mark.x), cy: tenth(mark.y), r: tenth(mark.r) }),
  path: (mark) => ({ d: mark.d ?? polygon(mark.points, mark.cls.includes("area")) }),
  text: (mark) => ({ x: tenth(mark.x), y: tenth(mark.y), "font-size": tenth(mark.size), "text-anchor": mark.anchor ?? "start" }),
  icon: (mark) => ({ d: icons[mark.name], transform: `translate(${tenth(mark.x)} ${tenth(mark.y)}) scale(${tenth(mark.size) / 24})` }),
  image: (mark) => ({ x: tenth(mark.x), y: tenth(mark.y), width: tenth(mark.w), height: tenth(mark.h), href: drawn(mark.ink) }),
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
    for (const mark of marks) {
      if (mark.o <= 0.01) continue;
      seen.add(mark.key);
      const entry = this.entry(mark);
      this.put(entry, mark);
      this.order(entry.node, TEXT.has(mark.kind) ? "words" : "shapes", cursor);
    }
    for (const [key, { node }] of this.nodes) {
      if (seen.has(key)) continue;
      node.remove();
      this.nodes.delete(key);
    }
  }

  entry(mark) {
    const known = this.nodes.get(mark.key);
    if (known?.kind === mark.kind) return known;
    known?.node.remove();
    const made = { kind: mark.kind, node: draw(TAGS[mark.kind]), last: {} };
    this.nodes.set(mark.key, made);
    return made;
  }

  put({ node, last }, mark) {
    const wanted = { class: `${mark.kind} ${mark.cls}`, opacity: Math.round(mark.o * 100) / 100, "data-pick": mark.pick ?? null, ...SHAPES[mark.kind](mark) };
    for (const [name, value] of Object.entries(wanted)) {
      if (last[name] === value) continue;
      if (value === null) node.removeAttribute(name);
      else node.setAttribute(name, value);
      last[name] = value;
    }
    if (mark.kind === "text" && last.words !== mark.text) write(node, last.words = mark.text);
  }

  // Nodes stand in the order of their marks; most already do.
  order(node, layer, cursor) {
    const next = cursor[layer] ? cursor[layer].nextSibling : this.layers[layer].firstChild;
    if (next !== node) this.layers[layer].insertBefore(node, next);
    cursor[layer] = node;
  }
}
