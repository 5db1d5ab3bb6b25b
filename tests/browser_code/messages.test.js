// The canvases' talk with Python: one question at a time, the newest wins, and an answer that comes late is followed, not adopted.
import assert from "node:assert/strict";
import test from "node:test";

import { BUSY } from "../../pages/shared/answers.js";
import { Messages } from "../../pages/views/forward_reverse/stage/messages.js";

const talk = () => {
  const log = { told: [], adopted: [], followed: [] };
  const messages = new Messages((message) => log.told.push(message), (scene) => log.adopted.push(scene), (scene) => log.followed.push(scene));
  return { log, messages };
};

test("while one question is out, later ones wait and are told together", () => {
  const { log, messages } = talk();
  messages.send({ a: 1 });
  messages.send({ b: 2 });
  messages.send({ b: 3 });
  assert.deepEqual(log.told, [{ a: 1, question: 1 }]);
  messages.answered({ answers: 1 });
  assert.deepEqual(log.told[1], { b: 3, question: 2 });
  messages.answered({ answers: 2 });
});

test("an answer that is behind the hand is followed, and the last one adopted", () => {
  const { log, messages } = talk();
  messages.send({ a: 1 });
  messages.send({ a: 2 });
  messages.answered({ answers: 1 });
  assert.deepEqual([log.followed, log.adopted], [[{ answers: 1 }], []]);
  messages.answered({ answers: 2 });
  assert.deepEqual(log.adopted, [{ answers: 2 }]);
});

test("an answer to an older question than the last is not shown", () => {
  const { log, messages } = talk();
  messages.send({ a: 1 });
  messages.answered({ answers: 0 });
  assert.deepEqual([log.followed, log.adopted], [[], []]);
  messages.answered({ answers: 1 });
});

// The route, answered by hand: `asked` holds [message, answer], in order.
const routed = () => {
  const log = { told: [], adopted: [], followed: [], asked: [] };
  const messages = new Messages(
    (message) => log.told.push(message), (scene) => log.adopted.push(scene), (scene) => log.followed.push(scene),
    (message) => new Promise((answer) => { log.asked.push([message, async (scene) => { answer(scene); await null; await null; }]); }),
  );
  return { log, messages };
};

test("the route is asked while a hand moves, and the page is told only the link, once, when it lets go", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { log, messages } = routed();
  messages.send({ hills: 1, partial: true });
  messages.send({ hills: 2, partial: true });
  await log.asked[0][1]({ link: "one" });
  assert.deepEqual([log.followed, log.told], [[{ link: "one" }], []]);
  context.mock.timers.tick(60);
  assert.deepEqual(log.asked[1][0], { hills: 2, partial: true });
  messages.send({ hills: 3, partial: false });
  await log.asked[1][1]({ link: "two" });
  await log.asked[2][1]({ link: "three" });
  assert.deepEqual(log.told, [{ link: "three", seen: true, question: 3 }]);
  assert.deepEqual(log.adopted, [{ link: "three" }]);
});

test("where the route brings no answer, the page is told what the hand did", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  for (const nothing of [null, BUSY]) {
    const { log, messages } = routed();
    messages.send({ shape: "box" });
    await log.asked[0][1](nothing);
    assert.deepEqual(log.told, [{ shape: "box", question: 1 }]);
    messages.answered({ answers: 1 });
    assert.deepEqual(log.adopted, [{ answers: 1 }]);
  }
});

test("who is told to come again while a hand moves asks later, with what is newest by then", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { log, messages } = routed();
  messages.send({ hills: 1, partial: true });
  await log.asked[0][1](BUSY);
  messages.send({ hills: 2, partial: true });
  assert.equal(log.asked.length, 1);
  context.mock.timers.tick(400);
  assert.deepEqual(log.asked[1][0], { hills: 2, partial: true });
});

test("a scene that the page sends meanwhile is taken, and the question is asked anew about it", async () => {
  const { log, messages } = routed();
  messages.send({ shape: "box" });
  messages.answered({ answers: 0, unit: "bits" });
  assert.deepEqual(log.adopted, []);
  await log.asked[0][1]({ link: "in nats" });
  assert.deepEqual(log.adopted, [{ answers: 0, unit: "bits" }]);
  assert.deepEqual(log.asked[1][0], { shape: "box" });
});

test("of what P is, the last that is said counts", () => {
  const { log, messages } = routed();
  messages.send({ step: 180 });
  messages.send({ hills: 1, partial: true });
  messages.send({ shape: "box" });
  log.asked[0][1]({ link: "" });
  assert.deepEqual(messages.pending, { shape: "box" });
});
