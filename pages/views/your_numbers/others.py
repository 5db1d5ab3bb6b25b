"""Two samples, and two Gaussians with full covariance."""

import warnings as warnings_of_python

import torch
from torch import Tensor
from torch.distributions import MultivariateNormal

from kl_core import kl, kl_terms
from kl_core.estimates.empirical import KLEstimate, kl_from_histograms, kl_from_samples, shared_in_words, shared_points

from ...shared.reading.columns import Block
from ...shared.style import number
from .program import gaussian_program, sample_program
from .result import NOTHING, BothKL, Measure, Result, Rows
from .sample_advice import HISTOGRAM, NEIGHBOURS, RefusedSamplesError, advise, usable_neighbour

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
        many = lambda count: f"{count} coordinate{'s' if count > 1 else ''}"
        raise ValueError(f"A point of P has {many(x.shape[1])} and one of Q has {many(y.shape[1])}.")
    return x, y


def _some(points: Tensor) -> Tensor:
    """At most MOST_NEIGHBOURS of them, always the same."""
    chosen = torch.randperm(len(points), generator=torch.Generator().manual_seed(0))[:MOST_NEIGHBOURS]
    return points if len(points) <= MOST_NEIGHBOURS else points[chosen]


def _estimated(forth: KLEstimate, back: KLEstimate, how: str) -> BothKL:
    sure = " · ".join(f"± {number(one.error)}" if one.error > NOTHING else "no error known" for one in (forth, back))
    return BothKL(forth.value, back.value, said=f"sampled, {sure} nats, {how}")


def samples_by_neighbours(p: Block, q: Block, k: int) -> Result:
    """By the distances to the k-th nearest neighbour."""
    x, y = _points(p, q)
    all_x, all_y = x, y
    x, y = _some(x), _some(y)
    try:
        with warnings_of_python.catch_warnings():
            warnings_of_python.simplefilter("ignore")  # shared points are told of below
            forth, back = kl_from_samples(x, y, k), kl_from_samples(y, x, k)
    except ValueError as problem:
        raise RefusedSamplesError(f"Nearest neighbours give no estimate here: {problem}", advise(x, y, NEIGHBOURS)) from None
    warnings = [
        f"{MOST_NEIGHBOURS:,} points of {who}’s {len(whole):,}, chosen at random, are used: nearest neighbours of more take too long here."
        for who, whole in (("P", all_x), ("Q", all_y))
        if len(whole) > MOST_NEIGHBOURS
    ]
    warnings += [
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
        sample_program(all_x, all_y, f"kl_from_samples({{a}}, {{b}}, k={k})", MOST_NEIGHBOURS),
    )


def _ties(x: Tensor, y: Tensor) -> list[str]:
    """What equal points in both samples mean, if there are any."""
    shared = shared_points(x, y)
    if not shared:
        return []
    return [shared_in_words(shared, len(x), "P", "Q")]


def samples_by_histogram(p: Block, q: Block, bins: int) -> Result:
    """By counts in common bins."""
    x, y = _points(p, q)
    if x.shape[1] != 1:
        problem = f"A histogram here is of single numbers, and these points have {x.shape[1]} coordinates"
        raise RefusedSamplesError(problem, advise(_some(x), _some(y), HISTOGRAM))
    try:
        (forth, *_), (back, *_) = kl_from_histograms(x, y, bins), kl_from_histograms(y, x, bins)
    except ValueError as problem:
        raise RefusedSamplesError(f"A histogram gives no estimate here: {problem}", advise(x, y, HISTOGRAM)) from None
    warnings = ["Binning hides what happens within a bin: on average over samples without noise, this is at most the KL itself."]
    warnings += _ties(x, y)
    if forth.value == float("inf") or back.value == float("inf"):
        neighbours = " or nearest neighbours" if usable_neighbour(_some(x), _some(y)) else ""
        warnings.insert(0, f"A bin that one sample fills and the other leaves empty makes the KL ∞: take fewer bins{neighbours}.")
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
    forth, back = float(kl(first, second)), float(kl(second, first))
    divergence = BothKL(forth, back, said="exact, closed form")
    gap = moments_p[0] - moments_q[0]
    far_pq, far_qp = (float(gap @ torch.linalg.solve(covariance, gap)) / 2 for covariance in (moments_q[1], moments_p[1]))
    measures = [
        Measure("from the distance of the means", far_pq, far_qp),
        Measure("from the shapes", forth - far_pq, back - far_qp),
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
