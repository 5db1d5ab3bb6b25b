"""Two samples, two Gaussians with full covariance, and rows of logits."""

import torch
from torch import Tensor
from torch.distributions import MultivariateNormal

from kl_core import kl, kl_from_logits, kl_terms
from kl_core.estimates.empirical import KLEstimate, kl_from_histograms, kl_from_samples

from ...shared.style import number
from .found import Found, Measure, Rows
from .program import gaussian_program, rows_program, sample_program
from .reading import Block
from .usual_code import mean_by_kl_div

MOST_NEIGHBOURS = 3000
MOST_DIMENSIONS = 50


def _points(p: Block, q: Block) -> tuple[Tensor, Tensor]:
    """(n, d) and (m, d): a row a point; one row alone is a sample of single numbers."""
    found = [one.values.T if one.values.shape[0] == 1 else one.values for one in (p, q)]
    for who, one in zip("PQ", found, strict=True):
        if not bool(one.isfinite().all()):
            raise ValueError(f"{who} holds an infinite number; a sample is finite.")
    if found[0].shape[1] != found[1].shape[1]:
        raise ValueError(f"P's points have {found[0].shape[1]} coordinates and Q's have {found[1].shape[1]}.")
    return found[0], found[1]


def _estimated(forth: KLEstimate, back: KLEstimate, how: str) -> Measure:
    sure = " · ".join(f"± {number(one.error)}" if one.error == one.error else "no error known" for one in (forth, back))
    return Measure("KL", forth.value, back.value, said=f"sampled, {sure} nats, {how}")


def samples_by_neighbours(p: Block, q: Block, k: int) -> Found:
    """By the distances to the k-th nearest neighbour."""
    x, y = _points(p, q)
    if max(len(x), len(y)) > MOST_NEIGHBOURS:
        raise ValueError(f"Nearest neighbours are sought among at most {MOST_NEIGHBOURS:,} points a sample here; the histogram takes more.")
    try:
        forth, back = kl_from_samples(x, y, k), kl_from_samples(y, x, k)
    except ValueError as problem:
        raise ValueError(f"By nearest neighbours this cannot be told: {problem}. The histogram can.") from None
    warnings = [
        "The ± is the spread alone (a jack-knife of 10 groups). With few points, or where P and Q lie far apart, the estimate is "
        "also too small."
    ]
    if min(forth.value, back.value) < 0:
        warnings.append("A KL is never negative; an estimate of it from samples can be.")
    return Found(
        _estimated(forth, back, f"{k} nearest neighbours"),
        _moments(x, y),
        _binned(x, y),
        warnings,
        sample_program(x, y, f"kl_from_samples({{a}}, {{b}}, k={k})"),
    )


def samples_by_histogram(p: Block, q: Block, bins: int) -> Found:
    """By counts in common bins."""
    x, y = _points(p, q)
    if x.shape[1] != 1:
        raise ValueError(
            f"A histogram here is of single numbers, and these points have {x.shape[1]} coordinates; nearest neighbours take those."
        )
    try:
        (forth, *_), (back, *_) = kl_from_histograms(x, y, bins), kl_from_histograms(y, x, bins)
    except ValueError as problem:
        raise ValueError(f"By histogram this cannot be told: {problem}.") from None
    warnings = ["Binning hides what happens within a bin: on average over samples without noise, this is at most the KL itself."]
    if forth.value == float("inf") or back.value == float("inf"):
        warnings.insert(0, "A bin that one sample fills and the other leaves empty makes the KL ∞; take fewer bins, or nearest neighbours.")
    warnings += [
        f"KL({way}) is too large by about {number(one.bias)} nats on average, for so few points in a bin. It is not taken off."
        for way, one in (("P‖Q", forth), ("Q‖P", back))
        if one.bias > 0.1 * one.error
    ]
    return Found(
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
    laws = [(one.mean(0), one.T.cov().reshape(one.shape[1], one.shape[1])) for one in (x, y)]
    try:
        p, q = (MultivariateNormal(*law) for law in laws)
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


def gaussians(p: Block, q: Block, _: object) -> Found:
    """KL of N(μ, Σ): each block has the mean in its first row, the covariance in the others."""
    laws = [_gaussian(one, who) for one, who in ((p, "P"), (q, "Q"))]
    if len(laws[0][0]) != len(laws[1][0]):
        raise ValueError(f"P has {len(laws[0][0])} dimensions and Q has {len(laws[1][0])}.")
    first, second = (MultivariateNormal(*law) for law in laws)
    found = Measure("KL", float(kl(first, second)), float(kl(second, first)), said="exact, closed form")
    distance = [(laws[0][0] - laws[1][0]) @ torch.linalg.solve(law[1], laws[0][0] - laws[1][0]) for law in (laws[1], laws[0])]
    measures = [
        Measure("of it the distance of the means", *(float(one) / 2 for one in distance)),
        Measure("and the rest, the shapes", found.pq - float(distance[0]) / 2, found.qp - float(distance[1]) / 2),
        Measure("Entropy of P, of Q", float(first.entropy()), float(second.entropy())),
    ]
    return Found(found, measures, _directions(*laws), [], gaussian_program(*laws))


def _gaussian(block: Block, who: str) -> tuple[Tensor, Tensor]:
    rows, columns = block.values.shape
    if rows != columns + 1:
        raise ValueError(f"{who} has {rows} rows of {columns} numbers; it needs the mean in one row and the covariance in {columns} more.")
    if columns > MOST_DIMENSIONS:
        raise ValueError(f"{who} has {columns} dimensions; at most {MOST_DIMENSIONS} can be shown.")
    loc, covariance = block.values[0], block.values[1:]
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
    names = [f"σ² {one:.2g} : 1" for one in ratio.tolist()]
    return Rows("direction", names, (ratio - 1 - ratio.log() + shift**2) / 2, (1 / ratio - 1 + ratio.log() + shift**2 / ratio) / 2)


def rows_of_logits(p: Block, q: Block, _: object) -> Found:
    """A KL a row, and their mean: what "batchmean" means."""
    a, b = p.values, q.values
    if a.shape != b.shape:
        raise ValueError(f"P has {a.shape[0]} rows of {a.shape[1]} logits and Q has {b.shape[0]} of {b.shape[1]}.")
    try:
        forth, back = kl_from_logits(a, b), kl_from_logits(b, a)
    except ValueError as problem:
        raise ValueError(f"These are no rows of logits: {problem}.") from None
    count, classes = a.shape
    error = lambda one: float(one.std() / count**0.5) if count > 1 else float("nan")
    found = Measure(
        "KL", float(forth.mean()), float(back.mean()), said=f"exact, mean over {count:,} rows; from row to row ± {number(error(forth))}"
    )
    mean = mean_by_kl_div(a, b)
    measures = [
        Measure("Sum over the rows", float(forth.sum()), float(back.sum())),
        Measure("Largest row", float(forth.max()), float(back.max())),
    ]
    warnings = [
        f'`F.kl_div(…, reduction="mean")` says {number(mean)}: it divides by rows × classes = {a.numel():,}. `"batchmean"` '
        f"divides by the {count:,} rows."
    ]
    names = p.names or [f"row {i + 1}" for i in range(count)]
    return Found(found, measures, Rows("row", names, forth, back), warnings, rows_program(a, b))
