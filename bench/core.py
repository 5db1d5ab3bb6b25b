"""kl_core against what one would otherwise use: torch's closed forms, scipy's quadrature, sampling."""

from collections.abc import Iterator

import mpmath
import scipy.integrate
import scipy.stats
import torch
from torch.distributions import Normal, StudentT, kl_divergence

from kl_core import kl

from .rows import Row, alternately, subject


def _normals(*shape: int) -> tuple[Normal, Normal]:
    def parameter(low: float, high: float) -> torch.Tensor:
        return torch.empty(shape, dtype=torch.float64).uniform_(low, high)

    torch.manual_seed(0)
    return tuple(Normal(parameter(-2, 2), parameter(0.5, 2), validate_args=False) for _ in range(2))


@subject
def core() -> Iterator[Row]:
    torch.set_num_threads(1)
    for shape, size in (((), "one pair"), ((10_000,), "10 000 pairs")):
        p, q = _normals(*shape)
        ours, other = alternately(lambda: kl(p, q), lambda: kl_divergence(p, q))
        yield Row(f"kl(Normal, Normal), {size}", ours * 1e3, "ms", other * 1e3, "torch.distributions.kl_divergence")
    yield from _without_closed_form()


def _without_closed_form() -> Iterator[Row]:
    """Normal against Student-t: torch raises NotImplementedError here."""
    zero, one = torch.tensor([0.0, 1.0], dtype=torch.float64)
    p, q = Normal(zero, one), StudentT(3 * one, zero + 0.5, 2 * one)
    p_scipy, q_scipy = scipy.stats.norm(0, 1), scipy.stats.t(3, 0.5, 2)

    def by_scipy() -> float:
        # Beyond 37 the normal's density is 0 in float64.
        return scipy.integrate.quad(lambda x: p_scipy.pdf(x) * (p_scipy.logpdf(x) - q_scipy.logpdf(x)), -37, 37)[0]

    def by_sampling() -> torch.Tensor:
        x = p.sample((100_000,))
        return (p.log_prob(x) - q.log_prob(x)).mean()

    exact = _exact()
    for name, other in (("scipy.integrate.quad", by_scipy), ("100 000 samples in torch", by_sampling)):
        ours, theirs = alternately(lambda: kl(p, q), other)
        errors = f"relative error {_error(kl(p, q), exact):.0e}, theirs {_error(other(), exact):.0e}"
        yield Row("kl(Normal, Student-t), one pair", ours * 1e3, "ms", theirs * 1e3, name, note=errors)


def _exact() -> mpmath.mpf:
    """KL(Normal(0, 1) ‖ StudentT(3, 0.5, 2)) to 30 digits."""
    with mpmath.workdps(30):
        df, loc, scale = 3, mpmath.mpf("0.5"), 2
        constant = mpmath.log(mpmath.gamma(mpmath.mpf(df + 1) / 2) / (mpmath.gamma(mpmath.mpf(df) / 2) * scale * mpmath.sqrt(df * mpmath.pi)))

        def integrand(x):
            log_p = -x * x / 2 - mpmath.log(2 * mpmath.pi) / 2
            log_q = constant - mpmath.mpf(df + 1) / 2 * mpmath.log(1 + ((x - loc) / scale) ** 2 / df)
            return mpmath.exp(log_p) * (log_p - log_q)

        return mpmath.quad(integrand, [-mpmath.inf, -4, 0, 4, mpmath.inf])


def _error(value: float | torch.Tensor, exact: mpmath.mpf) -> float:
    return float(abs(mpmath.mpf(float(value)) - exact) / exact)
