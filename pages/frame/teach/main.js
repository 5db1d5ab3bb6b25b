// @ts-check
// styles: ./teach.css ../room/room.css
// One for the whole window: its buttons stand in the header of every page.

import { dressed, make } from "../../shared/live/draw.js";
import { Room } from "../room/main.js";
import { arrived } from "./address.js";
import { LessonBar } from "./lesson.js";
import { applyLocks } from "./locks.js";
import { page, present, presentKeys, showPresenting } from "./present.js";
import { ShareDialog } from "./share.js";
import { skipLink } from "./skip.js";
import { showView } from "./views.js";

let room = null; // stays when the header is drawn anew

class Teaching {
  /** @type {Element | null} where it stands */
  root = null;

  constructor(root) {
    this.lesson = new LessonBar();
    room ??= new Room();
    this.lesson.holds = () => room.holds();
    this.lesson.waits = () => room.waits();
    room.changed = () => this.lesson.show();
    room.keys = (event) => { if (this.lesson.lesson) this.lesson.walk(event); };
    this.dialog = new ShareDialog((step) => this.send("step", step), [room.button]);
    room.button.addEventListener("click", () => this.dialog.node.close());
    const button = (text, act, attributes = {}) => {
      const node = make("button", { type: "button", text, ...attributes });
      node.addEventListener("click", act);
      return node;
    };
    const bar = make("div", { class: "bar" }, [
      button("Controls (C)", () => page.toggle("with-controls"), { class: "presenting" }),
      button("Leave (Esc)", () => present(false), { class: "presenting" }),
      button("Share", () => this.dialog.open(this.presets)),
    ]);
    root.append(bar, this.dialog.node, room.below, this.lesson.node, room.node);
    document.addEventListener("keydown", (event) => { presentKeys(event); this.lesson.key(event); });
  }

  update({ page: name, lesson, presets, question }, send, keep) {
    this.send = send;
    room.entered = (teaches) => keep("room", teaches);
    this.presets = presets;
    arrived();
    showView();
    showPresenting();
    applyLocks();
    room.placed(this.lesson, name, question);
    this.lesson.update(lesson);
  }
}

let teaching = null;

export default function teach({ data, parentElement, setTriggerValue, setStateValue, style }) {
  if (!teaching || teaching.root !== parentElement) {
    const root = make("div", { class: "teaching" });
    parentElement.append(dressed(style), root);
    teaching = new Teaching(root);
    skipLink();
    teaching.root = parentElement;
  }
  teaching.update(data, setTriggerValue, setStateValue);
}
