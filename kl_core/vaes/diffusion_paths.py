"""Walks of a one-dimensional diffusion: from a point of the data to noise, from noise to data, and the true step back."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .diffusion import MixtureData, denoised, level_of, step_of, step_variance

__all__ = ["forward_path", "PathSteps", "steps_along", "true_step_density", "generated"]


def forward_path(data: MixtureData, alpha_bar: Tensor, seed: int = 0) -> Tensor:
    """(T + 1,) x_0, x_1, …, x_T: one walk of q. The same seed gives the same x_0 and the same noise at every schedule."""
    generator = torch.Generator().manual_seed(seed)
    weights, means, scales = data.tensors
    hill = int(torch.multinomial(weights, 1, generator=generator))
    noise = torch.randn(len(alpha_bar) + 1, generator=generator, dtype=torch.float64, device="cpu")
    places = [means[hill] + scales[hill] * noise[0]]
    for alpha, draw in zip(alpha_bar / torch.cat([alpha_bar.new_ones(1), alpha_bar[:-1]]), noise[1:], strict=True):
        places.append(alpha.sqrt() * places[-1] + (1 - alpha).sqrt() * draw)
    return torch.stack(places)


@dataclass(frozen=True, eq=False)
class PathSteps:
    """Along one walk, for t = 2 … T, each (T − 1,): guess, E[x_0|x_t]; mean_q, sd_q of q(x_{t−1}|x_t, x_0); mean_p, sd_p of
    p(x_{t−1}|x_t); kl: KL(q‖p) of these two, nats."""

    guess: Tensor
    mean_q: Tensor
    sd_q: Tensor
    mean_p: Tensor
    sd_p: Tensor
    kl: Tensor


def steps_along(data: MixtureData, alpha_bar: Tensor, path: Tensor, variance: str = "small") -> PathSteps:
    """path: (T + 1,), x_0 … x_T. variance: as of `diffusion.step_variance`."""
    step, state = step_of(alpha_bar[:-1], alpha_bar[1:]), path[2:]
    guess = denoised(data, alpha_bar[1:], state).mean
    chosen = step_variance(step, level_of(data, alpha_bar[1:]).mmse, variance)
    mean_q, mean_p = (step.of_data * x_0 + step.of_state * state for x_0 in (path[0], guess))
    kl = 0.5 * ((step.variance + (mean_q - mean_p) ** 2) / chosen - 1 + (chosen / step.variance).log())
    return PathSteps(guess, mean_q, step.variance.sqrt(), mean_p, chosen.sqrt(), kl)


def true_step_density(data: MixtureData, before: Tensor, after: Tensor, state: Tensor, x: Tensor) -> Tensor:
    """q(x_{t−1}|x_t) at x, without x_0: q(x_{t−1})·q(x_t|x_{t−1})/q(x_t). before, after: ᾱ_{t−1} and ᾱ_t; all broadcast."""
    alpha = after / before
    gap = state - alpha.sqrt() * x
    log_forward = -0.5 * (gap * gap / (1 - alpha) + (2 * torch.pi * (1 - alpha)).log())
    return (denoised(data, before, x).log_density + log_forward - denoised(data, after, state).log_density).exp()


def generated(data: MixtureData, alpha_bar: Tensor, variance: str = "small", count: int = 256, seed: int = 0) -> Tensor:
    """(T + 1, count) x_0 … x_T of the model: x_T ~ N(0, 1), then each p(x_{t−1}|x_t). The same noise for the same seed."""
    generator = torch.Generator().manual_seed(seed)
    draw = lambda: torch.randn(count, generator=generator, dtype=torch.float64, device="cpu")
    mmse = level_of(data, alpha_bar).mmse
    step = step_of(alpha_bar[:-1], alpha_bar[1:])
    sds = step_variance(step, mmse[1:], variance).sqrt()
    places = [draw()]
    for t in range(len(alpha_bar) - 1, 0, -1):
        guess = denoised(data, alpha_bar[t], places[-1]).mean
        places.append(step.of_data[t - 1] * guess + step.of_state[t - 1] * places[-1] + sds[t - 1] * draw())
    places.append(denoised(data, alpha_bar[0], places[-1]).mean + mmse[0].sqrt() * draw())
    return torch.stack(places[::-1])
