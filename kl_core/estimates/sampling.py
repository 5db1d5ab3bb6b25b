"""KL by sampling, for what neither a closed form nor quadrature reaches: mixtures in several dimensions."""

from __future__ import annotations

from math import inf, sqrt

import torch
from torch import Tensor
from torch.distributions import Distribution

from .empirical import KLEstimate

__all__ = ["kl_by_sampling"]

_AT_ONCE = 2**14
_FEWEST = 256


def kl_by_sampling(p: Distribution, q: Distribution, samples: int = 100_000, seed: int = 0) -> KLEstimate:
    """KL(P‖Q) in nats from samples of P, with its standard error; the same for the same seed.

    p, q: of batch shape () and of one event shape; p can be sampled. samples: from 256 on. seed: of torch's generator.
    The mean of log p − log q + c·(q/p − 1), whose second part has mean 0 where Q has no mass outside P's support; c is chosen
    to make the error least, from the same samples (a control variate: Owen 2013, "Monte Carlo theory, methods and examples",
    §8.9), and 0 where q/p has no steady variance. Not rounded up: it may be negative next to equality. inf where Q gives a
    sample no probability. ValueError for batches, for values of two shapes, or for fewer than 256 samples.
    """
    if p.batch_shape != () or q.batch_shape != () or p.event_shape != q.event_shape:
        raise ValueError(
            f"p and q need batch shape () and values alike, not {tuple(p.batch_shape)}, {tuple(q.batch_shape)} with values of "
            f"{tuple(p.event_shape)}, {tuple(q.event_shape)}"
        )
    if samples < _FEWEST:
        raise ValueError(f"samples is {samples}; an error bar needs at least {_FEWEST}")
    ratio = _log_ratios(p, q, samples, seed)
    if bool((ratio == inf).any()):
        return KLEstimate(inf, float("nan"), float("nan"))
    control = torch.expm1(-ratio)
    steady = float(control.abs().max()) < 0.02 * samples  # one sample does not decide its variance
    centred = control - control.mean()
    slope = float((centred * ratio).mean() / centred.square().mean()) if steady and float(centred.abs().max()) > 0 else 0.0
    values = ratio - slope * control
    return KLEstimate(float(values.mean()), float(values.std()) / sqrt(samples), 0.0)


def _log_ratios(p: Distribution, q: Distribution, samples: int, seed: int) -> Tensor:
    """log p − log q at samples of P, in float64; torch's own generator is left as it was."""
    parts = []
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        for start in range(0, samples, _AT_ONCE):
            x = p.sample((min(_AT_ONCE, samples - start),))
            parts.append(p.log_prob(x).double() - q.log_prob(x).double())
    return torch.cat(parts)
