"""VAEs: the KL of a posterior, reductions, and the linear VAE with its collapse."""

from __future__ import annotations

import math

import torch

from ..data.digits import load_digits
from ..vaes.linear_vae import LinearStep, LinearTraining, collapse_beta, linear_vae_optimum
from ..vaes.shipped import load_vaes
from ..vaes.vae import COLLAPSED_BELOW, effective_beta, free_bits_rate, kl_terms_of_posterior, posterior_kl
from ..vaes.vae_latent import collapse_threshold, encode
from .claim import Numbers, Source, closed_form, printed, vector

SUBJECT = "VAE"
_KINGMA = Source("Kingma & Welling 2014, appendix B, arXiv 1312.6114", "https://arxiv.org/abs/1312.6114")
_LUCAS = Source("Lucas et al. 2019, arXiv 1911.02469", "https://arxiv.org/abs/1911.02469")
_OPTIMUM = Source("Reference values of this project, from the exact optimum of the linear VAE", _LUCAS.url)
_FREE = Source("Kingma et al. 2016, appendix C.8, arXiv 1606.04934", "https://arxiv.org/abs/1606.04934")
_COUNTING = Source("Counting the terms of each reduction")
_PRIOR = "KL(N(μ, σ²)‖N(0, 1)), under the posterior"
_BETAS = (0.25, 0.5, 1.0, 2.0, 3.0, 4.1)


def _kl(mu: float, var: float) -> float:
    return -0.5 * (1 + math.log(var) - mu * mu - var)


def _sum_of_terms() -> Numbers:
    terms = kl_terms_of_posterior(vector(1.5), vector(math.log(0.25)))
    return terms.constant + terms.log_variance + terms.mean + terms.variance


def _rate(beta: float, variance: float = 4.0) -> float:
    return max(0.0, 0.5 * math.log(variance / beta))


def _trained() -> LinearStep:
    """The last step of six linear VAEs trained beside each other."""
    return [*LinearTraining(4.0, _BETAS, steps=800)][-1]


def _trade() -> Numbers:
    """dD/dR along β at β = 2, by autograd: minus β."""
    beta = vector(2.0).requires_grad_()
    optimum = linear_vae_optimum(4.0, beta)
    slopes = [torch.autograd.grad(part.sum(), beta, retain_graph=True)[0] for part in (optimum.distortion, optimum.rate)]
    return slopes[0] / slopes[1]


def _shipped(beyond: bool) -> float:
    """Latent dimensions in use, of all networks that ship with β beyond the threshold, or of that at β = 1."""
    test = load_digits()[1]
    threshold = collapse_threshold(load_digits()[0])
    chosen = [model for beta, model in load_vaes().items() if (beta > 1.1 * threshold if beyond else beta == 1)]
    kls = [posterior_kl(posterior.mu, posterior.logvar).mean(0) for posterior in (encode(model, test) for model in chosen)]
    return float(sum(int((kl >= COLLAPSED_BELOW).sum()) for kl in kls))


CLAIMS = (
    closed_form(
        "vae_kl",
        f"{_PRIOR}, at μ = 1.5, σ² = 0.25",
        _KINGMA,
        "−½(1 + log σ² − μ² − σ²)",
        _kl(1.5, 0.25),
        lambda: posterior_kl(vector(1.5), vector(math.log(0.25))),
        unit="nats",
    ),
    closed_form(
        "vae_terms",
        "The same as the sum of its four terms",
        _KINGMA,
        "−½ − ½ log σ² + ½ μ² + ½ σ²",
        _kl(1.5, 0.25),
        _sum_of_terms,
        unit="nats",
    ),
    closed_form(
        "vae_sum_and_mean",
        "β as it works on a batch of 64 of 784 pixels, 2 latent dimensions, β = 1: KL summed, reconstruction a mean over images; "
        "over pixels too; both summed",
        _COUNTING,
        "β · 64 · 1; β · 64 · 784; β",
        (64.0, 50176.0, 1.0),
        lambda: [effective_beta(1.0, how, batch=64, pixels=784, latent=2) for how in ("mean_and_sum", "element_and_sum", "sum")],
        parts=("mean + sum", "element + sum", "sum + sum"),
        corrects="A KL summed over the batch, beside a reconstruction loss that is a mean over it, multiplies β by the batch size.",
    ),
    closed_form(
        "vae_free_bits",
        "Rate with ½ nat a dimension free, of mean KLs 0.2 and 2 nats, under the posterior",
        _FREE,
        "Σ max(½, KL)",
        2.5,
        lambda: free_bits_rate(vector(0.2, 2.0).unsqueeze(0), 0.5),
        unit="nats",
    ),
    printed(
        "linear_kl",
        "Linear VAE, λ = 4, σ² = 1, β = 1: KL(posterior‖prior), under the posterior",
        _OPTIMUM,
        "0.69315",
        lambda: linear_vae_optimum(4.0, 1.0).rate,
        unit="nats",
    ),
    closed_form(
        "linear_collapsed",
        "Linear VAE, λ = 4, σ² = 1, β = 4.1: KL(posterior‖prior), under the posterior, is 0",
        _LUCAS,
        "0 from βσ² ≥ λ on",
        0.0,
        lambda: linear_vae_optimum(4.0, 4.1).rate,
        unit="nats",
    ),
    closed_form(
        "linear_optimum",
        "Linear VAE, λ = 4, σ² = 1.5, β = 0.8: the decoder’s weight², and KL under the posterior",
        _LUCAS,
        "max(0, λ − βσ²) · ½ ln(λ/(βσ²))",
        (2.8, 0.5 * math.log(4 / 1.2)),
        lambda: (linear_vae_optimum(4.0, 0.8, 1.5).weight_squared, linear_vae_optimum(4.0, 0.8, 1.5).rate),
        parts=("weight²", "KL, nats"),
    ),
    closed_form(
        "linear_threshold",
        "The β from which on the linear VAE’s posterior is the prior, λ = 4, σ² = 1",
        _LUCAS,
        "λ/σ²",
        4.0,
        lambda: collapse_beta(4.0, 1.0),
    ),
    closed_form("linear_trade", "dD/dR of the linear VAE at β = 2, by autograd: what a nat of rate buys", _LUCAS, "−β", -2.0, _trade),
    closed_form(
        "linear_trained",
        "KL of six linear VAEs really trained, 800 steps of sampling, λ = 4, σ² = 1, under the posterior",
        _LUCAS,
        "max(0, ½ ln(λ/β))",
        [_rate(beta) for beta in _BETAS],
        lambda: _trained().rate,
        absolute=0.02,
        rule="0.02 nats: the noise of a training",
        unit="nats",
        parts=[f"β = {beta:g}" for beta in _BETAS],
    ),
    closed_form(
        "vae_shipped",
        "Latent dimensions of the digit VAEs that ship with KL of at least 0.01 nats: in all with β 10 % beyond the threshold "
        "of theory, and at β = 1",
        _LUCAS,
        "0 beyond · 2 at β = 1",
        (0.0, 2.0),
        lambda: (_shipped(True), _shipped(False)),
        absolute=0.5,
        rule="exact: a count",
        parts=("beyond", "β = 1"),
    ),
)
