// The canvases' talk with Python: one question at a time, the newest wins, and an answer that comes late is followed, not adopted.
import assert from "node:assert/strict";
import test from "node:test";

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
