"""One Gaussian fitted to two bells in both directions, and the separations at which reverse KL begins to pick a mode.

The reference values were found by Newton's method on integrals to 30 digits, apart from kl_core.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

from torch import Tensor
from torch.distributions import MixtureSameFamily

from ..families.gaussian_mixture import gaussian_mixture
from ..fits.fitting import Fit, fit_forward, fit_reverse
from ..fits.thresholds import exchange_separation, fold_separation
from .claim import Claim, Numbers, Source, closed_form, printed, vector

SUBJECT = "Forward and reverse fits"
_REFERENCE = Source("Reference values of this project, found by 30-digit integration")
_MOMENTS = Source("Bishop 2006, Pattern Recognition and Machine Learning, §10.7: moment matching")
_MODES = Source("Algebra: q is one component, and the other adds nothing where q is")
_PARTS = ("μ", "sd", "KL, nats")
_COVERS = "The course text calls KL(Q‖P) “inclusive, mass-covering”. KL(target‖model), under the target, is the one that covers."
_PICKS = "“Reverse KL picks one mode” is false here: its only minimum lies between the modes."


def _target(separation: float, scale: float, weight: float = 0.5) -> MixtureSameFamily:
    """weight·N(−separation, scale²) + (1 − weight)·N(separation, scale²)."""
    return gaussian_mixture(vector(weight, 1 - weight), vector(-separation, separation), vector(scale, scale))


def _of(fit: Fit) -> tuple[Tensor, Tensor, Tensor]:
    return fit.loc, fit.scale, fit.kl


def _middle(target: MixtureSameFamily) -> tuple[Tensor, Tensor, Tensor]:
    return _of(min(fit_reverse(target), key=lambda fit: abs(float(fit.loc))))


def _right(target: MixtureSameFamily) -> tuple[Tensor, Tensor, Tensor]:
    return _of(max(fit_reverse(target), key=lambda fit: float(fit.loc)))


def _fits(
    name: str, words: str, separation: float, scale: float, forward: Sequence[str], *reverse: Sequence[str], corrects: str = ""
) -> list[Claim]:
    """The forward fit, and the reverse minimum in the middle and, if there is one, at the right mode."""
    target = _target(separation, scale)
    claims = [
        printed(
            f"fit_{name}_forward",
            f"Forward fit to {words}: the least KL(target‖q), under the target",
            _REFERENCE,
            forward,
            lambda: _of(fit_forward(target)),
            parts=_PARTS,
            zero=5e-11,
            corrects=_COVERS,
        )
    ]
    for place, find, values in zip(("middle", "mode"), (_middle, _right), reverse, strict=False):
        where = "between the modes" if place == "middle" else "at the right mode; its mirror image is another"
        claims.append(
            printed(
                f"fit_{name}_{place}",
                f"Reverse fit to {words}: the minimum of KL(q‖target), under q, {where}",
                _REFERENCE,
                values,
                partial(find, target),
                parts=_PARTS,
                zero=5e-11,
                corrects=corrects if place == "middle" else "",
            )
        )
    return claims


def _count(separation: float, scale: float) -> int:
    return len(fit_reverse(_target(separation, scale)))


def _moments() -> Numbers:
    """Of ½N(−1, ½²) + ½N(1, ½²) shifted by weights 0.7 and 0.3."""
    fit = fit_forward(_target(1.0, 0.5, 0.7))
    return fit.loc, fit.scale**2


CLAIMS = (
    *_fits(
        "2", "½N(−2, 1) + ½N(2, 1)", 2.0, 1.0, ("0", "2.2360679775", "0.1719987625"), ("0", "2.0470095199", "0.2265079608"), corrects=_PICKS
    ),
    *_fits(
        "3",
        "½N(−3, 1) + ½N(3, 1)",
        3.0,
        1.0,
        ("0", "3.1622776602", "0.4619946135"),
        ("0", "2.7437693091", "0.8406214313"),
        ("2.9843059878", "1.0233685597", "0.6887689959"),
    ),
    *_fits(
        "4",
        "½N(−4, ½²) + ½N(4, ½²)",
        4.0,
        0.5,
        ("0", "4.0311288741", "1.3940464544"),
        ("0", "3.2675677282", "9.9494070009"),
        ("4.0000000000", "0.5000000000", "0.6931471806"),
    ),
    printed(
        "fit_minima",
        "How many minima KL(q‖target), under q, has for ½N(±2, 1), ½N(±3, 1), ½N(±4, ½²)",
        _REFERENCE,
        ("1", "3", "3"),
        lambda: (_count(2, 1), _count(3, 1), _count(4, 0.5)),
        zero=0.01,
        parts=("±2", "±3", "±4"),
    ),
    printed(
        "fit_fold",
        "The m at which KL(q‖½N(±m, 1)), under q, gets minima at the modes",
        _REFERENCE,
        "2.41222971801",
        fold_separation,
        corrects="At m = 2 there is no such minimum: reverse KL does not pick a mode there.",
    ),
    printed("fit_exchange", "The m from which on those minima are the best ones", _REFERENCE, "2.80008221758", exchange_separation),
    closed_form(
        "fit_moments",
        "The forward fit, least KL(target‖q) under the target, has the target’s mean and variance: 0.7·N(−1, ½²) + 0.3·N(1, ½²)",
        _MOMENTS,
        "Σ wμ · Σ w(s² + μ²) − mean²",
        (-0.4, 0.25 + 1 - 0.16),
        _moments,
        parts=("mean", "variance"),
    ),
    closed_form(
        "fit_far_mode",
        "KL(q‖target), under q, at the best of two far modes of weights 0.7 and 0.3: it ignores the other",
        _MODES,
        "−ln w = −ln 0.7",
        -math.log(0.7),
        lambda: fit_reverse(_target(20.0, 1.0, 0.7))[0].kl,
        unit="nats",
    ),
)
