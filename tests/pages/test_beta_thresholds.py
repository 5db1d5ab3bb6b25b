"""Where the page β draws its lines: what counts as near the best, and how far Gao's form is fitted."""

import base64

import numpy as np
import pytest
import torch

from pages.shared.style import UNITS
from pages.views.beta.in_practice import _verdict
from pages.views.beta.scene import WorldSettings, frames_of, gain_fits, penalty_scene


@pytest.mark.parametrize(
    "gold, kl, verdict",
    [
        (1.81, 2.0, "near the best there is"),
        (1.79, 2.0, "better than the reference"),
        (1.5, 2.0, "better than the reference"),
        (1.1, 2.0, "better than the reference"),
        (0.9, 2.0, "hacked: worse than the reference"),
        (1.0, 0.0, "exactly the reference"),
        (1.9, 0.04, "hardly moved"),
        (1.9, 0.06, "near the best there is"),
    ],
)
def test_near_the_best_is_four_fifths_of_the_way_from_the_reference_to_it(gold, kl, verdict):
    assert _verdict(gold, 1.0, 2.0, kl) == verdict


def test_gaos_form_is_fitted_and_drawn_up_to_5_nats():
    told = penalty_scene(WorldSettings(), UNITS["nats"], 1.0)
    root = np.frombuffer(base64.b64decode(told["charts"]["rewards"]["series"][3]["x"]))
    assert root[-1] ** 2 == pytest.approx(5.0)


def test_the_fit_is_the_least_squares_one_over_the_places_below_5_nats():
    """Against numpy's own least squares for gain = a·√KL − b·KL, Gao's form for best-of-n in d = √KL."""
    measures = frames_of(WorldSettings()).measures
    near = ((measures.kl > 0) & (measures.kl < 5.0)).numpy()
    root, gain = measures.kl.sqrt().numpy()[near], (measures.gold - measures.gold[-1]).numpy()[near]
    (a, b), *_ = np.linalg.lstsq(np.stack([root, -(root**2)], 1), gain, rcond=None)
    fit = next(fit for name, fit in gain_fits(frames_of(WorldSettings())).items() if "best-of-n" in name)
    at = torch.tensor([1.0, 2.0], dtype=torch.float64)
    assert fit(at).tolist() == pytest.approx([a * kl**0.5 - b * kl for kl in (1.0, 2.0)], rel=1e-6)
