// @ts-check
// Share: the link to exactly this state, as text and as a QR code, and what a teacher adds to it.

import { make, put } from "../../shared/live/draw.js";
import { below, shareable, within } from "../../shared/link.js";
import { changed, visit } from "./address.js";
import { controlsHere, setControl } from "./locks.js";
import { present, presenting } from "./present.js";

const STATES = ["shown", "locked", "hidden"];

const labelled = (text, input) => make("label", {}, [input, make("span", { text })]);

// A browser gives the clipboard to pages over https alone, and to a frame only if the page around it allows that. The older way
// works in most frames. Where neither does, the link is selected, and the button says which keys are left to press.
const copy = async (input, button) => {
  const label = button.textContent;
  const copied = await navigator.clipboard?.writeText(input.value).then(() => true, () => false);
  if (!copied) {
    input.focus();
    input.select();
  }
  put(button, { text: copied || document.execCommand("copy") ? "Copied" : "Selected: press Ctrl+C or ⌘C" });
  setTimeout(() => put(button, { text: label }), 4000);
};

export class ShareDialog {
  constructor(addStep, forClass = []) {
    this.addStep = addStep;
    this.link = make("input", { type: "text", readonly: "", "aria-label": "Link to this state" });
    this.copy = make("button", { type: "button", text: "Copy link", class: "main" });
    this.code = make("img", { class: "qr", alt: "QR code of this link" });
    this.tooLong = make("p", { class: "quiet", text: "This link is too long for a QR code that a phone can read. Copy it instead." });
    this.presets = make("p", { class: "quiet" });
    this.projector = make("input", { type: "checkbox" });
    this.controls = make("div", { class: "controls" });
    this.words = make("input", { type: "text", maxlength: 500, placeholder: "What should they look at?", "aria-label": "Words for this step" });
    this.add = make("button", { type: "button", text: "Add to my lesson" });
    this.added = make("span", { class: "quiet", role: "status" });
    const close = make("button", { type: "button", text: "✕", class: "close", "aria-label": "Close" });
    this.node = make("dialog", { class: "share", "aria-label": "Share" }, [
      close, make("h2", { text: "Share this state" }),
      make("p", { class: "quiet first", text: "Whoever opens this link sees what you see now." }),
      make("div", { class: "row" }, [this.link, this.copy]), this.code, this.tooLong,
      make("div", { class: "row for-class" }, forClass),
      make("details", {}, [
        make("summary", { text: "For a class" }),
        labelled("Projector mode: large type, the picture fills the screen. C shows the controls, Esc leaves.", this.projector),
        this.presets,
        make("h3", { text: "Add this state to my lesson" }),
        make("div", { class: "row" }, [this.words, this.add]), this.added,
        make("h3", { text: "Hide or lock controls" }), this.controls,
      ]),
    ]);
    close.addEventListener("click", () => this.node.close());
    this.node.addEventListener("click", (event) => { if (event.target === this.node) this.node.close(); });
    this.copy.addEventListener("click", () => copy(this.link, this.copy));
    this.link.addEventListener("focus", () => this.link.select());
    this.projector.addEventListener("change", () => { present(this.projector.checked); this.show(); });
    this.add.addEventListener("click", () => this.addThis());
  }

  open(presets) {
    this.listControls();
    put(this.added, { text: "" });
    this.presets.replaceChildren(...this.shortLinks(presets));
    this.show();
    this.node.showModal();
  }

  // What the address bar holds; everything in this dialog is written there at once.
  show() {
    const href = shareable(location.href);
    this.link.value = href;
    this.projector.checked = presenting();
    this.code.hidden = href.length > 1800;
    this.tooLong.hidden = !this.code.hidden;
    if (!this.code.hidden) this.code.src = String(within(`/qr.svg?link=${encodeURIComponent(href)}`));
  }

  shortLinks(presets) {
    if (!presets.length) return [];
    const links = presets.map(({ name, short, address }) => {
      const link = make("a", { href: `${location.pathname}?preset=${short}`, text: name });
      link.addEventListener("click", (event) => { event.preventDefault(); visit(address); this.node.close(); });
      return link;
    });
    return ["Links to the presets of this page: ", ...links.flatMap((link, i) => (i ? [" · ", link] : [link]))];
  }

  listControls() {
    this.controls.replaceChildren(...controlsHere().map(({ key, label, state }) => {
      const radios = STATES.map((choice) => {
        const input = make("input", { type: "radio", name: `control-${key}`, value: choice });
        input.checked = choice === state;
        input.addEventListener("change", () => { setControl(key, choice); this.show(); });
        return labelled(choice, input);
      });
      return make("fieldset", {}, [make("legend", { text: label }), ...radios]);
    }));
  }

  addThis() {
    const here = changed(shareable(location.href), { lesson: "", present: "" });
    this.addStep({ address: below(here), words: this.words.value.trim() });
    put(this.added, { text: "Added. Open the page “Lessons” to order the steps and share them." });
    this.words.value = "";
  }
}
