"""Estimates from samples: k1, k2, k3 — how a KL can come out negative, how far to trust each, and what each does as a loss."""

from kl_core.estimates.estimators import ESTIMATORS
from pages.shared import state
from pages.shared.header import page_header
from pages.shared.style import UNITS
from pages.views.sample_estimates.gradient_view import SAMPLERS, USE_NAMES, WEIGHT_NAMES, gradient_view
from pages.views.sample_estimates.introductions import OF_VIEWS
from pages.views.sample_estimates.mismatch_view import mismatch_view
from pages.views.sample_estimates.negative_view import negative_view
from pages.views.sample_estimates.noise_view import KINDS, noise_view
from pages.views.sample_estimates.run_view import run_view
from pages.views.sample_estimates.value_view import COUNTS, RATIOS, value_view

VIEWS = {
    "A negative KL?": negative_view,
    "The value": value_view,
    "The gradient": gradient_view,
    "Gradient noise": noise_view,
    "Sampler ≠ trainer": mismatch_view,
    "Your run": run_view,
}
CHOICES = {
    "unit": UNITS,
    "view": VIEWS,
    "ratio": [f"{ratio:g}" for ratio in RATIOS],
    "draws": COUNTS,
    "sampler": SAMPLERS,
    "weights": WEIGHT_NAMES.values(),
    "use": USE_NAMES.values(),
    "noise_of": KINDS,
    "mismatch_estimator": ESTIMATORS,
}


def main() -> None:
    view, unit = page_header("sample_estimates", list(VIEWS), of_views=OF_VIEWS, problem=lambda: state.link_problem(CHOICES))
    VIEWS.get(view, negative_view)(unit)


main()
