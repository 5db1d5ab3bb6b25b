"""Mixtures that are hard to integrate over, and their divergences by mpmath."""

from collections.abc import Iterator

import mpmath as mp

from tests.kl_core.stored import stored

# weights, locs, scales
TWO = ((0.5, 0.5), (-3.0, 3.0), (1.0, 1.0))
SPIKE = ((0.3, 0.7), (1.0, 0.0), (0.01, 2.0))
ALPHA = {"two modes": TWO, "a spike": SPIKE}
HARD = {
    "a spike of sd 0.01 on a hump": ((0.3, 0.7), (1.0, 0.0), (0.01, 2.0)),
    "modes 40 sds apart": ((0.5, 0.5), (-20.0, 20.0), (1.0, 1.0)),
    "a bump under a spike": ((0.4161, 0.0013, 0.5826), (0.3269, 0.3524, 1.5147), (0.0125, 0.0771, 3.4554)),
    "four, sds from 0.01 to 10": ((0.25, 0.25, 0.25, 0.25), (-20.0, 0.0, 5.0, 20.0), (0.01, 1.0, 10.0, 0.5)),
}


@stored
def alpha_by_mpmath(name: str, loc: float, scale: float, alpha: float) -> mp.mpf:
    """The α-divergence of a mixture of ALPHA from Normal(loc, scale): 25 digits, in panels about every bell and every product of two."""
    case = ALPHA[name]
    with mp.workdps(25):
        normal = lambda x, m, s: mp.exp(-(((x - mp.mpf(m)) / s) ** 2) / 2) / (mp.mpf(s) * mp.sqrt(2 * mp.pi))
        p = lambda x: mp.fsum(w * normal(x, m, s) for w, m, s in zip(*case, strict=True))
        bells = [*zip(case[1], case[2], strict=True), (loc, scale)]
        bells += [
            (
                (alpha * m / s**2 + (1 - alpha) * loc / scale**2) / (alpha / s**2 + (1 - alpha) / scale**2),
                (alpha / s**2 + (1 - alpha) / scale**2) ** -0.5,
            )
            for m, s in bells[:-1]
        ]
        edges = sorted({mp.mpf(m) + k * mp.mpf(s) for m, s in bells for k in (-14, -9, -6, -4, -2, -1, 0, 1, 2, 4, 6, 9, 14)})
        overlap = mp.quad(lambda x: p(x) ** alpha * normal(x, loc, scale) ** (1 - alpha), edges, maxdegree=5)
        return (1 - overlap) / (mp.mpf(alpha) * (1 - alpha))


def _crossings(weights: list[mp.mpf], locs: list[mp.mpf], scales: list[mp.mpf]) -> Iterator[mp.mpf]:
    """Where two components are equal."""
    for i in range(len(locs)):
        for j in range(i):
            a = 1 / scales[j] ** 2 / 2 - 1 / scales[i] ** 2 / 2
            b = locs[i] / scales[i] ** 2 - locs[j] / scales[j] ** 2
            levels = [mp.log(weights[k] / scales[k]) - locs[k] ** 2 / scales[k] ** 2 / 2 for k in (i, j)]
            c = levels[0] - levels[1]
            roots = [-c / b] if a == 0 and b else [] if a == 0 else [(-b + k * mp.sqrt(b * b - 4 * a * c)) / (2 * a) for k in (1, -1)]
            yield from (mp.re(root) for root in roots)


@stored
def reverse_kl(name: str, loc: float, scale: float) -> mp.mpf:
    """KL(Normal(loc, scale)‖mixture of HARD), in panels that halve towards every mode and every crossing."""
    with mp.workdps(20):
        weights, locs, scales = ([mp.mpf(one) for one in each] for each in HARD[name])
        total = mp.fsum(weights)

        def log_density(x):
            return mp.log(mp.fsum(w / total * mp.exp(-(((x - m) / s) ** 2) / 2) / s for w, m, s in zip(weights, locs, scales, strict=True)))

        centre, width = mp.mpf(loc), mp.mpf(scale)
        ends = (centre - 14 * width, centre + 14 * width)
        edges = {centre + k * width for k in range(-14, 15)}
        for middle in [*locs, *_crossings(weights, locs, scales)]:
            edges |= {middle} | {middle + sign * min(scales) * mp.mpf(2) ** k / 4 for sign in (-1, 1) for k in range(14)}
        inside = sorted(x for x in edges if ends[0] <= x <= ends[1])
        bell = lambda x: mp.exp(-(((x - centre) / width) ** 2) / 2)
        mean = mp.quad(lambda x: bell(x) * log_density(x), inside, method="gauss-legendre", maxdegree=4) / width / mp.sqrt(2 * mp.pi)
        return -mp.log(width) - mp.mpf(1) / 2 - mean
