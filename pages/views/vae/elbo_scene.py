"""What the picture of "What the ELBO leaves out" is told: one image's true posterior, its bounds, and tables for the hand."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from kl_core.data.digits import load_digits
from kl_core.vaes.elbo_gap import Bound, DiagonalGaussian, elbo_of, gaussian_optima
from kl_core.vaes.iwae import ImportanceBounds, importance_bounds, log_weights
from kl_core.vaes.linear_vae import linear_terms, linear_vae_optimum
from kl_core.vaes.shipped import load_vaes
from kl_core.vaes.true_posterior import LogLikelihood, TruePosterior, decoder_log_likelihood, true_posterior

from ...shared.cache import shared_cache
from ...shared.live.tables import packed
from ...shared.style import Unit
from .clouds import ink
from .elbo_state import BETAS, IMAGES, LINEAR, ElboState

VARIANCES = (6.0, 4.5)
"""λ of the linear VAE's two directions."""
LINEAR_X = (2.6, -1.7)
COUNTS = (1, 2, 4, 8, 16, 32, 64)
DRAWS, LIVE_DRAWS = 16_384, 2048
COLUMNS, ROWS = 129, 81
ASPECT = 1.6
"""Width over height of the table; the picture is no wider."""
NODES = 97
SHARES = (0.5, 0.8, 0.95, 0.99)
"""Of the posterior's mass within each contour."""
SEEN = 5.0
"""nats below the peak: a lower mode is not marked."""


@dataclass(frozen=True, eq=False)
class Observation:
    """One x under one decoder. exact: its ELBO in closed form, where there is one."""

    log_likelihood: LogLikelihood
    encoder: DiagonalGaussian
    decode: Callable[[Tensor], Tensor] | None = None
    exact: Callable[[DiagonalGaussian], Bound] | None = None


@dataclass(frozen=True, eq=False)
class Answered:
    """What does not depend on the q under the hand. optima: each with its bound, the best first."""

    observation: Observation
    posterior: TruePosterior
    evidence: float
    error: float
    optima: list[tuple[DiagonalGaussian, Bound]]
    encoder: Bound


@shared_cache(64)
def answered(image: str, beta: str) -> Answered:
    """log p(x), the true posterior and every Gaussian optimum, for one of IMAGES and one of BETAS."""
    observation = _linear(float(beta)) if image == LINEAR else _digit(int(image), float(beta))
    posterior = true_posterior(observation.log_likelihood)
    optima = [(q, bound(observation, q)) for q in gaussian_optima(posterior)]
    optima.sort(key=lambda pair: -pair[1].elbo)
    evidence, error = posterior.log_evidence, posterior.error
    if observation.exact is not None:
        evidence, error = float(linear_evidence(float(beta))), 0.0
    return Answered(observation, posterior, evidence, error, optima, bound(observation, observation.encoder))


def bound(observation: Observation, q: DiagonalGaussian) -> Bound:
    """ELBO(q), in closed form where there is one, else by quadrature."""
    return observation.exact(q) if observation.exact else elbo_of(observation.log_likelihood, q)


def _digit(place: int, beta: float) -> Observation:
    model, image = load_vaes()[beta], load_digits()[1].images[place]
    with torch.no_grad():
        mu, logvar = (part[0].double() for part in model.encode(image.unsqueeze(0)))
    mean, sd = mu.tolist(), (0.5 * logvar).exp().tolist()

    @torch.no_grad()
    def decode(z: Tensor) -> Tensor:
        return model.decode(z.float())

    return Observation(decoder_log_likelihood(model, image), DiagonalGaussian((mean[0], mean[1]), (sd[0], sd[1])), decode)


def _linear_parts(beta: float) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """x, w, and the encoder's mean and variance at x, by direction."""
    x = torch.tensor(LINEAR_X, dtype=torch.float64)
    optimum = linear_vae_optimum(torch.tensor(VARIANCES, dtype=torch.float64), beta)
    return x, optimum.weight_squared.sqrt(), optimum.encoder * x, optimum.spread


def linear_evidence(beta: float) -> Tensor:
    """log p(x) of the linear VAE, in closed form."""
    return linear_terms(*_linear_parts(beta)).log_evidence.sum()


def _linear(beta: float) -> Observation:
    x, weight, mean, spread = _linear_parts(beta)

    def log_likelihood(z: Tensor) -> Tensor:
        return torch.distributions.Normal(weight * z, 1.0).log_prob(x).sum(-1)

    def exact(q: DiagonalGaussian) -> Bound:
        at, sd = (torch.tensor(values, dtype=torch.float64) for values in (q.mean, q.sd))
        terms = linear_terms(x, weight, at, sd.square())
        return Bound(float(terms.distortion.sum()), float(terms.rate.sum()), 0.0)

    at, sd = mean.tolist(), spread.sqrt().tolist()
    return Observation(log_likelihood, DiagonalGaussian((at[0], at[1]), (sd[0], sd[1])), exact=exact)


def prepare() -> None:
    """Makes what every choice of image needs at first, before somebody asks."""
    for image in IMAGES:
        importance(image, "1", answered(image, "1").observation.encoder)


