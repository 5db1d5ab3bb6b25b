import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { mountedAs } from "../../pages/shared/live/mount.js";

class Element {
  children = [];

  append(...nodes) {
    this.children.push(...nodes);
  }

  setAttribute() {}
}

before(() => { globalThis.document = /** @type {any} */ ({ createElement: () => new Element(), getElementById: () => null }); });
after(() => { delete globalThis.document; });

test("a component is made once in each place, and told of every answer", () => {
  const made = [];
  const show = mountedAs((root) => {
    const picture = { root, told: [], update: (data) => picture.told.push(data) };
    made.push(picture);
    return picture;
  });
  const [here, there] = [new Element(), new Element()];
  for (const [place, data] of [[here, 1], [here, 2], [there, 3]]) show({ data, parentElement: place, setTriggerValue() {} });
  assert.deepEqual(made.map(({ told }) => told), [[1, 2], [3]]);
  assert.deepEqual([here.children, there.children], made.map(({ root }) => [root]));
});

test("what it tells goes to whatever Streamlit handed over last", () => {
  let tell;
  const show = mountedAs((_, given) => {
    tell = given;
    return { update() {} };
  });
  const [place, heard] = [new Element(), []];
  for (const turn of ["first", "second"]) show({ data: {}, parentElement: place, setTriggerValue: (name, message) => heard.push([turn, name, message]) });
  tell("settle", 7);
  assert.deepEqual(heard, [["second", "settle", 7]]);
});
