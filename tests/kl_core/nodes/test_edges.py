"""Mass nearer to 0 or to 1 than any float: shapes down to 1e-4 against expectations that mpmath has in closed form."""

from __future__ import annotations

import math

import pytest
import torch
from mpmath import mp, mpf
from torch.distributions import Beta, Distribution, Gamma, Kumaraswamy, LogNormal, Normal, Uniform, Weibull

from kl_core import compare, cross_entropy, entropy, hellinger, kl, kl_report, renyi, total_variation
from tests.kl_core.bounds import doubles

SHAPES = (1e-4, 7e-4, 3e-3, 0.03, 0.1, 0.3, 1.0, 4.0)


def _log_beta(a: mpf, b: mpf) -> mpf:
    return mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)


class _Gamma:
    """Gamma(a, rate 1): entropy, E[x^k], E[log x], E[(log x)²]."""

    def __init__(self, a: float):
        self.a, self.torch = mpf(a), Gamma(*doubles(a, 1.0))
        self.entropy = self.a + mp.loggamma(self.a) + (1 - self.a) * mp.digamma(self.a)
        self.log = mp.digamma(self.a)
        self.log_square = mp.psi(1, self.a) + self.log**2

    def power(self, k: mpf) -> mpf:
        return mp.exp(mp.loggamma(self.a + k) - mp.loggamma(self.a))


class _Beta:
    """Beta(a, b); also E[log(1 − x)]."""

    def __init__(self, a: float, b: float):
        self.a, self.b, self.torch = mpf(a), mpf(b), Beta(*doubles(a, b))
        n = self.a + self.b
        self.log, self.log_below = mp.digamma(self.a) - mp.digamma(n), mp.digamma(self.b) - mp.digamma(n)
        self.log_square = mp.psi(1, self.a) - mp.psi(1, n) + self.log**2
        self.entropy = _log_beta(self.a, self.b) - (self.a - 1) * self.log - (self.b - 1) * self.log_below

    def power(self, k: mpf) -> mpf:
        return mp.exp(_log_beta(self.a + k, self.b) - _log_beta(self.a, self.b))


class _Kumaraswamy:
    """Kumaraswamy(a, b): x^a is a Beta(1, b)."""

    def __init__(self, a: float, b: float):
        self.a, self.torch = mpf(a), Kumaraswamy(*doubles(a, b))
        inner = _Beta(1.0, b)
        self.power = lambda k: inner.power(k / self.a)
        self.log, self.log_square = inner.log / self.a, inner.log_square / self.a**2
        self.entropy = -mp.log(self.a * mpf(b)) - (self.a - 1) * self.log - (mpf(b) - 1) * inner.log_below


class _Weibull:
    """Weibull(scale 1, k): x^k is a Gamma(1)."""

    def __init__(self, k: float):
        self.k, self.torch = mpf(k), Weibull(*doubles(1.0, k))
        inner = _Gamma(1.0)
        self.power = lambda power: inner.power(power / self.k)
        self.log, self.log_square = inner.log / self.k, inner.log_square / self.k**2
        self.entropy = -mp.log(self.k) - (self.k - 1) * self.log + 1


def _beside_normal(p) -> tuple[Distribution, mpf]:
    return Normal(*doubles(0.25, 2.0)), mp.log(2 * mp.pi * 4) / 2 + (p.power(mpf(2)) - p.power(mpf(1)) / 2 + mpf(1) / 16) / 8


def _beside_gamma(p) -> tuple[Distribution, mpf]:
    a = mpf(0.5)
    return Gamma(*doubles(0.5, 2.0)), mp.loggamma(a) - a * mp.log(2) - (a - 1) * p.log + 2 * p.power(mpf(1))


def _beside_weibull(p) -> tuple[Distribution, mpf]:
    k = mpf(0.0625)
    return Weibull(*doubles(1.0, 0.0625)), -mp.log(k) - (k - 1) * p.log + p.power(k)


