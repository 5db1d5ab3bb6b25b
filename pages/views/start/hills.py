"""Scenes 7 and 8: two hills, the Gaussians that fit them best in either direction, and what a guess costs."""

import torch
from torch import Tensor
from torch.distributions import Normal

from kl_core.density import log_density
from kl_core.families.gaussian_mixture import gaussian_mixture
from kl_core.fits.fitting import Fit, fit_forward, fit_reverse
from kl_core.fits.landscape import landscape
from kl_core.fits.thresholds import exchange_separation, fold_separation, two_bells

SEPARATION = 3.0
EDGE = 8.0
"""The picture shows x from −EDGE to EDGE."""
BINS = (5, 10, 20, 40, 80, 160)
_MEANS = torch.arange(0, 6.01, 0.25, dtype=torch.float64)
_SCALES = torch.arange(6, 41, dtype=torch.float64) / 10
_SEPARATIONS = torch.arange(100, 401, 2, dtype=torch.float64) / 100


def rounded(values: Tensor, digits: int = 5) -> list:
    """Nested lists with this many decimals, None for NaN: small in JSON, and finer than a pixel."""
    if values.dim() > 1:
        return [rounded(row, digits) for row in values]
    return [None if value != value else round(value, digits) for value in values.tolist()]


def hills_data() -> dict:
    """Tables from which the browser draws: a base density to shift and stretch, histograms of P, fits and costs."""
    z = torch.linspace(-EDGE, EDGE, 321, dtype=torch.float64)
    target = two_bells(SEPARATION)
    forward, reverse = fit_forward(target), fit_reverse(target)
    return {
        "edge": EDGE,
        "separation": SEPARATION,
        "base": rounded(log_density(Normal(0 * z[0], 1 + 0 * z[0]), z).exp(), 7),
        "bins": {str(count): rounded(_histogram(target, count)) for count in BINS},
        "forward": _fit(forward),
        "reverse": _fit(reverse[0]),
        "guesses": {
            "means": _MEANS.tolist(),
            "scales": _SCALES.tolist(),
            **{way: rounded(landscape(target, way, _MEANS, _SCALES.log())) for way in ("forward", "reverse")},
        },
        "twist": _twist(),
    }


def _histogram(target: torch.distributions.Distribution, count: int) -> Tensor:
    """(count,) mass of each of `count` equal bins of [−EDGE, EDGE], divided by the bin's width."""
    edges = torch.linspace(-EDGE, EDGE, count + 1, dtype=torch.float64)
    return target.cdf(edges).diff() / (2 * EDGE / count)


def _fit(fit: Fit) -> dict[str, float]:
    return {"loc": abs(float(fit.loc)), "scale": float(fit.scale), "kl": float(fit.kl)}


def _twist() -> dict:
    """For ½N(−m, 1) + ½N(m, 1) at each m: forward's minimum, reverse's in the middle and at the right hill (None where there is none)."""
    ones = torch.ones(len(_SEPARATIONS), 2, dtype=torch.float64)
    targets = gaussian_mixture(ones / 2, torch.stack([-_SEPARATIONS, _SEPARATIONS], -1), ones)
    forward = fit_forward(targets)
    places = torch.full((2, 3, len(_SEPARATIONS)), torch.nan, dtype=torch.float64)
    for column, fits in enumerate(fit_reverse(targets)):
        for fit in fits:
            row = int(abs(float(fit.loc)) > 1e-4)
            if float(fit.loc) > -1e-4:
                places[row, :, column] = torch.stack([fit.loc.abs(), fit.scale, fit.kl])
    return {
        "separations": _SEPARATIONS.tolist(),
        "fold": fold_separation(),
        "exchange": exchange_separation(),
        "forward": rounded(torch.stack([forward.scale, forward.kl])),
        "middle": rounded(places[0, 1:]),
        "side": rounded(places[1]),
    }
