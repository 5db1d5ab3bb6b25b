// What the picture asks of Python when a hand has moved something, and which answers it shows.
import assert from "node:assert/strict";
import test from "node:test";

import { Hands } from "../../pages/shared/live/hands.js";
import { bars, normal, pack } from "./made.js";
import { Tracks } from "../../pages/shared/live/scrub.js";

// A picture without a screen: what it sends, and the scenes that it has shown.
const picture = (t, scene = {}, curves = { p: normal(0, 1), q: normal(1, 1) }) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const shown = [];
  const sent = [];
  const made = Object.assign(new Hands(), { scene, curves, panels: [], handles: [], send: (message) => sent.push(message), shown, sent });
  made.adopt = (told) => shown.push(told);
  return made;
};
const HANDLE = { curveId: "p", key: "loc", kind: "shift" };
const RIGHT = { key: "ArrowRight", preventDefault() {} };

test("letting go asks once, for the parameter that moved and for no other", (t) => {
  const made = picture(t);
  made.change(HANDLE, 2);
  made.change(HANDLE, 3);
  assert.ok(made.previewing);
  made.ask();
  made.ask();
  assert.deepEqual(made.sent, [{ curve: "p", values: { loc: 3 }, partial: false, question: 1 }]);
});

test("a value that stands already, or is none, asks nothing", (t) => {
  const made = picture(t);
  made.change(HANDLE, 0);
  made.change(HANDLE, NaN);
  made.ask();
  assert.deepEqual(made.sent, []);
  assert.ok(!made.previewing);
});

test("a bar is told with the whole vector", (t) => {
  const made = picture(t, {}, { p: bars([0.5, 0.5]) });
  made.change({ curveId: "p", key: "probs.0", kind: "bar" }, 0.2);
  made.ask();
  assert.deepEqual(made.sent[0].values, { probs: [0.2, 0.8] });
});

test("keys ask once, a third of a second after the last of them", (t) => {
  const made = picture(t);
  const handle = { ...HANDLE, valueAfterKey: (curve) => curve.values.loc + 1 };
  made.pressed(handle, RIGHT);
  t.mock.timers.tick(299);
  made.pressed(handle, RIGHT);
  t.mock.timers.tick(299);
  assert.equal(made.sent.length, 0);
  t.mock.timers.tick(1);
  assert.deepEqual(made.sent.map(({ values }) => values.loc), [2]);
});

test("a scene that comes while a hand holds something waits until the hand lets go", (t) => {
  const made = picture(t);
  made.host({}).grab(HANDLE);
  made.update({ answers: 0 });
  assert.deepEqual(made.shown, []);
  made.host({}).release();
  assert.deepEqual(made.shown, [{ answers: 0 }]);
});

test("an answer to an older question is not shown while the newer one is on its way", (t) => {
  const made = picture(t);
  for (const loc of [1, 2]) {
    made.change(HANDLE, loc);
    made.ask();
  }
  made.update({ answers: 1 });
  assert.deepEqual(made.shown, []);
  made.update({ answers: 2 });
  assert.deepEqual(made.shown, [{ answers: 2 }]);
  t.mock.timers.tick(10_000);
  assert.equal(made.shown.length, 1, "and the older one is not shown later");
});

test("but after four seconds it is better than none", (t) => {
  const made = picture(t);
  for (const loc of [1, 2]) {
    made.change(HANDLE, loc);
    made.ask();
  }
  made.update({ answers: 1 });
  t.mock.timers.tick(3999);
  assert.deepEqual(made.shown, []);
  t.mock.timers.tick(1);
  assert.deepEqual(made.shown, [{ answers: 1 }]);
});

test("while a hand moves one question is in flight, and the next follows its answer only if the hand went on", (t) => {
  const made = picture(t, { live: ["p"] });
  made.held = HANDLE;
  made.change(HANDLE, 1);
  made.change(HANDLE, 2);
  assert.deepEqual(made.sent.map(({ question, partial }) => [question, partial]), [[1, true]]);
  made.update({ answers: 1, partial: [], captions: { curves: "new" } });
  assert.equal(made.scene.captions.curves, "new");
  assert.deepEqual(made.sent.map(({ values }) => values.loc), [1, 2]);
  made.update({ answers: 2, partial: [], captions: {} });
  assert.equal(made.sent.length, 2, "the hand rests");
  made.change({ ...HANDLE, curveId: "q" }, 5);
  const since = made.sent.slice(2).map(({ curve, partial }) => [curve, partial]);
  assert.deepEqual(since, [["p", false]], "p is told before it is forgotten; the other curve asks only when it is let go");
});

test("curves that start from the same place move together and leave their tracks", (t) => {
  const made = picture(t, { linked: [["p", "q"]] });
  made.tracks = new Tracks({ values: pack([0, 1]), numbers: {}, curves: { p: { loc: pack([7, 8]), scale: pack([1, 2]) } } });
  made.position = 1;
  assert.deepEqual(made.startOf("p"), { loc: 7, scale: 1 });
  made.moveCurve("p", { loc: 4, scale: 2 });
  assert.deepEqual(made.curves.q.values, { loc: 4, scale: 2 });
  assert.equal(made.position, 0);
  assert.deepEqual(made.startOf("p"), { loc: 4, scale: 2 });
  made.ask();
  assert.deepEqual(made.sent[0].values, { loc: 4, scale: 2 });
});

