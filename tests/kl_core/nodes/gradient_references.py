"""Derivatives of ∫ p·(log p − log q) in the parameters of both, by mpmath."""

from functools import cache

from mpmath import mp, mpf

from tests.kl_core.stored import stored


def normal(m, s):
    return lambda x: -(((x - m) / s) ** 2) / 2 - mp.log(s) - mp.log(2 * mp.pi) / 2


def student_t(df, m, s):
    level = mp.loggamma((df + 1) / 2) - mp.loggamma(df / 2) - mp.log(df * mp.pi) / 2
    return lambda x: level - mp.log(s) - (df + 1) / 2 * mp.log1p(((x - m) / s) ** 2 / df)


def cauchy(m, s):
    return lambda x: -mp.log(mp.pi * s) - mp.log1p(((x - m) / s) ** 2)


def mixture(a, b, s):
    first, second = normal(a, s), normal(b, mpf("0.7"))
    return lambda x: mp.log(mpf("0.4") * mp.exp(first(x)) + mpf("0.6") * mp.exp(second(x)))


def log_normal(m, s):
    return lambda x: normal(m, s)(mp.log(x)) - mp.log(x)


def gamma(a, b):
    return lambda x: a * mp.log(b) - mp.loggamma(a) + (a - 1) * mp.log(x) - b * x


def weighted(w, a, b, s):
    first, second = normal(a, s), normal(b, mpf("0.7"))
    return lambda x: mp.log(w * mp.exp(first(x)) + (1 - w) * mp.exp(second(x)))


def weibull(scale, k):
    return lambda x: mp.log(k / scale) + (k - 1) * mp.log(x / scale) - (x / scale) ** k


def beta(a, b):
    level = mp.loggamma(a + b) - mp.loggamma(a) - mp.loggamma(b)
    return lambda x: level + (a - 1) * mp.log(x) + (b - 1) * mp.log1p(-x)


def kumaraswamy(a, b):
    return lambda x: mp.log(a * b) + (a - 1) * mp.log(x) + (b - 1) * mp.log1p(-(x**a))


LINE = [-mp.inf, -8, -4, -2, -1, 0, 1, 2, 4, 8, mp.inf]
HALF = [0, mpf("0.1"), mpf("0.5"), 1, 2, 4, 8, 16, mp.inf]
UNIT = [0, mpf("0.001"), mpf("0.02"), mpf("0.1"), mpf("0.3"), mpf("0.7"), mpf("0.9"), mpf("0.98"), mpf("0.999"), 1]
# Two bells a thousand away on either side, one of them thin.
FAR = [
    -1001,
    mpf("-1000.2"),
    mpf("-1000.1"),
    mpf("-1000.02"),
    -1000,
    mpf("-999.98"),
    mpf("-999.9"),
    mpf("-999.8"),
    -999,
    990,
    996,
    998,
    999,
    1000,
    1001,
    1002,
    1004,
    1010,
]
# name: log-densities, of which p's parameters come first in the row; how many of them are p's; where to integrate
CASES = {
    "mixture‖Normal": ((mixture, normal), (-1.5, 1.0, 0.5, 0.3, 1.4), 3, LINE),
    "Normal‖mixture": ((normal, mixture), (0.3, 1.1, -1.5, 1.0, 0.5), 2, LINE),
    "Normal‖Student-t": ((normal, student_t), (0.4, 0.9, 3.0, -0.2, 1.3), 2, LINE),
    "Student-t‖Normal": ((student_t, normal), (9.0, 0.2, 0.8, -0.1, 1.2), 3, LINE),
    "Normal‖Cauchy": ((normal, cauchy), (0.4, 0.9, -0.2, 1.3), 2, LINE),
    "far mixture‖Normal": ((weighted, normal), (0.3, -1000.0, 1000.0, 0.01, 5.0, 800.0), 4, FAR),
    "near mixtures": ((weighted, weighted), (0.3, -1.0, 1.0, 0.5, 0.301, -1.001, 1.0, 0.5), 4, LINE),
    "Weibull‖LogNormal": ((weibull, log_normal), (1.2, 1.7, 0.1, 0.6), 2, HALF),
    "Beta‖Kumaraswamy": ((beta, kumaraswamy), (2.5, 3.0, 2.0, 2.5), 2, UNIT),
    "Kumaraswamys": ((kumaraswamy, kumaraswamy), (2.5, 3.0, 2.4, 3.1), 2, UNIT),
    "LogNormal‖Gamma": ((log_normal, gamma), (0.2, 0.5, 2.5, 1.2), 2, HALF),
}

STEP = mpf(2) ** -27
"""Of the difference quotients, whose error is STEP² times a third derivative."""


@stored
def derivative(name: str, which: int) -> mpf:
    """Of ∫ p·(log p − log q) in one parameter: the integral of a difference quotient, whose other density is worked out once per x."""
    (log_p, log_q), values, count, cuts = CASES[name]
    with mp.workdps(35):
        p, q = (cache(log_density) for log_density in (log_p(*map(mpf, values[:count])), log_q(*map(mpf, values[count:]))))

        def moved(step: mpf):
            near = [mpf(value) + step * (i == which) for i, value in enumerate(values)]
            return log_p(*near[:count]) if which < count else log_q(*near[count:])

        above, below = moved(STEP), moved(-STEP)

    def integrand(x):
        with mp.workdps(35):
            if p(x) <= -2000:
                return mpf(0)
            if which >= count:
                return -mp.exp(p(x)) * (above(x) - below(x)) / (2 * STEP)
            high, low = above(x), below(x)
            return (mp.exp(high) * (high - q(x)) - mp.exp(low) * (low - q(x))) / (2 * STEP)

    with mp.workdps(18):
        return mp.quad(integrand, cuts)
