"""KL from what was observed: two count vectors, or two samples by histogram or nearest neighbours. Nats, float64."""

import warnings
from collections.abc import Callable
from math import log, sqrt
from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["KLEstimate", "kl_from_counts", "kl_from_samples", "kl_from_histograms", "shared_points", "same_data"]

ROWS_AT_ONCE = 1024
GROUPS = 10
"""Of the jack-knife."""


class KLEstimate(NamedTuple):
    """An estimate, its standard error, and the leading bias where a formula is known (else NaN); not subtracted."""

    value: float
    error: float
    bias: float


def kl_from_counts(p: Tensor, q: Tensor, smoothing: float = 0.0) -> KLEstimate:
    """Plug-in KL(P‖Q) of two count vectors of shape (outcomes,), each multinomial and independent of the other.

    Error by the delta method: Var_P(log p/q)/n + (Σ p²/q − 1)/m, for n and m counts. Bias to second order of the same
    expansion: (S − 1)/(2n) + (Σ p/q − 1)/(2m), S outcomes seen in P; its first term is Miller and Madow's (1955).
    smoothing: added to every count of both, whose bias has no formula here. inf, with NaN error and bias, where P was seen
    and Q was not, and nothing is added. ValueError for other than counts.
    """
    p, q = p.double(), q.double()
    if p.shape != q.shape or p.dim() != 1:
        raise ValueError(f"counts need two vectors of one length, not {tuple(p.shape)} and {tuple(q.shape)}")
    for counts in (p, q):
        if not bool((counts.isfinite() & (counts >= 0) & (counts == counts.floor())).all()) or not counts.sum() > 0:
            raise ValueError("counts must be whole numbers, none negative and not all 0")
    if not 0 <= smoothing < float("inf"):
        raise ValueError(f"smoothing is {smoothing}; it is a finite number of at least 0")
    n, m, seen = p.sum(), q.sum(), p + smoothing > 0
    p, q = (p + smoothing)[seen] / (n + len(p) * smoothing), (q + smoothing)[seen] / (m + len(q) * smoothing)
    if bool((q == 0).any()):
        return KLEstimate(float("inf"), float("nan"), float("nan"))
    ratio = p.log() - q.log()
    value = (p * ratio).sum()
    variance = (p * (ratio - value).square()).sum() / n + ((p.square() / q).sum() - 1) / m
    bias = (len(p) - 1) / (2 * n) + ((p / q).sum() - 1) / (2 * m)
    return KLEstimate(float(value), sqrt(max(float(variance), 0.0)), float("nan") if smoothing else float(bias))


def kl_from_samples(x: Tensor, y: Tensor, k: int = 5) -> KLEstimate:
    """KL(P‖Q) from x of shape (n, d) drawn from P and y of shape (m, d) from Q, by k nearest neighbours.

    (d/n) Σ log(ν_k(i)/ρ_k(i)) + log(m/(n − 1)): Wang, Kulkarni, Verdú (2009), Pérez-Cruz (2008). Error by a
    delete-a-group jack-knife, each sample apart, in the order given: a bootstrap would repeat points, whose distance is 0.
    ValueError for too few points, equal points, and, naming the entry, for NaN or an infinite one. UserWarning where one point in
    twenty, or more, stands in both samples: the estimate is then too small, even negative.
    """
    x, y = x.double(), y.double()
    if x.dim() != 2 or y.dim() != 2 or x.shape[1] != y.shape[1]:
        raise ValueError(f"samples need shapes (n, d) and (m, d), not {tuple(x.shape)} and {tuple(y.shape)}")
    _check_finite(x=x, y=y)
    if k < 1 or min(len(x), len(y)) < 2 * GROUPS + k:
        raise ValueError(f"each sample needs at least {2 * GROUPS + k} points, and k at least 1")
    _refuse_same_data(x, y)
    value = _nearest(x, y, k)
    shared = shared_points(x, y)
    if shared == len(x):
        raise ValueError("every point of x stands in y too, as of rounded numbers; nearest neighbours need a continuous quantity")
    if 20 * shared >= len(x):
        warnings.warn(shared_in_words(shared, len(x), "x", "y"), UserWarning, stacklevel=2)
    error = sqrt(_jackknife(lambda sample: _nearest(sample, y, k), x) + _jackknife(lambda sample: _nearest(x, sample, k), y))
    return KLEstimate(value, error, float("nan"))


