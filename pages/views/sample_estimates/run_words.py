"""How a report writes its numbers."""


def brief(value: float) -> str:
    """Three significant digits: "0.0635", "25.5", "1.2e−07"."""
    return f"{value:.3g}".replace("-", "−").replace("inf", "∞").replace("nan", "NaN")
