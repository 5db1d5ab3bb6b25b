"""How a report writes its numbers and its formulas."""

from html import escape

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def brief(value: float) -> str:
    """Three significant digits: "0.0635", "25.5", "1.2 × 10⁻⁷"."""
    digits, _, power = f"{value:.3g}".partition("e")
    plain = digits.replace("-", "−").replace("inf", "∞").replace("nan", "NaN")
    return f"{plain} × 10{str(int(power)).translate(_RAISED)}" if power else plain


def lowered(text: str) -> str:
    """The text as HTML, "π_ref" with its "ref" below the line, and the first **words** bold."""
    return escape(text).replace("π_ref", "π<sub>ref</sub>").replace("**", "<b>", 1).replace("**", "</b>", 1)
