// @ts-check
// Numbers as words.

const SUPERSCRIPT = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

// From which size on a number has how many decimals.
const DECIMALS = [[1000, 0], [100, 1], [10, 2], [1, 3], [0.01, 4]];

// Three or four significant digits, as pages/shared/style.py writes them.
export const written4 = (value) => {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size < 1e-3 || size >= 1e5) {
    const [digits, power] = value.toExponential(2).split("e");
    return `${digits.replace("-", "−")} × 10${[...String(Number(power))].map((c) => SUPERSCRIPT[c]).join("")}`;
  }
  const [, decimals] = DECIMALS.find(([least]) => size >= least) ?? [0, 5];
  return value.toFixed(decimals).replace("-", "−");
};

// A parameter as short as it is exact.
export const short = (value) => (Number.isFinite(value) ? String(Number(value.toPrecision(5))).replace("-", "−") : written4(value));
