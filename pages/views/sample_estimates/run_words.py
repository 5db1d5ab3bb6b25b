"""How a report writes its numbers and its formulas."""

from html import escape


def brief(value: float) -> str:
    """Three significant digits: "0.0635", "25.5", "1.2e−07"."""
    return f"{value:.3g}".replace("-", "−").replace("inf", "∞").replace("nan", "NaN")


def lowered(text: str) -> str:
    """The text as HTML, "π_ref" with its "ref" below the line, and the first **words** bold."""
    return escape(text).replace("π_ref", "π<sub>ref</sub>").replace("**", "<b>", 1).replace("**", "</b>", 1)
