"""The whole distribution of the proxy reward under the reference, level by level, and what follows from it exactly.

Best-of-n, π*_β and χPO's limit choose among answers by their reward alone. So the probability of each level of reward
under π_ref, and the mean gold reward of the answers at that level, give their KL, proxy and gold without any sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from scipy.special import wrightomega
from torch import Tensor

from .language import START
from .world import World

__all__ = ["Levels", "reward_levels", "Chosen", "best_of_many", "win_rate", "tilted", "chi_tilted"]

_DIGITS = 1e8  # rewards are the same level if they agree to eight places: the same words in another order
_MOST = 3_000_000


@dataclass(frozen=True)
class Levels:
    """reward: (levels,) rising. mass: (levels,) their probabilities under π_ref. gold: (levels,) mean gold of answers there."""

    reward: Tensor
    mass: Tensor
    gold: Tensor


def reward_levels(world: World) -> Levels:
    """Every level of the proxy reward that the reference reaches, exactly, by walking all answers and merging equal ones.

    Two openings are merged when they end in the same word, have made the same points and have the same reward: from
    there on the same can be said. Some 1 s for the default world. ValueError for a world with smoothing, whose answers
    are too many.
    """
    chain, first = world.chain, list(world.gold.first)
    source, slot = chain.steps
    target = chain.successors[source, slot]
    step_reward, step_gold = world.proxy[source, slot], world.gold.each(chain)[source, slot]
    bits = torch.zeros(len(chain.words), dtype=torch.long, device=target.device)
    bits[chain.numbers(first)] = 2 ** torch.arange(len(first), device=target.device)
    bonus = torch.zeros(len(chain.words), dtype=step_gold.dtype, device=target.device)
    bonus[chain.numbers(first)] = torch.tensor(list(world.gold.first.values()), dtype=bonus.dtype, device=bonus.device) + world.gold.again
    probs = chain.log_probs[source, slot].exp()
    order = torch.argsort(source, stable=True)
    starts = torch.searchsorted(source[order], torch.arange(len(chain.words) + 1, device=source.device))
    token, said, reward, mass, gold = (torch.zeros(1, dtype=kind, device=target.device) for kind in _KINDS)
    mass[0], token[0] = 1, START
    for _ in range(chain.length):
        count = starts[token + 1] - starts[token]
        here = torch.repeat_interleave(torch.arange(len(token), device=token.device), count)
        if len(here) > _MOST:
            raise ValueError("this world can say too many different answers to list their rewards; without smoothing it cannot")
        nth = torch.arange(len(here), device=token.device) - torch.repeat_interleave(count.cumsum(0) - count, count)
        edge = order[starts[token[here]] + nth]
        word = target[edge]
        new = (bits[word] & ~said[here]) != 0
        share = mass[here] * probs[edge]
        worth = gold[here] * probs[edge] + share * (step_gold[edge] + new * bonus[word])
        token, said, reward, mass, gold = _merged(word, said[here] | bits[word], reward[here] + step_reward[edge], share, worth)
    _, _, reward, mass, gold = _merged(torch.zeros_like(token), torch.zeros_like(said), reward, mass, gold)
    return Levels(reward, mass / mass.sum(), gold / mass)


_KINDS = (torch.long, torch.long, torch.float64, torch.float64, torch.float64)


def _merged(token: Tensor, said: Tensor, reward: Tensor, mass: Tensor, gold: Tensor) -> tuple[Tensor, ...]:
    """The rows that agree in word, points made and reward as one, sorted by reward last; masses and gold add up."""
    level = (reward * _DIGITS).round().long()
    level = level - level.min()
    span = int(level.max()) + 1
    key, index = ((token * (1 + int(said.max())) + said) * span + level).unique(return_inverse=True)
    added = lambda values: torch.zeros(len(key), dtype=values.dtype, device=key.device).index_add_(0, index, values)
    some = torch.empty_like(key).scatter_(0, index, torch.arange(len(index), device=key.device))  # any row of each
    return token[some], said[some], reward[some], added(mass), added(gold)


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
    n = torch.as_tensor(ns, dtype=levels.mass.dtype, device=levels.mass.device).unsqueeze(-1)
    above = torch.cat([levels.mass.flip(0).cumsum(0).flip(0)[1:], levels.mass.new_zeros(1)])
    log_upto = torch.where(above < 0.5, torch.log1p(-above.clamp(0, 1)), levels.mass.cumsum(0).log())
    log_before = torch.cat([log_upto.new_full((1,), -torch.inf), log_upto[:-1]])
    log_won = n * log_upto + torch.log(-torch.expm1(n * (log_before - log_upto)))
    return _chosen(levels, log_won - levels.mass.log())


def win_rate(levels: Levels, ns: Sequence[float]) -> Tensor:
    """(n's,) how often best-of-n beats one more draw of the reference, ties counted half: at most n/(n + 1), and that without ties."""
    n = torch.as_tensor(ns, dtype=levels.mass.dtype, device=levels.mass.device).unsqueeze(-1)
    upto = levels.mass.cumsum(0).clamp(max=1)
    upto[-1] = 1
    before = torch.cat([upto.new_zeros(1), upto[:-1]])
    return ((upto**n - before**n) * (before + upto) / 2).sum(-1)


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
