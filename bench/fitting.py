"""One Gaussian fitted to a mixture: landscapes beside a loop of scipy's quad and beside sampling, with each one's error."""

import math
import time
from collections.abc import Iterator

import scipy.integrate
import torch
from torch.distributions import Normal

from bench.rows import Row, alternately, subject
from kl_core import gaussian_mixture, kl
from kl_core.fits.alpha import fit_alpha
from kl_core.fits.basins import basins
from kl_core.fits.descent import descend
from kl_core.fits.fitting import fit_forward, fit_reverse
from kl_core.fits.landscape import landscape

TARGETS = {"½N(±2, 1)": ((0.5, 0.5), (-2.0, 2.0), (1.0, 1.0)), "a spike of sd 0.01 on a hump": ((0.3, 0.7), (1.0, 0.0), (0.01, 2.0))}
SIZE, SOME, SAMPLES = 128, 48, 10_000


def _vector(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


@subject
def fitting() -> Iterator[Row]:
    torch.set_num_threads(1)
    for name, parameters in TARGETS.items():
        target = gaussian_mixture(*(_vector(*one) for one in parameters))
        loc, log_scale = torch.linspace(-6, 6, SIZE, dtype=torch.float64), torch.linspace(-3, 1.5, SIZE, dtype=torch.float64)
        yield from _landscapes(name, target, loc, log_scale)
        yield from _others(name, target, loc, log_scale)


def _milliseconds(call) -> float:
    return 1e3 * alternately(call, lambda: None)[0]


def _landscapes(name: str, target, loc: torch.Tensor, log_scale: torch.Tensor) -> Iterator[Row]:
    """quad and sampling at some places of the grid, their time scaled to all of it."""
    forward = _milliseconds(lambda: landscape(target, "forward", loc, log_scale))
    yield Row(f"{name}: forward landscape, {SIZE}²", forward, "ms", limit=2)
    reverse = _milliseconds(lambda: landscape(target, "reverse", loc, log_scale))
    lowest = landscape(target, "reverse", loc, log_scale)
    torch.manual_seed(0)
    places = torch.randint(SIZE, (SOME, 2)).tolist()
    gaussians = [Normal(loc[i], log_scale[j].exp()) for i, j in places]
    exact = torch.stack([kl(q, target) for q in gaussians])
    ours = torch.stack([lowest[i, j] for i, j in places])
    for way, by in (("scipy.integrate.quad", _by_quad), (f"{SAMPLES} samples", _by_sampling)):
        start = time.perf_counter()
        theirs = _vector(*(by(q, target) for q in gaussians))
        taken = 1e3 * (time.perf_counter() - start) * SIZE**2 / SOME
        error = lambda values: ((values - exact) / exact).abs().max().item()
        yield Row(
            f"{name}: reverse landscape, {SIZE}²",
            reverse,
            "ms",
            taken,
            f"{way} ({SOME} places, scaled)",
            limit=100,
            note=f"worst relative error {error(ours):.0e}, theirs {error(theirs):.0e}",
        )


def _by_quad(q: Normal, target) -> float:
    loc, scale = q.loc.item(), q.scale.item()
    parts, weights = target.component_distribution, target.mixture_distribution.probs.tolist()
    terms = list(zip(weights, parts.loc.tolist(), parts.scale.tolist(), strict=True))

    def integrand(x: float) -> float:
        log_q = -0.5 * ((x - loc) / scale) ** 2 - math.log(scale)
        exponents = [math.log(w / s) - 0.5 * ((x - m) / s) ** 2 for w, m, s in terms]
        top = max(exponents)
        log_p = top + math.log(sum(math.exp(one - top) for one in exponents))
        return math.exp(log_q) / math.sqrt(2 * math.pi) * (log_q - log_p)

    return scipy.integrate.quad(integrand, loc - 12 * scale, loc + 12 * scale, limit=200)[0]


def _by_sampling(q: Normal, target) -> float:
    x = q.sample((SAMPLES,))
    return (q.log_prob(x) - target.log_prob(x)).mean().item()


def _others(name: str, target, loc: torch.Tensor, log_scale: torch.Tensor) -> Iterator[Row]:
    yield Row(f"{name}: fit_forward", _milliseconds(lambda: fit_forward(target)), "ms")
    yield Row(f"{name}: fit_reverse, every minimum", _milliseconds(lambda: fit_reverse(target)), "ms", limit=40)
    for optimiser in ("adam", "newton"):
        path = _milliseconds(lambda: descend(target, "reverse", (1.0, 1.0), optimiser, 200, 0.1))
        yield Row(f"{name}: descend, 200 steps of {optimiser}", path, "ms")
    coarse = loc[:: SIZE // 48][:48], log_scale[:: SIZE // 48][:48]
    yield Row(f"{name}: basins, 48²", _milliseconds(lambda: basins(target, *coarse)), "ms", limit=300)
    alphas = torch.linspace(0, 1, 33, dtype=torch.float64)
    yield Row(f"{name}: fit_alpha, 33 α", _milliseconds(lambda: fit_alpha(target, alphas)), "ms", limit=300)
