"""Two settings of every family, ordinary and unlike each other, for the tests that go over all pairs."""

from __future__ import annotations

from torch.distributions import Distribution

from kl_core import FAMILIES

CONTINUOUS = {
    "normal": dict(loc=0.7, scale=1.3),
    "laplace": dict(loc=-0.4, scale=0.9),
    "logistic": dict(loc=0.3, scale=0.6),
    "cauchy": dict(loc=0.2, scale=1.1),
    "student_t": dict(df=3.5, loc=-0.3, scale=0.8),
    "uniform": dict(low=0.125, high=0.75),
    "exponential": dict(rate=1.4),
    "gamma": dict(concentration=2.3, rate=1.7),
    "log_normal": dict(loc=0.1, scale=0.6),
    "beta": dict(concentration1=1.6, concentration0=2.7),
    "gaussian_mixture": dict(weights=(0.25, 0.75), locs=(-1.5, 2.0), scales=(0.5, 1.25)),
}
OTHER_CONTINUOUS = {
    "normal": dict(loc=0.75, scale=1.1),
    "laplace": dict(loc=-0.3, scale=1.0),
    "logistic": dict(loc=0.5, scale=0.9),
    "cauchy": dict(loc=-1.0, scale=0.5),
    "student_t": dict(df=2.5, loc=0.3, scale=1.1),
    "uniform": dict(low=-0.5, high=2.0),
    "exponential": dict(rate=0.6),
    "gamma": dict(concentration=0.6, rate=1.1),
    "log_normal": dict(loc=-0.4, scale=0.9),
    "beta": dict(concentration1=0.7, concentration0=1.3),
    "gaussian_mixture": dict(weights=(0.5, 0.5), locs=(-2.0, 2.25), scales=(1.0, 0.75)),
}
DISCRETE = {
    "bernoulli": dict(probs=0.3),
    "categorical": dict(probs=(0.3, 0.5, 0.2)),
    "binomial": dict(total_count=7, probs=0.35),
    "poisson": dict(rate=3.2),
    "geometric": dict(probs=0.4),
}
OTHER_DISCRETE = {
    "bernoulli": dict(probs=0.45),
    "categorical": dict(probs=(0.35, 0.4, 0.25)),
    "binomial": dict(total_count=9, probs=0.55),
    "poisson": dict(rate=2.2),
    "geometric": dict(probs=0.25),
}
REAL_LINE = {"normal", "laplace", "logistic", "cauchy", "student_t", "gaussian_mixture"}
POSITIVE = {"exponential", "gamma", "log_normal"}


def finite(name_p: str, name_q: str) -> bool:
    """Whether KL of CONTINUOUS[name_p] from OTHER_CONTINUOUS[name_q] is finite, from first principles."""
    if name_p == "cauchy":
        return name_q in ("cauchy", "student_t")
    if name_q in REAL_LINE:
        return True  # df = 3.5 leaves Student's t a variance
    if name_q in POSITIVE:
        return name_p in POSITIVE | {"uniform", "beta"}
    return name_p in ("beta", "uniform") if name_q == "beta" else name_p in ("uniform", "beta")


def made(name: str, values: dict) -> Distribution:
    """The family's distribution with these parameters."""
    return FAMILIES[name].distribution(**{k: list(v) if isinstance(v, tuple) else v for k, v in values.items()})
