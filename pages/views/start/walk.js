// @ts-check
// A walk from scene to scene. On a slow machine frames come late and a smooth scroll may be cut short, so where a walk leads is
// kept until it has arrived there, and the next key counts from it.

const NEAR = 2; // pixels from the scene's place that count as there
const LONGEST = 1500; // ms of scrolling, after which it jumps

export class Walk {
  // host: distance(scene) in pixels still to go, scrollBy(pixels, smooth), arrived()
  constructor(host) {
    this.host = host;
    /** @type {number | null} */
    this.goal = null;
    this.timer = 0;
  }

  to(scene, smooth) {
    this.end();
    this.host.scrollBy(this.host.distance(scene), smooth);
    if (!smooth) return this.host.arrived();
    this.goal = scene;
    this.timer = window.setTimeout(() => this.land(), LONGEST);
  }

  // With each frame: is it there?
  check() {
    if (this.goal !== null && Math.abs(this.host.distance(this.goal)) <= NEAR) this.end();
  }

  // What the scroll has not done in time is done at once.
  land() {
    if (this.goal === null) return;
    const { goal } = this;
    this.end();
    this.host.scrollBy(this.host.distance(goal), false);
    this.host.arrived();
  }

  end() {
    window.clearTimeout(this.timer);
    this.goal = null;
  }
}
