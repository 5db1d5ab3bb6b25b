// @ts-check
// Drawing: elements, scales, paths and words. Knows pixels and units, not curves.

import { asRead, pieces } from "./typeset.js";

export const SVG = "http://www.w3.org/2000/svg";

// Text, with the subscript of π_ref lowered where the element can have it.
const say = (node, text) => {
  const typeset = typeof text === "string" && text.includes("π_ref") && !["title", "option"].includes(node.localName);
  if (node.textContent === (typeset ? asRead(text) : text)) return;
  if (!typeset) write(node, text);
  else node.replaceChildren(...(node.namespaceURI === SVG ? spans(text) : pieces(text).map(([piece, low]) => (low ? make("sub", { text: piece }) : piece))));
};

// Into the text that is there: to put a new one in its place would have the browser match its styles and lay out anew all around it.
const write = (/** @type {Element} */ node, /** @type {string} */ text) => {
  const { firstChild } = node;
  if (text && firstChild instanceof Text && firstChild === node.lastChild) firstChild.data = text;
  else node.textContent = text;
};

const spans = (text) => pieces(text).map(([piece, low], i, all) => {
  const dy = low ? "0.3em" : all[i - 1]?.[1] ? "-0.225em" : "0";
  return draw("tspan", low ? { dy, "font-size": "75%", text: piece } : { dy, text: piece });
});

export const make = (tag, attributes = {}, children = []) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") say(node, value);
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
};

// A style sheet, which applies to all that is in the same shadow root.
export const dressed = (/** @type {string} */ style) => {
  const node = document.createElement("style");
  node.textContent = style;
  return node;
};

export const draw = (tag, attributes = {}, children = []) => {
  const node = document.createElementNS(SVG, tag);
  put(node, attributes);
  node.append(...children);
  return node;
};

// So many elements of a kind within another, with these attributes: those that are there take the new ones.
export const fill = (parent, tag, all) => {
  all.forEach((attributes, i) => (parent.children[i] ? put(parent.children[i], attributes) : parent.append(draw(tag, attributes))));
  while (parent.children.length > all.length) parent.lastElementChild.remove();
};

export const put = (node, attributes) => {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") say(node, value);
    else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
  }
};

export const MARGIN = { left: 6, right: 6, top: 12, bottom: 24 };

export const scales = (width, height, view, range) => {
  const innerWidth = Math.max(width - MARGIN.left - MARGIN.right, 1);
  const innerHeight = Math.max(height - MARGIN.top - MARGIN.bottom, 1);
  const perX = innerWidth / (view[1] - view[0]);
  const perY = innerHeight / (range[1] - range[0]);
  return {
    perX,
    right: width,
    x: (value) => MARGIN.left + (value - view[0]) * perX,
    y: (value) => {
      const y = MARGIN.top + (range[1] - value) * perY;
      return Math.min(Math.max(y, -50), height + 50);
    },
    toX: (pixel) => view[0] + (pixel - MARGIN.left) / perX,
    toY: (pixel) => range[1] - (pixel - MARGIN.top) / perY,
  };
};

export const tenth = (value) => Math.round(value * 10) / 10;

const NEAR = 0.15; // pixels that nobody sees

// The curve through the places in view; those beyond are only summed over. A point is left out where the line
// between its neighbours passes NEAR it: of the slopes from the last kept point, those that meet every point since.
export const line = (xs, ys, scale) => {
  let path = "";
  let [keptX, keptY, lastX, lastY, least, most] = [NaN, NaN, NaN, NaN, -Infinity, Infinity];
  for (let i = 0; i < xs.length; i += 1) {
    const x = scale.x(xs[i]);
    if (x < -20 || x > scale.right + 20) continue;
    const y = scale.y(ys[i]);
    const slope = (y - keptY) / (x - keptX);
    if (!path) {
      path = `M${tenth(x)} ${tenth(y)}`;
      [keptX, keptY] = [x, y];
    } else if (slope >= least && slope <= most) {
      least = Math.max(least, (y - NEAR - keptY) / (x - keptX));
      most = Math.min(most, (y + NEAR - keptY) / (x - keptX));
    } else {
      path += `L${tenth(lastX)} ${tenth(lastY)}`;
      [keptX, keptY] = [lastX, lastY];
      least = x > keptX ? (y - NEAR - keptY) / (x - keptX) : -Infinity;
      most = x > keptX ? (y + NEAR - keptY) / (x - keptX) : Infinity;
    }
    [lastX, lastY] = [x, y];
  }
  return path && `${path}L${tenth(lastX)} ${tenth(lastY)}`;
};

// The area between a curve and the axis.
export const filled = (path, scale) => (path ? `${path}V${tenth(scale.y(0))}H${path.slice(1, path.indexOf(" "))}Z` : "");

// Bars of one curve: each outcome's slot holds one bar a curve, side by side.
export const bars = (ks, heights, scale, slot, slots) => {
  const wide = (0.8 * scale.perX) / slots;
  const base = tenth(scale.y(0));
  let path = "";
  for (let i = 0; i < ks.length; i += 1) {
    if (!(heights[i] > 0 || heights[i] < 0)) continue;
    const left = tenth(scale.x(ks[i]) + (slot - slots / 2) * wide + 0.5);
    path += `M${left} ${base}V${tenth(scale.y(heights[i]))}H${tenth(left + wide - 1)}V${base}`;
  }
  return path;
};

const niceStep = (span, count) => {
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * [1, 2, 5, 10].find((m) => m * power >= rough);
};

export const ticks = (view, count, whole) => {
  const step = whole ? Math.max(1, Math.round(niceStep(view[1] - view[0], count))) : niceStep(view[1] - view[0], count);
  const values = [];
  for (let i = Math.ceil(view[0] / step); i * step <= view[1]; i += 1) {
    values.push(Number((i * step).toPrecision(12)));
  }
  return values;
};

export const eased = (t) => 1 - (1 - t) ** 3;
export const mixed = (from, to, t) => from.map((value, i) => value + (to[i] - value) * t);

// The colour of an element's text; one that has just been taken off the page has none.
export const inkOf = (node) => (getComputedStyle(node).color.match(/[\d.]+/g) ?? [0, 0, 0]).map(Number);
