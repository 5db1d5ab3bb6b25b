// A run on screen, at a display of 60 frames a second.
import assert from "node:assert/strict";
import test from "node:test";

import { Player } from "../../pages/views/forward_reverse/stage/player.js";

// Frames until a run of 180 steps has come to rest, and the places that were shown.
const played = (speed) => {
  const places = [];
  let next = null;
  let done = false;
  globalThis.requestAnimationFrame = (callback) => { next = callback; return 1; };
  globalThis.cancelAnimationFrame = () => { next = null; };
  const player = new Player((place) => places.push(place), () => { done = true; });
  player.load(180);
  player.speed = speed;
  player.play();
  let frames = 0;
  for (; !done && frames < 1e4; frames += 1) next((frames * 1000) / 60);
  return { places, seconds: frames / 60 };
};

test("untouched, the end is seen within five seconds of Run", () => {
  const { places, seconds } = played(1);
  assert.equal(places.at(-1), 180);
  assert.ok(seconds < 5, `${seconds} s`);
});

test("every frame shows another step, and none goes back", () => {
  const { places } = played(1);
  assert.ok(places.slice(2).every((place, i) => place > places[i + 1]));
});

test("at a quarter of the speed it takes four times as long", () => {
  assert.ok(Math.abs(played(0.25).seconds / played(1).seconds - 4) < 0.1);
});