test("the scrubber stays on its track, rests where torch has computed, and tells that place once", (t) => {
  const made = picture(t);
  made.tracks = new Tracks({ values: pack([0, 10, 20]), numbers: {} });
  made.last = 2;
  made.moveTo(3);
  assert.equal(made.position, 2);
  made.moveTo(-1);
  assert.equal(made.position, 0);
  made.moveTo(0.7);
  made.scrubbed();
  made.scrubbed();
  assert.equal(made.position, 1);
  t.mock.timers.tick(300);
  assert.deepEqual(made.sent, [{ scrub: "10" }]);
});

test("a probe stays within the picture and is told to a hundredth", (t) => {
  const made = picture(t, { latent: { span: 3 } });
  made.probeTo([1.23456, -9]);
  made.probed();
  t.mock.timers.tick(300);
  assert.deepEqual(made.sent, [{ z: [1.23, -3] }]);
});

test("a press takes the nearest handle of its own panel, within a finger's width", (t) => {
  const made = picture(t);
  const [panel, other] = [{}, {}];
  made.handles = [{ panel, x: 0, y: 7 }, { panel, x: 30, y: 7 }, { panel: other, x: 18, y: 7 }];
  assert.equal(made.nearest(panel, 18, 7), made.handles[1]);
  assert.equal(made.nearest(panel, 69, 7), made.handles[1]);
  assert.equal(made.nearest(panel, 71, 7), null);
  assert.equal(made.nearest(panel, 0, 46), made.handles[0]);
  assert.equal(made.nearest(panel, 0, 48), null);
});

test("a shift leaves an infinite KL infinite, a bar may end it", (t) => {
  const made = picture(t, {}, { p: bars([0.5, 0.5]), q: normal(0, 1) });
  made.change({ curveId: "p", key: "probs.0", kind: "bar" }, 0.2);
  assert.ok(!made.keepInfinite);
  made.change({ curveId: "q", key: "loc", kind: "shift" }, 2);
  assert.ok(made.keepInfinite);
});

test("the pointer reads the nearest outcome, and the place itself on a continuous axis", (t) => {
  const panel = { scale: { toX: (x) => x / 10 } };
  const made = picture(t);
  made.host(panel).hover(17);
  assert.equal(made.cursor, 2);
  made.discrete = false;
  made.host(panel).hover(17);
  assert.equal(made.cursor, 1.7);
  made.host(panel).hover(null);
  assert.equal(made.cursor, null);
});

// A picture whose released numbers a route tells; answer(numbers) is when the route does.
const early = (t) => {
  const made = picture(t, { early: "pair", numbers: "old", curves: { p: { family: "Normal" }, q: { family: "Normal" } } });
  Object.assign(made, { unit: { name: "nats" }, questions: [] });
  t.mock.method(globalThis, "fetch", (address, { body }) => {
    made.questions.push([new URL(address).pathname.split("/").slice(-2).join("/"), JSON.parse(body)]);
    return new Promise((resolve) => { made.answer = (numbers) => resolve({ ok: true, json: () => ({ numbers }) }); });
  });
  return made;
};
const heard = async () => { for (let i = 0; i < 9; i += 1) await null; };

test("a released handle is told to the route and to Python at the same moment, and the route's numbers are shown if they come first", async (t) => {
  const made = early(t);
  made.change(HANDLE, 2);
  made.ask();
  assert.equal(made.sent.length, 1);
  const normals = { p: { family: "Normal", values: { loc: 2, scale: 1 } }, q: { family: "Normal", values: { loc: 1, scale: 1 } } };
  assert.deepEqual(made.questions, [["answers/pair", { unit: "nats", names: null, moved: { curve: "p", names: ["loc"] }, ...normals }]]);
  made.answer("new");
  await heard();
  assert.equal(made.scene.numbers, "new");
  made.update({ answers: 1 });
  assert.deepEqual(made.shown, [{ answers: 1 }], "what Python tells is shown all the same");
});

for (const [why, meanwhile] of /** @type {[string, (made: any) => void][]} */ ([
  ["a hand is on it again", (made) => { made.held = HANDLE; }],
  ["something has moved since", (made) => made.change(HANDLE, 3)],
  ["a newer question is on its way", (made) => { made.change(HANDLE, 3); made.ask(); }],
  ["Python has told all of it", (made) => made.update({ answers: 1 })],
])) {
  test(`the route's numbers are not shown where ${why}`, async (t) => {
    const made = early(t);
    made.change(HANDLE, 2);
    made.ask();
    const { answer } = made;
    meanwhile(made);
    answer("late");
    await heard();
    assert.equal(made.scene.numbers, "old");
  });
}

test("a route that has too much to do is left alone for five seconds", async (t) => {
  let now = 0;
  t.mock.method(performance, "now", () => now);
  const made = picture(t, { early: "pair", curves: { p: {}, q: {} } });
  made.unit = { name: "nats" };
  const fetched = t.mock.method(globalThis, "fetch", async () => ({ status: 503 }));
  for (const [at, asked] of [[0, 1], [4999, 1], [5000, 2]]) {
    now = at;
    made.change(HANDLE, at + 1);
    made.ask();
    await heard();
    assert.equal(fetched.mock.callCount(), asked, `after ${at} ms`);
  }
  assert.equal(made.sent.length, 3, "the page is told each time");
});
