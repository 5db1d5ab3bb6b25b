// @ts-check
// A map of every curve that has a location and a scale: the location across, the logarithm of the scale upwards.

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export class LocationScale {
  /** @type {any} what Python has told of it: `loc` and `log_scale`, the map's ends, and a table between them */
  map = null;

  width = 0;
  height = 0;
  decimals = 3; // of a location that is pointed at; a scale has one digit more

  x(loc) {
    const [low, high] = this.map.loc;
    return ((loc - low) / (high - low)) * this.width;
  }

  y(scale) {
    const [low, high] = this.map.log_scale;
    return (1 - (Math.log(scale) - low) / (high - low)) * this.height;
  }

  // The place under a pointer, as the parameters it stands for.
  at(x, y) {
    const [[left, right], [low, high]] = [this.map.loc, this.map.log_scale];
    const inside = (part) => Math.min(Math.max(part, 0), 1);
    return {
      loc: Number((left + (right - left) * inside(x / this.width)).toFixed(this.decimals)),
      scale: Number(Math.exp(low + (high - low) * inside(1 - y / this.height)).toPrecision(this.decimals + 1)),
    };
  }

  // The place that an arrow key leads to from another, null for another key: a fortieth of the map, with Shift an eighth.
  stepped({ key, shiftKey }, { loc, scale }) {
    const [right, up] = ARROWS[key] ?? [0, 0];
    if (!right && !up) return null;
    const part = shiftKey ? 1 / 8 : 1 / 40;
    return this.at(this.x(loc) + right * part * this.width, this.y(scale) - up * part * this.height);
  }
}
