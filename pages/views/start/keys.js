// @ts-check
// Sliders without a screen: which one a press takes, and what a key makes of its value.

const REACH = 34; // pixels within which a press takes the nearest handle

const numberFor = (handle, key, shift) => {
  const step = handle.step * (shift ? 10 : 1);
  return {
    ArrowUp: handle.value + step, ArrowRight: handle.value + step, PageUp: handle.value + 10 * handle.step,
    ArrowDown: handle.value - step, ArrowLeft: handle.value - step, PageDown: handle.value - 10 * handle.step,
    Home: handle.min, End: handle.max,
  }[key];
};

// The value after a key, within the handle's range; null for another key.
export const afterKey = (handle, key, shift = false) => {
  const value = numberFor(handle, key, shift);
  return value === undefined ? null : Math.min(Math.max(Number(value.toFixed(6)), handle.min), handle.max);
};

export const nearestHandle = (handles, x, y, reach = REACH) => {
  const far = (handle) => Math.hypot(handle.x - x, handle.y - y);
  return handles.filter((handle) => far(handle) < reach).sort((a, b) => far(a) - far(b))[0] ?? null;
};
