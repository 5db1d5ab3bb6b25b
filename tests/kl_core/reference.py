"""KL divergences by mpmath, from densities written down afresh: nothing here comes from kl_core or torch."""

from __future__ import annotations

from functools import cache

from mpmath import mp, mpf

DIGITS = 34


def _gauss(x, loc, scale):
    return -(((x - loc) / scale) ** 2) / 2 - mp.log(scale * mp.sqrt(2 * mp.pi))


def _student(x, df, loc, scale):
    z = (x - loc) / scale
    return mp.loggamma((df + 1) / 2) - mp.loggamma(df / 2) - mp.log(df * mp.pi) / 2 - mp.log(scale) - (df + 1) / 2 * mp.log1p(z * z / df)


def _logistic(x, loc, scale):
    z = abs((x - loc) / scale)
    return -z - 2 * mp.log1p(mp.exp(-z)) - mp.log(scale)


def _mixture(x, weights, locs, scales):
    total = sum(weights)
    return mp.log(sum(w / total * mp.exp(_gauss(x, m, s)) for w, m, s in zip(weights, locs, scales)))


LOG_DENSITY = {
    "normal": _gauss,
    "laplace": lambda x, loc, scale: -abs(x - loc) / scale - mp.log(2 * scale),
    "logistic": _logistic,
    "cauchy": lambda x, loc, scale: -mp.log1p(((x - loc) / scale) ** 2) - mp.log(mp.pi * scale),
    "student_t": _student,
    "uniform": lambda x, low, high: -mp.log(high - low),
    "exponential": lambda x, rate: mp.log(rate) - rate * x,
    "gamma": lambda x, concentration, rate: (
        concentration * mp.log(rate) + (concentration - 1) * mp.log(x) - rate * x - mp.loggamma(concentration)
    ),
    "log_normal": lambda x, loc, scale: _gauss(mp.log(x), loc, scale) - mp.log(x),
    "beta": lambda x, concentration1, concentration0: (
        (concentration1 - 1) * mp.log(x)
        + (concentration0 - 1) * mp.log(1 - x)
        - mp.loggamma(concentration1)
        - mp.loggamma(concentration0)
        + mp.loggamma(concentration1 + concentration0)
    ),
    "gaussian_mixture": _mixture,
}


def _log(p):
    return mp.log(p) if p > 0 else -mp.inf


LOG_MASS = {
    "bernoulli": lambda k, probs: _log(probs if k == 1 else 1 - probs) if k <= 1 else -mp.inf,
    "categorical": lambda k, probs: _log(probs[k] / sum(probs)) if k < len(probs) else -mp.inf,
    "binomial": lambda k, total_count, probs: (
        _log(mp.binomial(total_count, k) * probs**k * (1 - probs) ** (total_count - k)) if k <= total_count else -mp.inf
    ),
    "poisson": lambda k, rate: k * mp.log(rate) - rate - mp.loggamma(k + 1) if rate > 0 else (0 if k == 0 else -mp.inf),
    "geometric": lambda k, probs: mp.log(probs) + k * mp.log1p(-probs),
}


def _exact(value):
    """The very number the float64 is."""
    return [_exact(v) for v in value] if isinstance(value, (tuple, list)) else mpf(value)


def _breaks(name, values):
    """Places where quadrature should pause: the middle of the distribution, several scales away, and its ends."""
    if name == "uniform":
        return [values["low"], values["high"]]
    if name == "beta":
        return [mpf(0), mpf("0.01"), mpf("0.1"), mpf("0.5"), mpf("0.9"), mpf("0.99"), mpf(1)]
    if name in ("exponential", "gamma", "log_normal"):
        scale = mp.exp(values["loc"]) if name == "log_normal" else values.get("concentration", 1) / values["rate"]
        return [mpf(0)] + [scale * f for f in (mpf("1e-6"), mpf("0.01"), mpf("0.2"), 1, 2, 5, 15, 60)] + [mp.inf]
    locs, scales = (values["locs"], values["scales"]) if name == "gaussian_mixture" else ([values["loc"]], [values["scale"]])
    far = (1, 3, 8, 20, 50, 400, 10**4, 10**6) if name in ("cauchy", "student_t") else (1, 3, 6, 10, 16, 40)
    return [-mp.inf] + [m + sign * f * s for m, s in zip(locs, scales) for f in (0, *far) for sign in (-1, 1)] + [mp.inf]


def _grid(name_p, p, name_q, q):
    own = _breaks(name_p, p)
    low, high = min(own), max(own)
    return sorted({x for x in own + _breaks(name_q, q) if low <= x <= high})


@cache
def _integral(name_p, p_items, name_q, q_items):
    with mp.workdps(DIGITS):
        p, q = ({k: _exact(v) for k, v in items} for items in (p_items, q_items))
        log_p = lambda x: LOG_DENSITY[name_p](x, **p)
        log_q = lambda x: LOG_DENSITY[name_q](x, **q)

        def kl(x):
            a = log_p(x)
            if a < -300:
                return mpf(0)
            return mp.exp(a) * (a - log_q(x))

        return mp.quad(kl, _grid(name_p, p, name_q, q))


def _items(values):
    return tuple(sorted((k, tuple(v) if isinstance(v, list) else v) for k, v in values.items()))


def kl_continuous(name_p, p, name_q, q) -> mpf:
    """KL(P‖Q) of two densities by adaptive quadrature at DIGITS digits; only for a finite KL."""
    return _integral(name_p, _items(p), name_q, _items(q))


def kl_discrete(name_p, p, name_q, q, outcomes=400) -> mpf:
    """KL(P‖Q) of two mass functions by summing the first outcomes."""
    with mp.workdps(DIGITS):
        p, q = {k: _exact(v) for k, v in p.items()}, {k: _exact(v) for k, v in q.items()}
        total = mpf(0)
        for k in range(outcomes):
            a = LOG_MASS[name_p](k, **p)
            if a > -mp.inf:
                b = LOG_MASS[name_q](k, **q)
                if b == -mp.inf:
                    return mp.inf
                total += mp.exp(a) * (a - b)
        return total