def kl_from_histograms(x: Tensor, y: Tensor, bins: int) -> tuple[KLEstimate, Tensor, Tensor, Tensor]:
    """KL(P‖Q) of two samples x (n,) from P and y (m,) from Q by their counts in common bins of equal pooled count.

    Returns `kl_from_counts`' estimate of the binned distributions, a lower bound of the KL by the data-processing inequality; the
    bins' edges (bins + 1,); and both counts (bins,). Fewer bins where many points are equal. ValueError for too few points, for
    the same data twice, whose estimate would be 0 ± 0, and, naming the entry, for NaN or an infinite one.
    """
    x, y = (sample.double().flatten().contiguous() for sample in (x, y))
    if bins < 2 or min(len(x), len(y)) < 2:
        raise ValueError("a histogram needs at least 2 bins and 2 points in each sample")
    _check_finite(x=x, y=y)
    _refuse_same_data(x, y)
    pooled = torch.cat([x, y])
    edges = torch.quantile(pooled, torch.linspace(0, 1, bins + 1, dtype=torch.float64, device=x.device)).unique()
    if len(edges) < 3:
        raise ValueError("nearly all points are equal: there is nothing to sort into bins")
    p, q = (torch.bucketize(points, edges[1:-1], right=True).bincount(minlength=len(edges) - 1) for points in (x, y))
    return kl_from_counts(p, q), edges, p, q


def shared_points(x: Tensor, y: Tensor) -> int:
    """How many points of x, (n, d) or (n,), stand in y too. Samples of two continuous distributions share none:

    the same data in both, or rounding. Estimates from such samples, of a sample against itself above all, mean nothing.
    """
    x, y = (sample.double().reshape(len(sample), -1) for sample in (x, y))
    rows = torch.cat([x, y]).unique(dim=0, return_inverse=True)[1]
    return int(torch.isin(rows[: len(x)], rows[len(x) :]).sum())


def shared_in_words(shared: int, count: int, x: str, y: str) -> str:
    """What points in both samples mean. count: points of x."""
    return (
        f"{shared:,} of {x}’s {count:,} points stand in {y} too. Samples of two continuous distributions share no point: are the "
        "numbers rounded, or is some of the data the same?"
    )


def same_data(x: Tensor, y: Tensor) -> bool:
    """Whether x and y, (n, d) or (n,), are one sample twice, or one a part of the other, in any order.

    They are where both hold the same points equally often; or where every point of the smaller stands in the larger, and nine in ten
    of the larger's points are distinct: two samples of a rounded quantity share points too, but then repeat their own.
    """
    small, large = sorted((sample.double().reshape(len(sample), -1) for sample in (x, y)), key=len)
    rows = torch.cat([small, large]).unique(dim=0, return_inverse=True)[1]
    mine, theirs = rows[: len(small)], rows[len(small) :]
    if len(mine) == len(theirs) and torch.equal(mine.sort().values, theirs.sort().values):
        return True
    return bool(torch.isin(mine, theirs).all()) and len(theirs.unique()) > 0.9 * len(theirs)


def _refuse_same_data(x: Tensor, y: Tensor) -> None:
    if same_data(x, y):
        raise ValueError("both samples are the same data: a sample compared with itself, or with a part of it, tells nothing of a KL")


def _check_finite(**samples: Tensor) -> None:
    for name, sample in samples.items():
        bad = ~sample.isfinite()
        if bool(bad.any()):
            at = bad.nonzero()[0].tolist()
            raise ValueError(f"{name} is {sample[tuple(at)].item():g} at point {at[0]}; every point of a sample is finite")


def _nearest(x: Tensor, y: Tensor, k: int) -> float:
    own, other = _distance(x, x, k + 1), _distance(x, y, k)  # a point is its own nearest
    if bool((own == 0).any() | (other == 0).any()):
        raise ValueError("some points are equal; nearest neighbours need a continuous quantity")
    return float(x.shape[1] * (other.log() - own.log()).mean()) + log(len(y) / (len(x) - 1))


def _distance(x: Tensor, y: Tensor, k: int) -> Tensor:
    exact = "donot_use_mm_for_euclid_dist"  # the fast way loses the digits of near points
    return torch.cat([torch.cdist(rows, y, compute_mode=exact).topk(k, largest=False).values[:, -1] for rows in x.split(ROWS_AT_ONCE)])


def _jackknife(estimate: Callable[[Tensor], float], sample: Tensor) -> float:
    group = torch.arange(len(sample), device=sample.device) % GROUPS
    estimates = torch.tensor([estimate(sample[group != left_out]) for left_out in range(GROUPS)], dtype=torch.float64, device=sample.device)
    return float((GROUPS - 1) / GROUPS * (estimates - estimates.mean()).square().sum())
