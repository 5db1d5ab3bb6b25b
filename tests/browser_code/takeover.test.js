import assert from "node:assert/strict";
import { test } from "node:test";

import { mountedAs } from "../../pages/shared/live/mount.js";
import { merged } from "../../pages/shared/live/takeover.js";

// A page in which every element stands at one place, and whose frames are stepped by hand.
let [frames, holder] = [[], null];

class Node {
  children = [];
  style = {};
  isConnected = true;
  host = null;

  append(...nodes) {
    this.children.push(...nodes);
    for (const node of nodes) node.parent = this;
  }

  replaceWith(node) {
    this.isConnected = false;
    this.parent.children = [node];
    node.parent = this.parent;
  }

  setAttribute() {}
  remove() { this.isConnected = false; }
  closest(selector) { return selector === ".st-key-here" ? this : null; }
  getRootNode() { return this; }
  querySelector() { return null; }
  getBoundingClientRect() { return { left: 8, top: 100, width: 300, height: 200 }; }
}

const frame = () => { for (const look of frames.splice(0)) look(); };

const PAGE = {
  ShadowRoot: class {}, HTMLElement: class {}, SVGElement: class {}, CSS: { escape: (text) => text },
  document: { createElement: () => new Node(), getElementById: () => holder },
  requestAnimationFrame: (look) => frames.push(look),
  setTimeout: () => 0,
};

// The page is there for one test: other files have pages of their own.
const inPage = (check) => () => {
  frames = [];
  const before = Object.keys(PAGE).map((name) => [name, globalThis[name]]);
  Object.assign(globalThis, PAGE);
  try {
    check();
  } finally {
    for (const [name, value] of before) globalThis[name] = value;
  }
};

// A picture drawn early, and what Streamlit is told once it has it.
const drawnEarly = () => {
  const early = { parent: new Node(), key: "here", told: [], pressed: false };
  holder = Object.assign(new Node(), { early: null });
  const [pictures, heard] = [[], []];
  const show = mountedAs((root, tell) => {
    const picture = { root, tell, updates: [], update: (data) => picture.updates.push(data), waits: 0, expect: () => { picture.waits += 1; } };
    pictures.push(picture);
    return picture;
  });
  show({ data: "scene", parentElement: /** @type {any} */ (early.parent), setTriggerValue: (name, message) => early.told.push([name, message]) });
  holder["early"] = early;
  const place = new Node();
  const streamlit = (data) => show({ data, parentElement: /** @type {any} */ (place), setTriggerValue: (name, message) => heard.push(message) });
  return { early, pictures, heard, place, streamlit };
};

test("the early picture is taken over, not made anew, once its place is still", inPage(() => {
  const { early, pictures, place, streamlit } = drawnEarly();
  streamlit("answer");
  for (let i = 0; i < 4; i += 1) frame();
  assert.equal(pictures.length, 1);
  assert.deepEqual(place.children, [pictures[0].root]);
  assert.deepEqual(pictures[0].updates, ["scene", "answer"]);
  assert.equal(holder.isConnected, false);
  assert.equal(early.told.length, 0);
}));

test("nothing moves while a pointer is down, and the newest answer is shown then", inPage(() => {
  const { early, pictures, place, streamlit } = drawnEarly();
  early.pressed = true;
  streamlit("older");
  for (let i = 0; i < 9; i += 1) frame();
  streamlit("newer");
  assert.notEqual(place.children[0], pictures[0].root);
  early.pressed = false;
  frame();
  assert.deepEqual(place.children, [pictures[0].root]);
  assert.deepEqual(pictures[0].updates, ["scene", "newer"]);
}));

test("moves made before are told one after another, and what Python says before it has heard them is not shown", inPage(() => {
  const { pictures, heard, streamlit } = drawnEarly();
  pictures[0].tell("settle", { curve: "p", values: { loc: 1 }, question: 1 });
  pictures[0].tell("settle", { curve: "q", values: { loc: 5 }, question: 2 });
  streamlit({ answers: 0 });
  for (let i = 0; i < 4; i += 1) frame();
  assert.deepEqual(heard, [{ curve: "p", values: { loc: 1 }, question: 1 }]);
  streamlit({ answers: 0 }); // Streamlit calls again with what it has
  assert.deepEqual(heard.map(({ question }) => question), [1]);
  streamlit({ answers: 1 });
  assert.deepEqual(heard.map(({ question }) => question), [1, 2]);
  streamlit({ answers: 2 });
  assert.deepEqual(pictures[0].updates, ["scene", { answers: 2 }]);
  assert.equal(pictures[0].waits, 2);
}));

test("a move that is made while Python has yet to hear an earlier one waits for its turn, and the next goes straight on", inPage(() => {
  const { pictures, heard, streamlit } = drawnEarly();
  pictures[0].tell("settle", { curve: "p", values: { loc: 1 }, question: 1 });
  streamlit({ answers: 0 });
  for (let i = 0; i < 4; i += 1) frame();
  pictures[0].tell("settle", { curve: "q", values: { loc: 5 }, question: 2 });
  assert.deepEqual(heard.map(({ question }) => question), [1]);
  streamlit({ answers: 1 });
  streamlit({ answers: 2 });
  pictures[0].tell("settle", { curve: "q", values: { loc: 6 }, question: 3 });
  assert.deepEqual(heard.map(({ question }) => question), [1, 2, 3]);
}));

test("a component with another key is made anew", inPage(() => {
  const { pictures, early, streamlit } = drawnEarly();
  early.key = "elsewhere";
  streamlit("answer");
  assert.equal(pictures.length, 2);
}));

test("of messages about one curve the last has the last word, and none of its parameters is lost", inPage(() => {
  const told = [["settle", { curve: "p", values: { loc: 1 } }], ["settle", { z: [0] }], ["settle", { curve: "p", values: { scale: 2 } }], ["settle", { z: [1] }]];
  assert.deepEqual(merged(/** @type {any} */ (told)), [["settle", { curve: "p", values: { loc: 1, scale: 2 } }], ["settle", { z: [1] }]]);
}));
