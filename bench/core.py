"""kl_core against what one would otherwise use: torch's closed forms, scipy's quadrature, sampling, one call a number."""

from collections.abc import Callable, Iterator

import mpmath
import scipy.integrate
import scipy.stats
import torch
from torch.distributions import (
    Bernoulli,
    Beta,
    Categorical,
    Dirichlet,
    Distribution,
    Exponential,
    Gamma,
    Laplace,
    Normal,
    Poisson,
    StudentT,
    kl_divergence,
)

from bench.rows import Row, alternately, subject
from kl_core import compare, cross_entropy, entropy, hellinger, jensen_shannon, kl, total_variation
from tests.kl_core.formulas import exact

DIGITS = 50


def _tensor(value: float) -> torch.Tensor:
    return torch.tensor(value, dtype=torch.float64)


NORMAL = Normal(_tensor(-1.0), _tensor(0.8))
WIDER = Normal(_tensor(1.0), _tensor(1.5))
NEARLY = Normal(_tensor(-1.0 + 1e-6), _tensor(0.8))
STANDARD = Normal(_tensor(0.0), _tensor(1.0))
HEAVY = StudentT(_tensor(3.0), _tensor(0.5), _tensor(2.0))


@subject
def core() -> Iterator[Row]:
    """Time of one call, the contestants in turns; errors against mpmath at 50 digits."""
    torch.set_num_threads(1)
    yield from _with_closed_form()
    yield from _without_closed_form()
    yield from _all_numbers()


def _row(what: str, ours: Callable[[], object], other: Callable[[], object], against: str, exact: mpmath.mpf | None = None) -> Row:
    """Both times in milliseconds, and both relative errors where the exact value is known."""
    mine, theirs = alternately(ours, other)
    note = "" if exact is None else f"relative error {_error(ours(), exact)}, theirs {_error(other(), exact)}"
    return Row(what, mine * 1e3, "ms", theirs * 1e3, against, note=note)


def _with_closed_form() -> Iterator[Row]:
    """torch has the same formula, but neither checks what is infinite nor keeps the digits of nearly equal distributions.

    What the digits cost: of 10,000 numbers a product takes 3.4 µs, a quotient 4.6 and a logarithm 24. torch's Exponential is a
    quotient, a logarithm and three more, 42 µs; h within a factor of 4 is 15 products and 2 quotients, 60 µs, and 30 more say what
    it is asked and how far the batch goes. Beyond a factor of 4, as Poisson's rates go here, a logarithm and ten more come on top. A
    Laplace has e^x − 1 − x besides, by 14 products, a quotient and an exponential. A Categorical's logits are torch's own once it has been
    asked, so that of its 400 µs none is a logarithm; ours takes 240 µs for those alone. (One thread of an AMD EPYC 9004.)
    """
    torchs = "torch.distributions.kl_divergence"
    for size, p, q in (("one pair", NORMAL, WIDER), ("one pair 1e-6 apart", NORMAL, NEARLY)):
        truth = exact(Normal, (p.loc.item(), p.scale.item()), Normal, (q.loc.item(), q.scale.item()), DIGITS)
        yield _row(f"kl(Normal, Normal), {size}", lambda: kl(p, q), lambda: kl_divergence(p, q), torchs, truth)
    for kind in _RANGES:
        for count, what in ((1, "one pair"), (10_000, "10 000 pairs")):
            p, q = two_batches(kind, count)
            if (kind, count) != (Normal, 1):
                ours, theirs = alternately(lambda: kl(p, q), lambda: kl_divergence(p, q))
                least = 1 / 4 if kind in (Gamma, Beta, Dirichlet) else 1 / 2
                yield Row(f"kl({kind.__name__}, {kind.__name__}), {what}", ours * 1e6, "µs", theirs * 1e6, torchs, least_ratio=least)


# Ordinary parameters, each from its least to its greatest; a Categorical has ten outcomes, a Dirichlet five.
_RANGES: dict[type[Distribution], tuple[tuple[float, ...], ...]] = {
    Normal: ((-2, 2), (0.5, 2)),
    Laplace: ((-2, 2), (0.5, 2)),
    Exponential: ((0.5, 2),),
    Poisson: ((1, 20),),
    Bernoulli: ((0.1, 0.9),),
    Categorical: ((0.1, 1, 10),),
    Gamma: ((0.5, 4), (0.5, 2)),
    Beta: ((0.5, 4), (0.5, 4)),
    Dirichlet: ((0.5, 4, 5),),
}


