"""The ELBO: what it leaves out of log p(x), bounds of several samples, and the parts of the rate."""

from __future__ import annotations

import math

import torch

from ..data.digits import load_digits
from ..vaes.elbo_gap import DiagonalGaussian, elbo_of, gaussian_optima
from ..vaes.iwae import importance_bounds, log_weights
from ..vaes.linear_vae import linear_terms, linear_vae_optimum
from ..vaes.rate_parts import RateParts, rate_parts
from ..vaes.shipped import load_vaes
from ..vaes.true_posterior import decoder_log_likelihood, true_posterior
from ..vaes.vae_latent import Encoded
from .claim import Numbers, Source, closed_form, vector

SUBJECT = "ELBO"
_LUCAS = Source("Lucas et al. 2019, arXiv 1911.02469", "https://arxiv.org/abs/1911.02469")
_TIPPING = Source("Tipping & Bishop 1999, Probabilistic principal component analysis", "https://doi.org/10.1111/1467-9868.00196")
_BISHOP = Source("Bishop 2006, Pattern Recognition and Machine Learning, section 10.1.2")
_BURDA = Source("Burda, Grosse & Salakhutdinov 2015, theorem 1, arXiv 1509.00519", "https://arxiv.org/abs/1509.00519")
_SURGERY = Source("Hoffman & Johnson 2016, ELBO surgery", "https://www.approximateinference.org/accepted/HoffmanJohnson2016.pdf")
_PARTS = Source("Chen et al. 2018, equation 2, arXiv 1802.04942", "https://arxiv.org/abs/1802.04942")
_X, _WEIGHT, _MEAN, _SPREAD = 1.5, math.sqrt(3), 0.2, 0.5
_COUNTS = (1, 2, 4, 8, 16, 32, 64)
_MIX = ((1.2, 0.5), (-0.3, 1.6))
_SEEN = (2.6, -1.7)
_SIDES = 10.0


def _linear_kl() -> float:
    """KL from N(0.2, 0.5) to the posterior N(w·x/4, ¼), by plain math."""
    at, width = _WEIGHT * _X / 4, 0.25
    return 0.5 * (math.log(width / _SPREAD) + _SPREAD / width + (_MEAN - at) ** 2 / width - 1)


def _linear() -> Numbers:
    terms = linear_terms(vector(_X), vector(_WEIGHT), vector(_MEAN), vector(_SPREAD))
    return float(terms.log_evidence), float(terms.gap), float(terms.elbo + terms.gap - terms.log_evidence)


def _at_the_optimum() -> Numbers:
    optimum = linear_vae_optimum(4.0, 1.0)
    x = vector(_X)
    return linear_terms(x, optimum.weight_squared.sqrt(), optimum.encoder * x, optimum.spread).gap


def _tilted() -> tuple[float, float, float, float]:
    """Λ₁₁, Λ₂₂ and |Λ| of the posterior of x | z ~ N(Mz, I), then log N(x; 0, MMᵀ + I), by plain math."""
    (a, b), (c, d) = _MIX
    first, second, both = a * a + c * c + 1, b * b + d * d + 1, a * b + c * d
    determinant = first * second - both * both
    across, down, tilt = a * a + b * b + 1, c * c + d * d + 1, a * c + b * d
    x, y = _SEEN
    size = across * down - tilt * tilt
    square = (down * x * x - 2 * tilt * x * y + across * y * y) / size
    return first, second, determinant, -math.log(2 * math.pi) - 0.5 * math.log(size) - 0.5 * square


def _tilted_by_quadrature() -> Numbers:
    mix, x = torch.tensor(_MIX, dtype=torch.float64, device="cpu"), vector(*_SEEN)
    likelihood = lambda z: -0.5 * (z @ mix.T - x).square().sum(-1) - math.log(2 * math.pi)
    posterior = true_posterior(likelihood)
    return posterior.log_evidence, posterior.log_evidence - elbo_of(likelihood, gaussian_optima(posterior)[0]).elbo


