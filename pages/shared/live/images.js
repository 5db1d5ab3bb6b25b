// Small grey pictures, side by side: ink from 0 to 1, one set for every place of the scrubber or one for all.

class ImagesPanel {
  constructor(spec) {
    this.spec = spec;
    this.canvas = make("canvas", { class: "images", role: "img", "aria-label": spec.label });
    this.node = make("section", { class: `laws ${spec.half ? "half" : ""} ${spec.narrow ? "narrow" : ""}` }, [
      ...(spec.title ? [make("h3", { text: spec.title })] : []), ...(spec.note ? [make("p", { class: "caption", text: spec.note })] : []),
      this.canvas,
    ]);
  }

  measure() {
    this.drawn = null; // colours may have changed with the theme
  }

  draw(state) {
    const images = state.scene.images[this.spec.name];
    const frame = images.frames ? Math.round(state.position) : 0;
    const place = this.spec.probe ? `${frame} ${state.z}` : String(frame);
    if (images === this.drawn && place === this.place) return;
    [this.drawn, this.place] = [images, place];
    const { side } = images;
    const size = side * side;
    const [count, columns] = this.spec.probe ? [1, 1] : [images.count, images.columns];
    const bytes = decode(images.pixels, Uint8Array);
    const ink = this.spec.probe ? decodedAt(images, frame, state.z) : null;
    const inkAt = (i) => (ink ? ink[i] : bytes[frame * count * size + i] / 255);
    const rows = Math.ceil(count / columns);
    Object.assign(this.canvas, { width: columns * (side + 1) - 1, height: rows * (side + 1) - 1 });
    const context = this.canvas.getContext("2d");
    const [red, green, blue] = getComputedStyle(this.canvas).color.match(/[\d.]+/g).map(Number);
    const picture = context.createImageData(this.canvas.width, this.canvas.height);
    for (let i = 0; i < count * size; i += 1) {
      const [which, pixel] = [Math.floor(i / size), i % size];
      const x = (which % columns) * (side + 1) + (pixel % side);
      const y = Math.floor(which / columns) * (side + 1) + Math.floor(pixel / side);
      picture.data.set([red, green, blue, 12 + 243 * inkAt(i)], 4 * (y * this.canvas.width + x));
    }
    context.putImageData(picture, 0, 0);
  }
}
