"""Diffusion: the ELBO of a one-dimensional diffusion as a sum of KLs, where all of it has a closed form."""

from __future__ import annotations

import math

import torch

from ..vaes.diffusion import MixtureData, diffusion_elbo, level_of
from ..vaes.diffusion_schedules import cosine_schedule, linear_schedule
from .claim import Numbers, Source, closed_form, vector

SUBJECT = "Diffusion"
_HO = Source("Ho, Jain & Abbeel 2020, §3.2, arXiv 2006.11239", "https://arxiv.org/abs/2006.11239")
_BAO = Source("Bao et al. 2022, Analytic-DPM, theorem 1, arXiv 2201.06503", "https://arxiv.org/abs/2201.06503")
_KINGMA = Source("Kingma et al. 2021, Variational diffusion models, equation 13, arXiv 2107.00630", "https://arxiv.org/abs/2107.00630")
_GUO = Source("Guo, Shamai & Verdú 2005, theorem 1, arXiv cs/0412108", "https://arxiv.org/abs/cs/0412108")
_STANDARD = MixtureData((1.0,), (0.0,), (1.0,))
_GAUSSIAN = MixtureData((1.0,), (0.6,), (0.5,))
_LEVELS = (0.9, 0.5, 0.1)


def _entropy(variance: float) -> float:
    return 0.5 * math.log(2 * math.pi * math.e * variance)


def _prior_gap(signal: float, mean: float, variance: float) -> float:
    """KL(N(√ᾱ·m, ᾱ·s² + 1 − ᾱ)‖N(0, 1))."""
    spread = signal * variance + 1 - signal
    return 0.5 * (spread + signal * mean * mean - 1 - math.log(spread))


def _error(level: float, variance: float) -> float:
    """Var(x_0|x_t) of data N(m, s²): s²/(1 + s²·SNR)."""
    return variance / (1 + variance * level / (1 - level))


def _steps() -> list[float]:
    """½(SNR(t − 1) − SNR(t))·Var(x_0|x_t) of data N(0.6, 0.25)."""
    ratios = [level / (1 - level) for level in _LEVELS]
    return [0.5 * (a - b) * _error(level, 0.25) for a, b, level in zip(ratios, ratios[1:], _LEVELS[1:], strict=False)]


def _slope() -> Numbers:
    """dI(x_0; x_t)/dSNR of two hills at SNR 1, over the error that the best denoiser leaves."""
    hills = MixtureData((0.5, 0.5), (-0.9, 0.9), (0.3, 0.3))
    ratio = vector(1.0).requires_grad_()
    level = level_of(hills, ratio / (1 + ratio))
    return torch.autograd.grad(level.information.sum(), ratio)[0] / level.mmse.detach()


CLAIMS = (
    closed_form(
        "diffusion_standard",
        "−ELBO of a diffusion with data N(0, 1) and the variance βₜ at every step, cosine schedule of 6 steps, under q: the data’s entropy",
        _HO,
        "½ log(2πe)",
        _entropy(1.0),
        lambda: diffusion_elbo(_STANDARD, cosine_schedule(6), "large").total,
        unit="nats",
    ),
    closed_form(
        "diffusion_gaussian",
        "What the ELBO leaves out for data N(0.6, ¼) with the best variance of each step, linear schedule of 8 steps: only the KL of x_T, "
        "under q, from N(0, 1)",
        _BAO,
        "½(v + ᾱm² − 1 − log v), v = ᾱs² + 1 − ᾱ",
        _prior_gap(math.exp(-10.05), 0.6, 0.25),
        lambda: diffusion_elbo(_GAUSSIAN, linear_schedule(8), "best").gap,
        absolute=1e-12,
        rule="1e-12 nats: rounding of terms of size 1",
        unit="nats",
    ),
    closed_form(
        "diffusion_snr",
        "KL(q(x_{t−1}|x_t, x_0)‖p(x_{t−1}|x_t)) under q with the variance β̃ₜ, data N(0.6, ¼), ᾱ = 0.9, 0.5, 0.1",
        _KINGMA,
        "½(SNR(t − 1) − SNR(t)) · E[(x₀ − x̂₀)²]",
        _steps(),
        lambda: diffusion_elbo(_GAUSSIAN, vector(*_LEVELS)).terms[1:-1],
        unit="nats",
        parts=("t = 2", "t = 3"),
    ),
    closed_form(
        "diffusion_information",
        "Two hills at ±0.9 of width 0.3, SNR 1: dI(x_0; x_t)/dSNR by autograd, over the mean squared error of E[x_0|x_t]",
        _GUO,
        "½",
        0.5,
        _slope,
        relative=1e-10,
    ),
)
