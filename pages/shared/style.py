"""How numbers are written: units, digits and words. The only place that knows bits."""

from dataclasses import dataclass
from math import isinf, isnan, log

_DECIMALS = ((1000, 0), (100, 1), (10, 2), (1, 3), (0.01, 4))
"""From which size on a number has how many decimals."""
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Unit:
    """A unit of information and how many of it make a nat."""

    name: str
    per_nat: float


UNITS = {"nats": Unit("nats", 1.0), "bits": Unit("bits", 1 / log(2))}


def number(value: float) -> str:
    """Three or four significant digits, ∞ and NaN by name, as live/numbers.js writes them."""
    if isnan(value):
        return "NaN"
    if isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    if not size:
        return "0"
    if size < 1e-3 or size >= 1e5:
        digits, power = f"{value:.2e}".split("e")
        return f"{digits.replace('-', '−')} × 10{str(int(power)).translate(_SUPERSCRIPT)}"
    decimals = next((places for least, places in _DECIMALS if size >= least), 5)
    return f"{value:.{decimals}f}".replace("-", "−")


def amount(nats: float, unit: Unit) -> str:
    """A number of nats in the unit on screen: "0.7213 bits"."""
    return f"{number(nats * unit.per_nat)} {unit.name}"


def short(value: float) -> str:
    """A parameter as short as it is exact."""
    return f"{value + 0.0:.10g}".replace("-", "−")  # and no −0