def _beside_log_normal(p) -> tuple[Distribution, mpf]:
    return LogNormal(*doubles(-2.0, 3.0)), p.log + mp.log(2 * mp.pi * 9) / 2 + (p.log_square + 4 * p.log + 4) / 18


def _beside_power(p) -> tuple[Distribution, mpf]:
    a = mpf(0.001953125)
    return Kumaraswamy(*doubles(float(a), 1.0)), -mp.log(a) - (a - 1) * p.log


ON_HALF_LINE = (_beside_normal, _beside_gamma, _beside_weibull, _beside_log_normal)


def _cases():
    for a in SHAPES:
        for beside in ON_HALF_LINE:
            yield f"gamma {a:g}", lambda a=a: _Gamma(a), beside
        for b in (0.0002, 0.02, 3.0):
            for beside in (*ON_HALF_LINE, _beside_power):
                yield f"beta {a:g} {b:g}", lambda a=a, b=b: _Beta(a, b), beside
                yield f"kumaraswamy {a:g} {b:g}", lambda a=a, b=b: _Kumaraswamy(a, b), beside
        if a >= 0.1:  # of smaller ones x leaves the floats upwards
            yield f"weibull {a:g}", lambda a=a: _Weibull(a), _beside_gamma


def test_expectations_of_mass_that_no_float_reaches():
    for name, make, beside in list(_cases())[::4]:
        with mp.workdps(40):
            p = make()
            q, cross = beside(p)
            truth = float(cross - p.entropy)
        report = kl_report(p.torch, q)
        gap = abs(report.value.item() - truth)
        assert report.infinite_by is None and math.isfinite(report.error.item()), (name, q)
        assert gap <= 1e-12 * truth and gap <= max(report.error.item(), 1e-15 * truth), (name, q, report, truth)


@pytest.mark.parametrize(
    ("p", "q", "truth"),
    [
        (Kumaraswamy(*doubles(0.001, 0.001)), Beta(*doubles(1.0, 5.0)), 4957.68422449),
        (Kumaraswamy(*doubles(0.01, 0.02)), Beta(*doubles(0.5, 0.5)), 20.409654060383638),
        (Gamma(*doubles(0.001, 1.0)), Normal(*doubles(0.0, 1.0)), 993.58625650769929),
    ],
)
def test_both_directions_near_two_edges_and_one(p, q, truth):
    assert kl(p, q).item() == pytest.approx(truth, rel=1e-12)
    numbers = compare(p, q)
    assert numbers.cross_entropy_pq.item() == pytest.approx((numbers.entropy_p + numbers.kl_pq.value).item(), rel=1e-12)
    back = numbers.kl_qp
    assert back.infinite_by == "support" if isinstance(q, Normal) else back.error < 1e-9 * back.value
    # Bretagnolle and Huber (1979), and Le Cam: TV ≤ √(1 − e^−KL), H² ≤ TV ≤ H·√(2 − H²).
    tv, h, js = (getattr(numbers, name).item() for name in ("total_variation", "hellinger", "jensen_shannon"))
    assert h * h <= tv + 1e-12 and tv <= h * math.sqrt(2 - h * h) + 1e-12 and 0 < js <= math.log(2)
    assert renyi(p, q, 0.5).item() == pytest.approx(-2 * math.log1p(-h * h), rel=1e-9)


def test_distances_of_a_beta_from_the_uniform_that_its_edge_leaves():
    p, q = Beta(*doubles(1.0, 0.01)), Beta(*doubles(1.0, 1.0))
    assert hellinger(p, q).item() == pytest.approx(0.8955334711889, rel=1e-12)
    assert total_variation(p, q).item() == pytest.approx(0.9450029720952, rel=1e-12)
    assert cross_entropy(Gamma(*doubles(0.01, 1.0)), Normal(*doubles(0.0, 1.0))).item() == pytest.approx(0.9239885332, rel=1e-9)
    # ∫ √(a·x^(a − 1)) = 2√a/(a + 1), and p and q = 1 cross at a^(1/(1 − a)), where their distribution functions are furthest apart.
    for a in (1e-4, 1e-3, 0.05):
        p, crossing = Beta(*doubles(a, 1.0)), a ** (1 / (1 - a))
        assert hellinger(p, q).item() == pytest.approx(math.sqrt(1 - 2 * math.sqrt(a) / (a + 1)), rel=1e-13)
        assert total_variation(p, q).item() == pytest.approx(crossing**a - crossing, rel=1e-13)
        assert total_variation(p, Uniform(*doubles(0.0, 1.0))).item() == pytest.approx(crossing**a - crossing, rel=1e-13)


