"""What mpmath says of the pairs of `pairs.py`, by name: the slow references, which are stored."""

from __future__ import annotations

from collections.abc import Callable

from mpmath import mp, mpf

from tests.kl_core.pairs import CONTINUOUS, OTHER_CONTINUOUS
from tests.kl_core.reference import LOG_DENSITY, _exact, _grid, kl_continuous
from tests.kl_core.stored import stored


@stored
def kl_of(name_p: str, name_q: str) -> mpf:
    return kl_continuous(name_p, CONTINUOUS[name_p], name_q, OTHER_CONTINUOUS[name_q])


@stored
def entropy_of(name: str) -> mpf:
    with mp.workdps(34):
        values = {k: _exact(v) for k, v in CONTINUOUS[name].items()}
        log_p = lambda x: LOG_DENSITY[name](x, **values)
        grid = _grid(name, values, "cauchy", dict(loc=mpf(0), scale=mpf(1)))
        return -mp.quad(lambda x: mp.exp(log_p(x)) * log_p(x) if log_p(x) > -300 else mpf(0), grid)


@stored
def cross_entropy_of(name_p: str, name_q: str) -> mpf:
    with mp.workdps(34):
        p, q = ({k: _exact(v) for k, v in values.items()} for values in (CONTINUOUS[name_p], OTHER_CONTINUOUS[name_q]))
        places = [x for x in _grid(name_p, p, name_q, q) if abs(x) < 1e4]
        return -mp.quad(lambda x: mp.exp(LOG_DENSITY[name_p](x, **p)) * LOG_DENSITY[name_q](x, **q), places)


INTEGRANDS = {
    "jensen_shannon": lambda p, q: sum(a * mp.log(2 * a / (p + q)) for a in (p, q) if a > 0) / 2,
    "total_variation": lambda p, q: abs(p - q) / 2,
    "hellinger": lambda p, q: (mp.sqrt(p) - mp.sqrt(q)) ** 2 / 2,
}
"""What is integrated over x; Hellinger's distance is the root of its integral."""


@stored
def divergence_of(measure: str, name_p: str, name_q: str) -> mpf:
    integral = _integral(name_p, name_q, INTEGRANDS[measure])
    return mp.sqrt(integral) if measure == "hellinger" else integral


def _integral(name_p: str, name_q: str, integrand: Callable[[mpf, mpf], mpf]) -> mpf:
    with mp.workdps(20):
        p, q, grid = _densities(name_p, name_q)
        return mp.quad(lambda x: integrand(p(x), q(x)), sorted({*grid, *_crossings(p, q, grid)}))


def _densities(name_p: str, name_q: str) -> tuple[Callable, Callable, list]:
    settings = []
    for name, table in ((name_p, CONTINUOUS), (name_q, OTHER_CONTINUOUS)):
        values = {k: _exact(v) for k, v in table[name].items()}
        low, high = {"uniform": lambda v: (v["low"], v["high"]), "beta": lambda v: (0, 1)}.get(
            name, lambda v: (0, mp.inf) if name in ("gamma", "exponential", "log_normal") else (-mp.inf, mp.inf)
        )(values)
        settings.append((name, values, low, high))

    def density(setting, x):
        name, values, low, high = setting
        return mp.exp(LOG_DENSITY[name](x, **values)) if low < x < high else mpf(0)

    a, b = settings
    grid = sorted({*_grid(a[0], a[1], a[0], a[1]), *_grid(b[0], b[1], b[0], b[1])})
    return (lambda x: density(a, x)), (lambda x: density(b, x)), grid


def _crossings(p: Callable, q: Callable, grid: list) -> list:
    """Where p = q, by bisection between many places: a corner of |p − q| would spoil the reference."""
    ends = [x for x in grid if abs(x) < 1e3]
    places = [a + (b - a) * k / 24 for a, b in zip(ends, ends[1:]) for k in range(24)]
    crossings = []
    for a, b in zip(places, places[1:]):
        if (p(a) - q(a)) * (p(b) - q(b)) < 0:
            for _ in range(70):
                c = (a + b) / 2
                a, b = (c, b) if (p(a) - q(a)) * (p(c) - q(c)) > 0 else (a, c)
            crossings.append(a)
    return crossings
