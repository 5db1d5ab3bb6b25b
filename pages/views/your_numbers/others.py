"""Two samples, and two Gaussians with full covariance."""

import torch
from torch import Tensor
from torch.distributions import MultivariateNormal

from kl_core import kl, kl_terms
from kl_core.estimates.empirical import KLEstimate, kl_from_histograms, kl_from_samples, shared_points

from ...shared.reading.columns import Block
from ...shared.style import number
from .program import gaussian_program, sample_program
from .result import Measure, Result, Rows

MOST_NEIGHBOURS = 3000
MOST_DIMENSIONS = 50


def _points(p: Block, q: Block) -> tuple[Tensor, Tensor]:
    """(n, d) and (m, d): a row a point; one row alone is a sample of single numbers."""
    x, y = (block.values.double().T if block.values.shape[0] == 1 else block.values.double() for block in (p, q))
    for who, block, points in (("P", p, x), ("Q", q, y)):
        if not bool(points.isfinite().all()):
            at = int((~block.values.isfinite()).flatten().nonzero()[0])
            raise ValueError(f"{who}, {block.place(at)} is infinite; every point of a sample is finite.")
    if x.shape[1] != y.shape[1]:
        raise ValueError(f"P's points have {x.shape[1]} coordinates and Q's have {y.shape[1]}.")
    return x, y


def _estimated(forth: KLEstimate, back: KLEstimate, how: str) -> Measure:
    sure = " · ".join(f"± {number(estimate.error)}" if estimate.error == estimate.error else "no error known" for estimate in (forth, back))
    return Measure("KL", forth.value, back.value, said=f"sampled, {sure} nats, {how}")


def samples_by_neighbours(p: Block, q: Block, k: int) -> Result:
    """By the distances to the k-th nearest neighbour."""
    x, y = _points(p, q)
    if max(len(x), len(y)) > MOST_NEIGHBOURS:
        raise ValueError(f"Nearest neighbours are sought among at most {MOST_NEIGHBOURS:,} points a sample here; the histogram takes more.")
    try:
        forth, back = kl_from_samples(x, y, k), kl_from_samples(y, x, k)
    except ValueError as problem:
        raise ValueError(f"Nearest neighbours give no estimate here: {problem}.{_or_histogram(x)}") from None
    warnings = [
        "The ± is the spread alone (a jack-knife of 10 groups). With few points, or where P and Q lie far apart, the estimate is "
        "also too small."
    ]
    warnings += _ties(x, y)
    if min(forth.value, back.value) < 0:
        warnings.append("A KL is never negative; an estimate of it from samples can be.")
    return Result(
        _estimated(forth, back, f"{k} nearest neighbours"),
        _moments(x, y),
        _binned(x, y),
        warnings,
        sample_program(x, y, f"kl_from_samples({{a}}, {{b}}, k={k})"),
    )


def _ties(x: Tensor, y: Tensor) -> list[str]:
    """What equal points in both samples mean, if there are any."""
    shared = shared_points(x, y)
    if not shared:
        return []
    return [
        f"{shared:,} of P’s {len(x):,} points stand in Q too. Samples of two continuous distributions share no point: are the "
        "numbers rounded, or is some of the data the same?"
    ]


def _or_histogram(x: Tensor) -> str:
    """A histogram here is of single numbers: no advice for points."""
    return " Samples, by histogram, takes them." if x.shape[1] == 1 else ""


def samples_by_histogram(p: Block, q: Block, bins: int) -> Result:
    """By counts in common bins."""
    x, y = _points(p, q)
    if x.shape[1] != 1:
        raise ValueError(
            f"A histogram here is of single numbers, and these points have {x.shape[1]} coordinates; nearest neighbours take those."
        )
    try:
        (forth, *_), (back, *_) = kl_from_histograms(x, y, bins), kl_from_histograms(y, x, bins)
    except ValueError as problem:
        raise ValueError(f"A histogram gives no estimate here: {problem}.") from None
    warnings = ["Binning hides what happens within a bin: on average over samples without noise, this is at most the KL itself."]
    warnings += _ties(x, y)
    if forth.value == float("inf") or back.value == float("inf"):
        warnings.insert(0, "A bin that one sample fills and the other leaves empty makes the KL ∞; take fewer bins, or nearest neighbours.")
    warnings += [
        f"KL({way}) is too large by about {number(estimate.bias)} nats on average, for so few points in a bin. The bias is not subtracted."
        for way, estimate in (("P‖Q", forth), ("Q‖P", back))
        if estimate.bias > 0.1 * estimate.error
    ]
    return Result(
        _estimated(forth, back, f"{bins} bins"),
        _moments(x, y),
        _binned(x, y, bins),
        warnings,
        sample_program(x.flatten(), y.flatten(), f"kl_from_histograms({{a}}, {{b}}, {bins})[0]"),
    )