def _falls() -> float:
    """How often the bound of a shipped VAE falls from one k to the next, for one digit and its encoder's q."""
    model, image = load_vaes()[1.0], load_digits()[1].images[120]
    mu, logvar = (part[0].double().tolist() for part in model.encode(image.unsqueeze(0)))
    sd = [math.exp(0.5 * value) for value in logvar]
    draws = torch.randn(4096, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    weights = log_weights(decoder_log_likelihood(model, image), DiagonalGaussian((mu[0], mu[1]), (sd[0], sd[1])), draws)
    return float((importance_bounds(weights, _COUNTS).mean.diff() < 0).sum())


def _two_far_apart() -> RateParts:
    """Of two images whose posteriors are N((±10, 0), I)."""
    mu = torch.tensor([[_SIDES, 0.0], [-_SIDES, 0.0]], dtype=torch.float64, device="cpu")
    return rate_parts(Encoded(mu, torch.zeros_like(mu), torch.zeros(2)))


_FIRST, _SECOND, _DETERMINANT, _EVIDENCE = _tilted()

CLAIMS = (
    closed_form(
        "elbo_linear",
        "Linear VAE, w² = 3, σ² = 1, x = 1.5, q = N(0.2, 0.5): log p(x), KL(q‖p(z|x)) under q, and ELBO + KL − log p(x)",
        _TIPPING,
        "log N(x; 0, w² + σ²) · KL · 0",
        (-0.5 * math.log(8 * math.pi) - _X * _X / 8, _linear_kl(), 0.0),
        _linear,
        parts=("log p(x)", "KL", "difference"),
        unit="nats",
    ),
    closed_form(
        "elbo_linear_tight",
        "Linear VAE at its optimum for β = 1, λ = 4, σ² = 1, x = 1.5: KL(q‖p(z|x)) under the encoder’s q",
        _LUCAS,
        "0: the ELBO is log p(x)",
        0.0,
        _at_the_optimum,
        unit="nats",
    ),
    closed_form(
        "elbo_plane",
        "Two latent dimensions, x | z ~ N(Mz, I): log p(x), and KL(q‖p(z|x)) under the best q of diagonal covariance, by quadrature",
        _BISHOP,
        "log N(x; 0, MMᵀ + I) · ½ log(Λ₁₁Λ₂₂/|Λ|)",
        (_EVIDENCE, 0.5 * math.log(_FIRST * _SECOND / _DETERMINANT)),
        _tilted_by_quadrature,
        absolute=1e-6,
        parts=("log p(x)", "KL"),
        unit="nats",
    ),
    closed_form(
        "iwae_rises",
        "How often the bound of k samples falls for k = 1, 2, 4 … 64, on a digit of the VAE that ships with β = 1, samples from q",
        _BURDA,
        "0: L_k ≤ L_k+1",
        0.0,
        _falls,
        absolute=0.5,
        rule="exact: a count",
        corrects="With groups inside groups even the estimates obey it: the log of a mean is at least the mean of logs.",
    ),
    closed_form(
        "rate_information",
        "Two images with posteriors N((±10, 0), I): the mutual information between image and z",
        _SURGERY,
        "log 2",
        math.log(2),
        lambda: _two_far_apart().information,
        absolute=1e-6,
        unit="nats",
    ),
    closed_form(
        "rate_parts",
        "The same two images: total correlation, then KL(q(z₁)‖p(z₁)) and KL(q(z₂)‖p(z₂)), each under q",
        _PARTS,
        "0 · 50 − log 2 · 0",
        (0.0, _SIDES * _SIDES / 2 - math.log(2), 0.0),
        lambda: (_two_far_apart().total_correlation, *_two_far_apart().by_dimension),
        absolute=1e-6,
        parts=("total correlation", "z₁", "z₂"),
        unit="nats",
    ),
)
