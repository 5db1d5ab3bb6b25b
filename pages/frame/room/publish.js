// @ts-check
// What the teacher's page shows, told to the room once it stands: its heading and what its pictures were told. The phones draw it at
// once with the same modules; a script run for each of them would keep the server busy for many seconds.

import { shown, toldAt } from "../../shared/live/shown.js";
import { toldIn } from "../../shared/live/together.js";
import { here } from "./follow.js";
import { Refused, tell } from "./server.js";

const EVERY = 100; // ms between two looks
const AGAIN = 1000; // ms between two stages of one address, of which the second may come at once: a view is often chosen by a second run
const NO_NEWS = 1500; // ms after which a new address that has told no component anything shows what is there
const NO_TITLE = 5000; // ms after which a page without a heading counts as drawn
const SHORTLY_BEFORE = 300; // ms: the server changes the address a little after it has told the pictures
const NO_PICTURES = ["views/start/story.js", "views/lessons/drag.js", "views/beta/reveal/main.js"]; // or those that need their page
const LARGEST = 2_500_000; // letters; phones show a larger page by runs of their own

const running = () => (document.querySelector("[data-test-script-state]")?.getAttribute("data-test-script-state") ?? "notRunning") !== "notRunning";

const titleNow = () => document.querySelector(".stMain h1")?.textContent ?? "";

const styleIn = (/** @type {HTMLElement} */ host) => [...(host.shadowRoot ?? host).querySelectorAll("style")].map((node) => node.textContent).join("\n");

const part = ({ script, call, host }) => ({ script, data: toldIn(host) ?? call.data, style: styleIn(host) });

export class Publisher {
  /**
   * @param {{ code: string, key: string }} membership
   * @param {() => string} words of the lesson's step on screen
   */
  constructor(membership, words) {
    this.membership = membership;
    this.words = words;
    this.address = "";
    this.changedAt = 0; // when the address did
    this.toldAt = -1; // what was told last when the stage was sent
    this.sentAt = 0;
    this.count = 0; // stages of this address
    this.text = "";
    this.timer = setInterval(() => this.look(), EVERY);
  }

  look() {
    const now = performance.now();
    if (here() !== this.address) {
      this.address = here();
      this.changedAt = now;
      this.toldAt = -1;
      this.count = 0;
    }
    const news = toldAt();
    const due = news !== this.toldAt && (this.count < 2 || now - this.sentAt >= AGAIN) && (news >= this.changedAt - SHORTLY_BEFORE || now - this.changedAt > NO_NEWS);
    const drawn = titleNow() !== "" || now - this.changedAt > NO_TITLE;
    if (due && drawn && !this.sending && !running()) this.send(news);
  }

  async send(news) {
    const { address } = this;
    const stage = this.stage(address);
    if (!stage.parts.length && performance.now() - this.changedAt < NO_NEWS) return; // its pictures may be on their way
    const text = JSON.stringify(stage);
    this.toldAt = news;
    this.sentAt = performance.now();
    if (text === this.text) return;
    this.count += 1;
    this.sending = true;
    try {
      await tell(`${this.membership.code}/stage`, text, this.membership.key);
      this.text = text;
    } catch (problem) {
      if (!(problem instanceof Refused)) this.toldAt = -1; // the network; a refusal would come again
    }
    this.sending = false;
  }

  stage(address) {
    const parts = shown().filter(({ script }) => !NO_PICTURES.includes(script)).map(part);
    while (JSON.stringify(parts).length > LARGEST) parts.pop();
    return { address, title: titleNow().slice(0, 200), words: this.words(), parts };
  }

  end() {
    clearInterval(this.timer);
  }
}