@pytest.mark.parametrize("shape", [1e-4, 0.01, 1.0, 3.0])
def test_a_kumaraswamy_with_a_shape_of_one_is_a_beta(shape):
    for shapes in ((1.0, shape), (shape, 1.0)):
        p, q = Kumaraswamy(*doubles(*shapes)), Beta(*doubles(*shapes))
        assert kl(p, q).item() == kl(q, p).item() == 0
        assert entropy(p).item() == pytest.approx(entropy(q).item(), rel=1e-12, abs=1e-12)
        assert kl(p, Gamma(*doubles(0.5, 1.0))).item() == pytest.approx(kl(q, Gamma(*doubles(0.5, 1.0))).item(), rel=1e-12)


def test_a_batch_gives_what_its_rows_give_and_a_slope():
    a = torch.tensor([1e-3, 0.02, 0.7, 5.0], dtype=torch.float64, requires_grad=True)
    q = Beta(*doubles(0.25, 2.0))
    together = kl(Kumaraswamy(a, torch.full_like(a, 0.5)), q)
    apart = torch.stack([kl(Kumaraswamy(one, torch.full_like(one, 0.5)), q) for one in a])
    torch.testing.assert_close(together, apart, rtol=1e-12, atol=0)
    (slope,) = torch.autograd.grad(together.sum(), a)
    step = 1e-5 * a.detach()
    moved = [kl(Kumaraswamy(a.detach() + side * step, torch.full_like(a, 0.5)), q).detach() for side in (1, -1)]
    torch.testing.assert_close(slope, (moved[0] - moved[1]) / (2 * step), rtol=1e-6, atol=1e-6)


def test_what_is_finite_but_beyond_the_floats_is_not_called_divergent():
    report = kl_report(Weibull(*doubles(1.0, 0.001)), Normal(*doubles(0.0, 1.0)))  # E[x²] = Γ(2001)
    assert report.value.item() == math.inf and report.infinite_by == "overflow" and "finite" in report.reason
    # E[x] = Γ(1 + 1/k) is still a float at k = 0.01, where x itself reaches e^600.
    with mp.workdps(40):
        p = _Weibull(0.01)
        q, cross = _beside_gamma(p)
        assert kl(p.torch, q).item() == pytest.approx(float(cross - p.entropy), rel=1e-11)


@pytest.mark.parametrize("scale", [1.0, 4.0, 5.0, 6.0, 8.0, 11.0])
def test_a_log_normals_mean_square_comes_from_far_beyond_its_own_edges(scale):
    with mp.workdps(40):
        truth = mp.exp(2 * mpf(scale) ** 2) / 2 - mp.log(scale) - mpf(1) / 2
        report = kl_report(LogNormal(*doubles(0.0, scale)), Normal(*doubles(0.0, 1.0)))
        assert abs(report.value.item() - truth) <= max(report.error.item(), 1e-15 * truth)
        assert report.error.item() < 1e-12 * truth


@pytest.mark.parametrize("scale, power", [(5.0, 10.0), (2.0, 20.0), (5.0, 50.0)])
def test_a_sum_that_lacks_what_floats_cannot_hold_is_not_given_as_finite(scale, power):
    # E[x^power] is e^(power²·scale²/2): 1e347 and more.
    report = kl_report(LogNormal(*doubles(0.0, scale)), Weibull(*doubles(1.0, power)))
    assert report.value.item() == math.inf and report.infinite_by == "overflow"
