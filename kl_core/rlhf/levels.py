"""The whole distribution of the proxy reward under the reference, level by level, and what follows from it exactly.

Best-of-n, π*_β and χPO's limit choose among answers by their reward alone. So the probability of each level of reward
under π_ref, and the mean gold reward of the answers at that level, give their KL, proxy and gold without any sample.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import torch
from scipy.special import wrightomega
from torch import Tensor

from .bags import bags_of
from .world import World

__all__ = ["Levels", "reward_levels", "Chosen", "best_of_many", "win_rate", "tilted", "chi_tilted"]

_DIGITS = 1e8  # rewards are the same level if they agree to eight places: the same words in another order


@dataclass(frozen=True)
class Levels:
    """reward: (levels,) rising. mass: (levels,) their probabilities under π_ref. gold: (levels,) mean gold of answers there."""

    reward: Tensor
    mass: Tensor
    gold: Tensor


def reward_levels(world: World) -> Levels:
    """Every level of the proxy reward that the reference reaches, exactly: the sum over the words of every bag that it can say.

    Some 0.05 s for the default world, once its bags are known: `bags_of` finds those for all reward models at once, in some 0.5 s.
    ValueError for a world with smoothing, whose answers are too many.
    """
    chain, gold = world.chain, world.gold
    bags = bags_of(chain, tuple(gold.first))
    weights, mentions = world.model.weights, gold.of_mentions(chain)
    first = mentions.clone()
    first[chain.numbers(gold.first)] += gold.of_first_mention(chain)
    return _merged(bags.total(weights, weights) - world.model.offset, bags.mass, bags.total(mentions, first))


def _merged(reward: Tensor, mass: Tensor, gold: Tensor) -> Levels:
    """Answers of one reward as one level, in rising order."""
    level, order = (reward * _DIGITS).round().long().sort()
    begins = torch.ones_like(level, dtype=torch.bool)
    begins[1:] = level[1:] != level[:-1]
    group = begins.long().cumsum(0) - 1
    added = lambda values: values.new_zeros(int(group[-1]) + 1).index_add_(0, group, values.index_select(0, order))
    together = added(mass)
    return Levels(reward.index_select(0, order[begins]), together, added(mass * gold) / together)


@dataclass(frozen=True)
class Chosen:
    """Of policies that choose by reward, each (batch,): mean proxy and gold reward, and KL from the reference in nats."""

    proxy: Tensor
    gold: Tensor
    kl: Tensor


def _chosen(levels: Levels, log_ratio: Tensor) -> Chosen:
    """From log π − log π_ref of each level, (batch, levels)."""
    share = levels.mass * log_ratio.exp()
    kl = (share * torch.where(share > 0, log_ratio, 0.0)).sum(-1)
    return Chosen(share @ levels.reward, share @ levels.gold, kl.clamp_min(0.0))


def best_of_many(levels: Levels, ns: Sequence[float]) -> Chosen:
    """Best-of-n for each n ≥ 1, which need not be whole, exactly and with ties: a level is won with probability Fⁿ − F₋ⁿ.

    F: the probability under π_ref of at most this reward; ties are won by any of the tied draws alike. Its KL is at
    most log n − (n − 1)/n (Beirami et al. 2024, arXiv 2401.01879). ValueError for an n below 1.
    """
    if not len(ns) or not min(ns) >= 1:
        raise ValueError(f"ns is {list(ns)}; each is at least 1")
    ranks = _ranks(levels)
    # One n after the other: what a processor holds at once is several times as fast.
    chosen = [_best_of(levels, *_won(levels, n, ranks)) for n in ns]
    return Chosen(*(torch.stack([getattr(one, field.name) for one in chosen]) for field in fields(Chosen)))


def win_rate(levels: Levels, ns: Sequence[float]) -> Tensor:
    """(n's,) how often best-of-n beats one more draw of the reference, ties counted half: at most n/(n + 1), and that without ties."""
    ranks = _ranks(levels)
    beaten = levels.mass.cumsum(0) - levels.mass / 2
    return torch.stack([won @ beaten[low:] for low, won, _ in (_won(levels, n, ranks) for n in ns)])


def _best_of(levels: Levels, low: int, won: Tensor, log_ratio: Tensor) -> Chosen:
    return Chosen(won @ levels.reward[low:], won @ levels.gold[low:], (won @ log_ratio).clamp_min(0.0))


def _ranks(levels: Levels) -> tuple[Tensor, Tensor, Tensor]:
    """Of each level: log F; x = log F − log F₋; log(x/mass)."""
    mass, upto = levels.mass, levels.mass.cumsum(0)
    above = torch.cat([mass.flip(0).cumsum(0).flip(0)[1:], mass.new_zeros(1)])
    log_upto = torch.where(above < 0.5, torch.log1p(-above.clamp(0, 1)), upto.log())
    fall = -torch.log1p(-(mass / upto).clamp(max=1))
    return log_upto, fall, (fall / mass).log()


_SMALL = 0.03


def _won(levels: Levels, n: float, ranks: tuple[Tensor, Tensor, Tensor]) -> tuple[int, Tensor, Tensor]:
    """The first level that best-of-n reaches, and from there on the probability of each, Fⁿ − F₋ⁿ, and the log of its ratio to the mass.

    Below that level all n draws fall with a probability of less than e^−60, which is less than rounding. The log-ratio is
    n·log F + log(x/mass) + log((1 − e^−x)/x), x = n·fall; the last is a short series where x is small, as it is at almost every level.
    """
    if n == 1:
        return 0, levels.mass, torch.zeros_like(levels.mass)
    log_upto, fall, steepness = ranks
    low = int(torch.searchsorted(log_upto, -60.0 / n))
    mass, upto, x = levels.mass[low:], log_upto[low:], n * fall[low:]
    series = (x * x).mul_(-1 / 2880).add_(1 / 24).mul_(x).sub_(0.5).mul_(x)
    log_ratio = series.add_(steepness[low:]).add_(upto, alpha=n).add_(math.log(n))
    (large,) = torch.nonzero(x > _SMALL, as_tuple=True)
    log_ratio[large] = n * upto[large] + torch.log(-torch.expm1(-x[large])) - mass[large].log()
    return low, log_ratio.exp().mul_(mass), log_ratio


def tilted(levels: Levels, betas: Sequence[float]) -> Chosen:
    """π*_β ∝ π_ref·exp(r/β) for each β in (0, ∞): what `World.optimum` finds by another way."""
    beta = _positive(levels, betas)
    gain = levels.reward / beta
    return _chosen(levels, gain - (levels.mass.log() + gain).logsumexp(-1, keepdim=True))


def chi_tilted(levels: Levels, betas: Sequence[float]) -> Chosen:
    """What χPO tends to with unlimited pairs that cover everything: ρ + log ρ = (r − λ)/β, ρ = π/π_ref (Huang et al. 2024,
    arXiv 2407.13399): the optimum of E[r] − β·KL(π‖π_ref) − β/2·χ²(π‖π_ref), with χ² = E_ref[(ρ − 1)²]. Each β in (0, ∞).

    ρ is Wright's omega function of (r − λ)/β, and λ makes it a distribution; it grows with r and not with e^r, so it
    stays near the reference.
    """
    beta = _positive(levels, betas)
    gain = levels.reward / beta
    # E_ref[ω(gain − λ)] = 1: ω is convex with ω(1) = 1, so λ = E_ref[gain] − 1 is at most the root, and Newton's steps
    # climb from there and never pass it.
    shift = gain @ levels.mass.unsqueeze(-1) - 1
    for _ in range(60):
        rho = torch.from_numpy(wrightomega((gain - shift).numpy())).to(gain)
        excess = rho @ levels.mass - 1
        move = excess / ((rho / (1 + rho)) @ levels.mass)
        shift = shift + move.unsqueeze(-1)
        if bool((move.abs() < 1e-13 * (1 + shift.squeeze(-1).abs())).all()):
            break
    log_rho = gain - shift - rho
    return _chosen(levels, log_rho - (levels.mass.log() + log_rho).logsumexp(-1, keepdim=True))


def _positive(levels: Levels, betas: Sequence[float]) -> Tensor:
    beta = torch.as_tensor(betas, dtype=levels.mass.dtype, device=levels.mass.device).reshape(-1, 1)
    if not bool(((beta > 0) & beta.isfinite()).all()):
        raise ValueError(f"betas is {beta.flatten().tolist()}; each is a finite number above 0")
    return beta