def two_batches(kind: type[Distribution], count: int) -> list[Distribution]:
    """Two batches of ordinary parameters."""
    random = torch.Generator().manual_seed(0)

    def between(low: float, high: float, *more: int) -> torch.Tensor:
        return torch.empty(count, *more, dtype=torch.float64).uniform_(low, high, generator=random).squeeze(0)

    return [kind(*(between(*bounds) for bounds in _RANGES[kind]), validate_args=False) for _ in range(2)]


def _without_closed_form() -> Iterator[Row]:
    """Normal against Student-t: torch raises NotImplementedError here."""
    p, q = scipy.stats.norm(0, 1), scipy.stats.t(3, 0.5, 2)

    def by_scipy() -> float:
        # Beyond 37 the normal's density is 0 in float64.
        return scipy.integrate.quad(lambda x: p.pdf(x) * (p.logpdf(x) - q.logpdf(x)), -37, 37)[0]

    def by_sampling() -> torch.Tensor:
        x = STANDARD.sample((100_000,))
        return (STANDARD.log_prob(x) - HEAVY.log_prob(x)).mean()

    exact = _exact_against_student()
    for name, other in (("scipy.integrate.quad", by_scipy), ("100 000 samples in torch", by_sampling)):
        yield _row("kl(Normal, Student-t), one pair", lambda: kl(STANDARD, HEAVY), other, name, exact)
    yield from _rows_together()


_QUADRATURES = (
    ("kl(Normal, Student-t)", kl, (Normal, (-1, 1), (0.5, 2)), (StudentT, (3, 6), (-1, 1), (0.5, 2))),
    ("jensen_shannon(Beta, Beta)", jensen_shannon, (Beta, (0.5, 4), (0.5, 4)), (Beta, (0.5, 4), (0.5, 4))),
)


def _rows_together(count: int = 64) -> Iterator[Row]:
    """A batch by quadrature against as many single calls; and one row's time alone."""
    for what, ask, *kinds in _QUADRATURES:
        random = torch.Generator().manual_seed(0)
        values = [[torch.empty(count, dtype=torch.float64).uniform_(*ends, generator=random) for ends in bounds] for _, *bounds in kinds]
        build = lambda at: [kind(*(value[at] for value in own), validate_args=False) for (kind, *_), own in zip(kinds, values, strict=True)]
        together, alone = build(slice(None)), [build(row) for row in range(count)]
        ours, theirs = alternately(lambda: ask(*together), lambda: [ask(*pair) for pair in alone], rounds=3)
        note = f"one call takes {1e3 * theirs / count:.1f} ms"
        yield Row(f"{what}, {count} pairs", ours * 1e3, "ms", theirs * 1e3, f"{count} single calls", least_ratio=1 / 0.3, note=note)


def _all_numbers() -> Iterator[Row]:
    """What a page shows of two distributions: `compare`, against the nine calls that give the same numbers one by one."""
    for name, p, q in (("Normal, Normal", NORMAL, WIDER), ("Normal, Student-t", STANDARD, HEAVY)):
        yield _row(f"compare({name})", lambda: compare(p, q), lambda: _one_by_one(p, q), "nine single calls")


def _one_by_one(p: Distribution, q: Distribution) -> list[torch.Tensor]:
    both_ways = [ask(*pair) for ask in (kl, cross_entropy) for pair in ((p, q), (q, p))]
    return both_ways + [entropy(p), entropy(q)] + [ask(p, q) for ask in (jensen_shannon, total_variation, hellinger)]


def _exact_against_student() -> mpmath.mpf:
    """KL(STANDARD ‖ HEAVY) by quadrature."""
    with mpmath.workdps(DIGITS):
        df, loc, scale = (mpmath.mpf(float(value)) for value in (HEAVY.df, HEAVY.loc, HEAVY.scale))
        constant = mpmath.log(mpmath.gamma((df + 1) / 2) / (mpmath.gamma(df / 2) * scale * mpmath.sqrt(df * mpmath.pi)))

        def integrand(x: mpmath.mpf) -> mpmath.mpf:
            log_p = -x * x / 2 - mpmath.log(2 * mpmath.pi) / 2
            log_q = constant - (df + 1) / 2 * mpmath.log(1 + ((x - loc) / scale) ** 2 / df)
            return mpmath.exp(log_p) * (log_p - log_q)

        return mpmath.quad(integrand, [-mpmath.inf, -4, 0, 4, mpmath.inf])


def _error(value: float | torch.Tensor, exact: mpmath.mpf) -> str:
    return f"{float(abs(mpmath.mpf(float(value)) - exact) / exact):.0e}"