def _moments(x: Tensor, y: Tensor) -> list[Measure]:
    """For comparison: what it would be if both were Gaussians of the samples' own mean and covariance."""
    if min(len(x), len(y)) <= x.shape[1] + 1:
        return []
    gaussians = [(points.mean(0), points.T.cov().reshape(points.shape[1], points.shape[1])) for points in (x, y)]
    try:
        p, q = (MultivariateNormal(*moments) for moments in gaussians)
    except ValueError:
        return []
    return [Measure("As if both were Gaussian", float(kl(p, q)), float(kl(q, p)))]


def _binned(x: Tensor, y: Tensor, bins: int = 16) -> Rows:
    """What each bin of the first coordinate adds."""
    try:
        _, edges, p, q = kl_from_histograms(x[:, 0], y[:, 0], bins)
    except ValueError:
        edges, p, q = torch.tensor([0.0, 1.0]), torch.ones(1), torch.ones(1)
    p, q = p / p.sum(), q / q.sum()
    names = [f"{low:.3g}…" for low in edges[:-1].tolist()]
    return Rows("bin", names, kl_terms(p.double(), q.double()), kl_terms(q.double(), p.double()), p.double(), q.double(), in_order=True)


def gaussians(p: Block, q: Block, _: object) -> Result:
    """KL of N(μ, Σ): each block has the mean in its first row, the covariance in the others."""
    moments_p, moments_q = _gaussian(p, "P"), _gaussian(q, "Q")
    if len(moments_p[0]) != len(moments_q[0]):
        raise ValueError(f"P has {len(moments_p[0])} dimensions and Q has {len(moments_q[0])}.")
    first, second = MultivariateNormal(*moments_p), MultivariateNormal(*moments_q)
    divergence = Measure("KL", float(kl(first, second)), float(kl(second, first)), said="exact, closed form")
    gap = moments_p[0] - moments_q[0]
    distance = [float(gap @ torch.linalg.solve(covariance, gap)) / 2 for covariance in (moments_q[1], moments_p[1])]
    measures = [
        Measure("from the distance of the means", *distance),
        Measure("from the shapes", divergence.pq - distance[0], divergence.qp - distance[1]),
        Measure("Entropy of P, of Q", float(first.entropy()), float(second.entropy())),
    ]
    return Result(divergence, measures, _directions(moments_p, moments_q), [], gaussian_program(moments_p, moments_q))


def _gaussian(block: Block, who: str) -> tuple[Tensor, Tensor]:
    rows, columns = block.values.shape
    if rows != columns + 1:
        raise ValueError(f"{who} has {rows} rows of {columns} numbers; it needs the mean in one row and the covariance in {columns} more.")
    if columns > MOST_DIMENSIONS:
        raise ValueError(f"{who} has {columns} dimensions; at most {MOST_DIMENSIONS} can be shown.")
    loc, covariance = block.values.double()[0], block.values.double()[1:]
    if not bool(block.values.isfinite().all()):
        raise ValueError(f"{who} holds an infinite number.")
    if not torch.allclose(covariance, covariance.T, rtol=1e-9, atol=0.0):
        i, j = divmod(int((covariance - covariance.T).abs().argmax()), columns)
        raise ValueError(
            f"{who}'s covariance is not symmetric: row {i + 1}, column {j + 1} is {covariance[i, j]:g}, mirrored it is "
            f"{covariance[j, i]:g}."
        )
    if bool((torch.linalg.eigvalsh(covariance) <= 0).any()):
        raise ValueError(f"{who}'s covariance is not positive definite: some direction has no variance, or a negative one.")
    return loc, covariance


def _directions(p: tuple[Tensor, Tensor], q: tuple[Tensor, Tensor]) -> Rows:
    """KL splits over the directions in which both covariances are diagonal: ½(λ − 1 − log λ + m²), λ the ratio of variances."""
    root = torch.linalg.cholesky(q[1])
    white = torch.linalg.solve_triangular(root, torch.linalg.solve_triangular(root, p[1], upper=False).T, upper=False)
    ratio, turn = torch.linalg.eigh((white + white.T) / 2)
    shift = turn.T @ torch.linalg.solve_triangular(root, (p[0] - q[0]).unsqueeze(-1), upper=False).squeeze(-1)
    names = [f"σ² {value:.2g} : 1" for value in ratio.tolist()]
    return Rows("direction", names, (ratio - 1 - ratio.log() + shift**2) / 2, (1 / ratio - 1 + ratio.log() + shift**2 / ratio) / 2)
