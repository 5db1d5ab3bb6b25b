"""One Gaussian fitted to hills in the plane: figures from books, computed.

The values of the minima were found by BFGS on 200² Gauss–Hermite nodes, apart from kl_core.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.distributions import Distribution

from ..fits.plane import PlaneFit, fit_plane_forward, fit_plane_reverse, plane_kl
from ..fits.plane_nodes import plane_mixture
from ..fits.plane_targets import MURPHY_DRAWN, murphy
from .claim import Source, closed_form, printed, vector

SUBJECT = "Fits in two dimensions"
_MURPHY = Source("Reference values of this project for Murphy 2022, Probabilistic Machine Learning: An Introduction, figure 6.3")
_BISHOP = Source("Bishop 2006, Pattern Recognition and Machine Learning, §10.1.2, equations 10.12–10.15, and figure 10.2")
_MOMENTS = Source("Bishop 2006, Pattern Recognition and Machine Learning, §10.7: moment matching")
_DRAWN = "The figure draws “reverse KL” as N(mode, 0.6·Σ) on one hill. Recomputed, the only minimum lies across both hills."


def _kls(places: Sequence[tuple[Any, Any]]) -> Tensor:
    loc, covariance = (torch.tensor(column, dtype=torch.float64, device="cpu") for column in zip(*places))
    return plane_kl(murphy(), "reverse", loc, covariance)[0]


def _numbers(fit: PlaneFit) -> tuple[float, ...]:
    return (fit.kl, *fit.loc.tolist(), *(float(fit.covariance[i, j]) for i, j in ((0, 0), (0, 1), (1, 1))))


def _slanted() -> Distribution:
    matrix = torch.tensor([[1.0, 0.9], [0.9, 1.0]], dtype=torch.float64, device="cpu")
    return plane_mixture(vector(1.0), vector(0.0, 0.0).view(1, 2), matrix.view(1, 2, 2))


_RHO = 0.9

CLAIMS = (
    printed(
        "plane_drawn",
        "KL(q‖target), under q, of what the figure draws on the left and on the right hill, and of the left hill itself",
        _MURPHY,
        ("0.768613", "0.760628", "0.582093"),
        lambda: _kls([*MURPHY_DRAWN, ((-1.0, -1.0), ((0.5, 0.25), (0.25, 1.0)))]),
        unit="nats",
        parts=("left, drawn", "right, drawn", "left hill"),
        corrects=_DRAWN,
    ),
    printed(
        "plane_minimum",
        "How many minima KL(q‖target), under q, has; the least of it, and the mean and covariance there",
        _MURPHY,
        ("1", "0.200711", "-0.156078", "-0.103235", "1.234806", "0.859538", "1.745467"),
        lambda: (len(fit_plane_reverse(murphy())), *_numbers(fit_plane_reverse(murphy())[0])),
        zero=0.01,
        parts=("minima", "KL, nats", "m₁", "m₂", "Σ₁₁", "Σ₁₂", "Σ₂₂"),
        corrects=_DRAWN,
    ),
    printed(
        "plane_apart",
        "The minima of KL(q‖target), under q, with the hills 1.5 times as far apart, the middle one still the best, and twice as far",
        _MURPHY,
        ("0.615195", "0.673163", "0.681054", "0.692389", "0.692602"),
        lambda: [fit.kl for separation in (1.5, 2.0) for fit in fit_plane_reverse(murphy(separation))],
        unit="nats",
        parts=("1.5, middle", "1.5, left", "1.5, right", "2, left", "2, right"),
    ),
    closed_form(
        "plane_moments",
        "The least KL(target‖q), under the target, has the target's mean and covariance",
        _MOMENTS,
        "Σ w(Σₖ + μₖμₖᵀ)",
        (1.5, 1.0, 2.0),
        lambda: _numbers(fit_plane_forward(murphy()))[3:],
        parts=("Σ₁₁", "Σ₁₂", "Σ₂₂"),
        corrects="The figure draws [[3, 2], [2, 3]] for forward KL.",
    ),
    closed_form(
        "plane_factorised",
        "A q with independent coordinates on N(0, [[1, .9], [.9, 1]]): variances and KL of reverse, under q, and of forward, under P",
        _BISHOP,
        "1/Λᵢᵢ = 1 − ρ² and Σᵢᵢ = 1; both KLs −½ ln(1 − ρ²)",
        (1 - _RHO**2, 1 - _RHO**2, 1.0, 1.0, -0.5 * math.log(1 - _RHO**2)),
        lambda: _factorised(),
        relative=1e-9,
        parts=("reverse, Σ₁₁", "reverse, Σ₂₂", "forward, Σ₁₁", "forward, Σ₂₂", "KL"),
        corrects="A factorised reverse fit is too narrow: it has the variance of one coordinate with the other known.",
    ),
)


def _factorised() -> tuple[float, ...]:
    (reverse,), forward = fit_plane_reverse(_slanted(), "diagonal"), fit_plane_forward(_slanted(), "diagonal")
    return (*reverse.covariance.diagonal().tolist(), *forward.covariance.diagonal().tolist(), reverse.kl)
