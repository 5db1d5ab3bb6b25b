"""Best-of-n in the small world, and Gao et al.'s forms of over-optimisation fitted to its curves.

Best-of-n there is sampled, because its KL and reward need the whole distribution of the reward; it says so with standard
errors. The forms are those of Gao, Schulman & Hilton 2022 (arXiv 2210.10760); their coefficients are published as
plots only, so the coefficients found here are of this world and no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .policy import reference, sample
from .reward import word_counts
from .single_step import best_of_n
from .world import World

__all__ = ["SampledBestOfN", "sample_best_of_n", "FORMS", "GainFit", "fit_gain"]

_BATCHES = 20


@dataclass(frozen=True)
class SampledBestOfN:
    """For each n: estimates, each (n's,), from `samples` answers of the reference, with standard errors."""

    n: Tensor
    proxy: Tensor
    proxy_error: Tensor
    gold: Tensor
    gold_error: Tensor
    kl: Tensor
    kl_error: Tensor
    samples: int


def sample_best_of_n(world: World, ns: Sequence[int], samples: int = 20_000, seed: int = 0) -> SampledBestOfN:
    """Proxy, gold and KL of the answer with the best proxy reward of n, estimated for all n from one sample.

    In each of 20 batches the mean is taken over every choice of n different answers of the batch, which is unbiased for
    proxy and gold; the standard error is that of the batches' mean. For the KL the batch's frequencies stand in for
    the reference's, which leaves it a little low, by some 0.003 nats at n = samples/100. ValueError for n beyond that.
    """
    ns = list(ns)
    if not ns or min(ns) < 1 or max(ns) > samples / 100:
        raise ValueError(f"ns is {ns}; each is at least 1 and at most samples/100 = {samples // 100}")
    generator = torch.Generator(world.chain.token.device).manual_seed(seed)
    size = samples // _BATCHES
    batches = torch.stack([_batch(world, ns, size, generator) for _ in range(_BATCHES)])
    mean, error = batches.mean(0), batches.std(0) / _BATCHES**0.5
    n = torch.tensor(ns, dtype=torch.float64, device=mean.device)
    return SampledBestOfN(n, mean[0], error[0], mean[1], error[1], mean[2], error[2], size * _BATCHES)


def _batch(world: World, ns: Sequence[int], size: int, generator: torch.Generator) -> Tensor:
    """(3, n's): proxy, gold and KL of best-of-n among `size` answers."""
    counts = word_counts(world.chain, sample(world.chain, reference(world.chain), size, generator).tokens[0])
    proxy = counts @ world.model.weights - world.model.offset
    proxy = (proxy * 1e9).round() / 1e9  # the same words in another order are a tie, and must not differ by rounding
    gold = world.gold.of_counts(world.chain, counts)
    levels, index, ties = proxy.unique(return_inverse=True, return_counts=True)
    gold_there = torch.zeros_like(levels).index_add_(0, index, gold) / ties
    won = torch.stack([_won_without_replacement(ties, n) for n in ns])
    kl = torch.stack([best_of_n(torch.zeros_like(proxy), proxy, n).kl for n in ns])
    return torch.stack([won @ levels, won @ gold_there, kl])


def _won_without_replacement(ties: Tensor, n: int) -> Tensor:
    """The share of the choices of n different answers in which each level is the best; ties: (levels,) in rising order.

    Of c answers up to a level C(c, n) choices can be made, of C(m, n) in all; their logarithms.
    """
    upto = ties.cumsum(0).double()
    log_choices = torch.where(upto >= n, upto.add(1).lgamma() - (upto - n).clamp_min(0).add(1).lgamma(), -torch.inf)
    share = (log_choices - log_choices[-1]).exp()
    return torch.diff(share, prepend=share.new_zeros(1))


FORMS = ("best_of_n", "rl")


@dataclass(frozen=True)
class GainFit:
    """Coefficients of a form fitted by least squares; rms: root mean square of what it leaves."""

    form: str
    alpha: float
    beta: float
    rms: float

    def __call__(self, kl: Tensor) -> Tensor:
        """The fitted gain at these KL, in nats."""
        linear, bent = _columns(self.form, kl)
        return self.alpha * linear - self.beta * bent

    @property
    def peak(self) -> float:
        """√KL at which the form is greatest; inf if it never turns down."""
        if self.beta <= 0:
            return float("inf")
        ratio = torch.tensor(self.alpha / self.beta, dtype=torch.float64, device="cpu")
        return float(ratio / 2 if self.form == "best_of_n" else (ratio - 1).exp())


def fit_gain(kl: Tensor, gain: Tensor, form: str = "rl") -> GainFit:
    """α and β of gain = d(α − β·d) (form "best_of_n") or d(α − β·log d) ("rl"), d = √KL, by least squares.

    kl: (points,) in nats, at least two that are positive; points at KL 0, where both forms are 0, say nothing.
    gain: (points,) gold reward less the reference's. ValueError for an unknown form, or fewer than two points.
    """
    if form not in FORMS:
        raise ValueError(f"form is {form!r}; it is one of {', '.join(FORMS)}")
    some = kl > 0
    if int(some.sum()) < 2:
        raise ValueError(f"kl has {int(some.sum())} points above 0; a fit needs at least 2")
    linear, bent = _columns(form, kl[some])
    design = torch.stack([linear, -bent], -1)
    alpha, beta = torch.linalg.lstsq(design, gain[some].unsqueeze(-1)).solution.squeeze(-1).tolist()
    fit = GainFit(form, alpha, beta, 0.0)
    return GainFit(form, alpha, beta, float((fit(kl[some]) - gain[some]).square().mean().sqrt()))


def _columns(form: str, kl: Tensor) -> tuple[Tensor, Tensor]:
    d = kl.sqrt()
    return d, kl if form == "best_of_n" else d * torch.where(d > 0, d, 1.0).log()