@shared_cache(256)
def importance(image: str, beta: str, q: DiagonalGaussian) -> ImportanceBounds:
    """The bounds for k of COUNTS, from the same draws for every q."""
    draws = torch.randn(DRAWS, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return importance_bounds(log_weights(answered(image, beta).observation.log_likelihood, q, draws), COUNTS)


@shared_cache(256)
def bound_of(image: str, beta: str, q: DiagonalGaussian) -> Bound:
    return bound(answered(image, beta).observation, q)


def elbo_scene(shown: ElboState, unit: Unit, answers: int = 0) -> dict:
    """Everything in nats; the browser writes them in the unit."""
    known = answered(shown.image, shown.beta)
    q = shown.q or known.observation.encoder
    at_q = bound_of(shown.image, shown.beta, q)
    best = max([at_q.elbo, *(optimum.elbo for _, optimum in known.optima)])
    sampled = importance(shown.image, shown.beta, q)
    return {
        "count": answers,
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "image": shown.image,
        "beta": shown.beta,
        "images": _thumbnails(),
        "betas": list(BETAS),
        "evidence": known.evidence,
        "error": max(known.error, at_q.error, known.encoder.error, known.optima[0][1].error),
        "exact": known.observation.exact is not None,
        "q": _told(q, at_q) | {"encoder": shown.q is None},
        "encoder": _told(known.observation.encoder, known.encoder),
        "best": best,
        "optima": [_told(*optimum) for optimum in known.optima if optimum[1].elbo > best - 5],
        "iwae": {"counts": list(COUNTS), "mean": [at_q.elbo, *sampled.mean.tolist()[1:]], "error": [0.0, *sampled.error.tolist()[1:]]},
        **_tables(shown.image, shown.beta),
    }


def _told(q: DiagonalGaussian, terms: Bound) -> dict:
    return {"at": [*q.mean, *q.sd], "elbo": terms.elbo, "rate": terms.rate, "distortion": terms.distortion}


@shared_cache(1)
def _thumbnails() -> list[dict]:
    digits = load_digits()[1]
    rows = [(name, int(digits.labels[int(name)]), digits.images[int(name)]) for name in IMAGES if name != LINEAR]
    return [{"name": name, "label": f"a {label}", "pixels": ink(image)} for name, label, image in rows] + [
        {"name": LINEAR, "label": "linear VAE", "pixels": ""}
    ]


@shared_cache(64)
def _tables(image: str, beta: str) -> dict:
    """The picture's middle and half its height; log p(x|z) over it; the nodes of a normal expectation; draws; contours; modes."""
    known = answered(image, beta)
    middle, reach = _window(known)
    axes = [
        torch.linspace(m - r, m + r, n, dtype=torch.float64)
        for m, r, n in zip(middle, (ASPECT * reach, reach), (COLUMNS, ROWS), strict=True)
    ]
    u = torch.linspace(-6, 6, NODES, dtype=torch.float64)
    draws = torch.randn(LIVE_DRAWS, 2, generator=torch.Generator().manual_seed(1)).clamp(-8, 8)
    return {
        "middle": middle,
        "reach": reach,
        "table": {
            "low": [float(axis[0]) for axis in axes],
            "high": [float(axis[-1]) for axis in axes],
            "values": packed(known.observation.log_likelihood(torch.stack(torch.meshgrid(*axes, indexing="ij"), -1)), torch.float32),
            "size": [COLUMNS, ROWS],
        },
        "nodes": {"u": packed(u), "weight": packed((-0.5 * u.square()).softmax(0))},
        "draws": packed((4000 * draws).round(), torch.int16),
        "levels": _levels(known),
        "modes": _modes(known),
    }


def _window(known: Answered) -> tuple[list[float], float]:
    """A window that holds 99.9 % of the posterior and two standard deviations of the encoder's q and of the best Gaussian."""
    density, (first, second) = known.posterior.log_density, known.posterior.axes
    inside = (density > _threshold(density, known, 0.999)).nonzero()
    lows, highs = (
        [float(axis[int(end)]) for axis, end in zip((first, second), ends, strict=True)] for ends in (inside.amin(0), inside.amax(0))
    )
    for q in (known.observation.encoder, known.optima[0][0]):
        lows = [min(low, mean - 2 * sd) for low, mean, sd in zip(lows, q.mean, q.sd, strict=True)]
        highs = [max(high, mean + 2 * sd) for high, mean, sd in zip(highs, q.mean, q.sd, strict=True)]
    reach = max((highs[0] - lows[0]) / 2 / 1.2, (highs[1] - lows[1]) / 2, 0.7) * 1.08
    return [(low + high) / 2 for low, high in zip(lows, highs, strict=True)], reach


def _threshold(density: Tensor, known: Answered, share: float) -> float:
    """The log-density above which `share` of the posterior's mass lies."""
    ordered = density.flatten().sort(descending=True).values
    mass = ordered.softmax(0).cumsum(0)
    return float(ordered[min(int((mass < share).sum()), len(ordered) - 1)])


def _levels(known: Answered) -> list[float]:
    """The contours as values of log p(x, z), the outermost first."""
    density = known.posterior.log_density
    return [_threshold(density, known, share) + known.posterior.log_evidence for share in reversed(SHARES)]


def _modes(known: Answered) -> list[dict]:
    """Where the posterior peaks, and what the decoder draws there."""
    if known.observation.decode is None:
        return []
    table, (first, second) = known.posterior.log_joint, known.posterior.axes
    places = [(i, j) for i, j in known.posterior.modes if table[i, j] > table.max() - SEEN][:4]
    z = torch.tensor([[float(first[i]), float(second[j])] for i, j in places], dtype=torch.float64)
    return [{"at": at.tolist(), "pixels": ink(picture)} for at, picture in zip(z, known.observation.decode(z), strict=True)]
