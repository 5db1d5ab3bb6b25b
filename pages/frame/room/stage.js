// @ts-check
// What the teacher's page shows, drawn on a phone before the phone's own script run has drawn its page: in the pictures that are
// there, or over a page that shows something else.

import { make, put } from "../../shared/live/draw.js";
import { shown } from "../../shared/live/shown.js";

const MODULES = new URL("../../", import.meta.url); // this file is js/<version>/frame/room/stage.js
const EVERY = 100; // ms between two looks whether the page itself is there
const AT_MOST = 15_000; // ms after which it must be

const running = () => document.querySelector("[data-test-script-state='running']") !== null;
const names = (/** @type {{ script: string }[]} */ parts) => parts.map(({ script }) => script).join();

/** @typedef {{ number: number, title: string, words: string, parts: { script: string, data: any, style: string }[] }} Staged */

export class Stage {
  /** @type {{ script: string, place: HTMLElement }[]} */
  parts = [];

  /** the page whose run has ended last */
  page = "";

  /** @param {() => void} touched called when a hand is on it */
  constructor(touched) {
    this.title = make("h1", {});
    this.words = make("p", { class: "words" });
    this.pictures = make("div", { class: "pictures", inert: "" });
    this.node = make("section", { class: "stage-over", "aria-label": "The teacher’s screen", hidden: "" }, [this.title, this.words, this.pictures]);
    this.node.addEventListener("click", touched);
  }

  get over() {
    return !this.node.hidden;
  }

  /** Whether the page itself could show it in its own pictures. @param {Staged} staged @param {string} path */
  fits(staged, path) {
    const own = shown();
    return !this.over && path === this.page && own.length > 0 && staged.parts.length > 0 && names(own.slice(0, staged.parts.length)) === names(staged.parts);
  }

  /** In the pictures of the page itself. @param {Staged} staged */
  async update(staged) {
    for (const [i, { call }] of shown().slice(0, staged.parts.length).entries()) await this.draw(staged.parts[i], call);
  }

  /** Over a page that shows something else. @param {Staged} staged @param {string} words of a lesson's step */
  async cover(staged, words) {
    clearInterval(this.leaving);
    put(this.title, { text: staged.title });
    put(this.words, { text: staged.parts.length ? words : `${words} This page opens in a moment.`.trim() });
    this.node.style.top = `${Math.max(document.querySelector("[data-testid=stHeader]")?.getBoundingClientRect().bottom ?? 0, 0)}px`;
    if (!this.over || names(this.parts) !== names(staged.parts)) this.place(staged.parts);
    this.node.hidden = false;
    for (const [i, part] of staged.parts.entries()) await this.draw(part, { parentElement: this.parts[i].place, setTriggerValue() {}, setStateValue() {} });
  }

  place(parts) {
    this.pictures.replaceChildren();
    this.parts = parts.map(({ script, style }) => {
      const host = make("div");
      const place = make("div");
      host.attachShadow({ mode: "open" }).append(make("style", { text: style }), place);
      this.pictures.append(host);
      return { script, place };
    });
    this.node.scrollTop = 0;
  }

  // A picture that cannot be drawn is no reason to show none of the others.
  async draw({ script, data }, call) {
    try {
      const { default: show } = await import(new URL(`bundle/${script}`, MODULES).href);
      show({ ...call, data });
    } catch (problem) {
      setTimeout(() => { throw problem; }); // told by the browser
    }
  }

  /** Goes as soon as the page itself is there. @param {string} path */
  leaveAt(path) {
    clearInterval(this.leaving);
    if (!this.over) return;
    const since = performance.now();
    const expected = names(this.parts);
    this.leaving = setInterval(() => {
      const there = this.page === path && !running() && names(shown().slice(0, this.parts.length)) === expected;
      if (there || performance.now() - since > AT_MOST) this.leave();
    }, EVERY);
  }

  leave() {
    clearInterval(this.leaving);
    this.node.hidden = true;
    this.parts = [];
    this.pictures.replaceChildren();
  }
}
