// A latent space of two dimensions: where images lie in it, and a probe to carry through it; and the picture decoded
// at the probe, between those that Python has decoded on a grid.

class LatentPanel extends Plot {
  constructor(spec, laws, uid, picture) {
    super(spec, spec.label);
    this.listens = false;
    this.prior = [1, 2].map((sd) => ({ sd, ring: draw("circle", { class: "prior" }) }));
    this.probe = draw("g", { class: "handle p" }, [draw("circle", { class: "reach", r: 22 }), draw("circle", { class: "knob", r: 8 })]);
    this.marks.append(...this.prior.map(({ ring }) => ring));
    this.svg.append(this.probe);
    for (const [name, value] of Object.entries({ tabindex: 0, role: "application", "aria-label": `${spec.label}. Arrow keys move the probe.` })) {
      this.svg.setAttribute(name, value);
    }
    this.node = titled(spec, this.svg);
    this.listen(picture);
  }

  listen(picture) {
    let held = false;
    const go = (event) => {
      const box = this.svg.getBoundingClientRect();
      picture.probeTo([this.scale.toX(event.clientX - box.left), this.scale.toY(event.clientY - box.top)]);
    };
    this.svg.addEventListener("pointerdown", (event) => {
      held = true;
      this.svg.setPointerCapture(event.pointerId);
      go(event);
    });
    this.svg.addEventListener("pointermove", (event) => held && go(event));
    for (const end of ["pointerup", "pointercancel"]) {
      this.svg.addEventListener(end, () => {
        if (held) picture.probed();
        held = false;
      });
    }
    this.svg.addEventListener("keydown", (event) => {
      const [right, up] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [0, 0];
      if (!right && !up) return;
      event.preventDefault();
      const step = event.shiftKey ? 0.5 : 0.1;
      picture.probeTo([picture.z[0] + right * step, picture.z[1] + up * step]);
      picture.probed();
    });
  }

  draw(state) {
    const { latent } = state.scene;
    const { width, height } = this.size();
    const frame = Math.round(state.position);
    // One unit is as wide as it is high.
    const reach = latent.span * Math.max(1, (width - MARGIN.left - MARGIN.right) / (height - MARGIN.top - MARGIN.bottom));
    this.scale = scales(width, height, [-reach, reach], [-latent.span, latent.span]);
    const signature = `${width} ${height} ${frame}`;
    if (latent !== this.drawn || signature !== this.laid) this.lay(latent, frame, width, height);
    [this.drawn, this.laid] = [latent, signature];
    put(this.probe, { transform: `translate(${tenth(this.scale.x(state.z[0]))} ${tenth(this.scale.y(state.z[1]))})` });
  }

  lay(latent, frame, width, height) {
    const [places, labels] = [decode(latent.places, Float32Array), decode(latent.labels, Uint8Array)];
    const count = labels.length;
    for (const { sd, ring } of this.prior) put(ring, { cx: tenth(this.scale.x(0)), cy: tenth(this.scale.y(0)), r: tenth(this.scale.y(0) - this.scale.y(sd)) });
    this.points ??= Array.from(labels, (label) => draw("text", { class: "point", text: String(label), style: `--hue: ${36 * label}` }));
    if (!this.points[0].parentNode) this.marks.append(...this.points);
    this.points.forEach((point, i) => put(point, {
      x: tenth(this.scale.x(places[2 * (frame * count + i)])), y: tenth(this.scale.y(places[2 * (frame * count + i) + 1]) + 4),
    }));
    this.axis.replaceChildren(...ticks([-latent.span, latent.span], 6).map((value) => draw("text", {
      x: tenth(this.scale.x(value)), y: height - 6, "text-anchor": "middle", text: short(value),
    })));
  }
}

// The picture at the probe: between the four of the grid around it.
const decodedAt = (images, frame, [x, y]) => {
  const { side, columns, span } = images;
  const size = side * side;
  const all = decode(images.pixels, Uint8Array);
  const inside = (value) => Math.min(Math.max(value, 0), columns - 1);
  const [column, row] = [inside(((x + span) / (2 * span)) * (columns - 1)), inside(((span - y) / (2 * span)) * (columns - 1))];
  const [left, top] = [Math.floor(column), Math.floor(row)];
  const [right, below] = [Math.min(left + 1, columns - 1), Math.min(top + 1, columns - 1)];
  const [u, v] = [column - left, row - top];
  const at = (r, c, pixel) => all[((frame * columns + r) * columns + c) * size + pixel];
  return Array.from({ length: size }, (_, i) =>
    ((1 - u) * (1 - v) * at(top, left, i) + u * (1 - v) * at(top, right, i) + (1 - u) * v * at(below, left, i) + u * v * at(below, right, i)) / 255);
};
