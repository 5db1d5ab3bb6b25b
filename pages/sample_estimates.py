"""Estimates from samples: k1, k2, k3 — how a KL can come out negative, how far to trust each, and what each does as a loss."""

from pages.shared import state
from pages.shared.header import page_header
from pages.shared.style import UNITS
from pages.views.sample_estimates.gradient_view import SAMPLERS, USE_NAMES, WEIGHT_NAMES, gradient_view
from pages.views.sample_estimates.negative_view import negative_view
from pages.views.sample_estimates.run_view import run_view
from pages.views.sample_estimates.value_view import COUNTS, RATIOS, value_view

VIEWS = {"A negative KL?": negative_view, "The value": value_view, "The gradient": gradient_view, "Your run": run_view}
CHOICES = {
    "unit": UNITS,
    "view": VIEWS,
    "ratio": [f"{ratio:g}" for ratio in RATIOS],
    "draws": COUNTS,
    "sampler": SAMPLERS,
    "weights": WEIGHT_NAMES.values(),
    "use": USE_NAMES.values(),
}


def main() -> None:
    view, unit = page_header("sample_estimates", list(VIEWS), problem=lambda: state.link_problem(CHOICES))
    VIEWS.get(view, negative_view)(unit)


main()
