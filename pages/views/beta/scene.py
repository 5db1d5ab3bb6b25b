"""The small world at every β: what the best policy earns, what it costs in KL, and what it says."""

from dataclasses import dataclass, fields, replace
from math import inf

import torch
from torch import Tensor

from kl_core.rlhf.language import as_text
from kl_core.rlhf.levels import Chosen, best_of_many, reward_levels
from kl_core.rlhf.overoptimisation import GainFit, fit_gain
from kl_core.rlhf.policy import Optimum, Sentences, kl_along, optimum, sample
from kl_core.rlhf.world import PolicyMeasures, World, betas, build_world

from ...shared.cache import shared_cache
from ...shared.live import scene
from ...shared.live.tables import packed
from ...shared.style import Unit, amount

BEST_OF = (1, 2, 4, 8, 16, 32, 64, 128)
SENTENCES = 5
FITTED_BELOW = 5.0
"""KL in nats below which Gao's form is fitted: beyond, the policy has but one thing left to say."""


@dataclass(frozen=True)
class WorldSettings:
    """How the reward model was trained: pairs, the labeller's noise and the seed; and the unit of its reward."""

    pairs: int = 1000
    noise: float = 1.0
    seed: int = 0
    scale: float = 1.0


@dataclass(frozen=True)
class PolicyFrames:
    """Of π*_β at each β, from 0 to ∞: what it gives, and sentences with the KL spent at each word."""

    betas: Tensor
    measures: PolicyMeasures
    sentences: Sentences
    costs: Tensor


@shared_cache(32)
def world_of(pairs: int, noise: float, seed: int) -> World:
    """Built once a server for all visitors who ask for the same."""
    return build_world(pairs, noise, seed)


def frames_of(settings: WorldSettings, beta: float | None = None) -> PolicyFrames:
    """The exact optimum at 65 β, and at one more that a link may ask for, for a reward that counts `settings.scale` times."""
    frames = _frames_at(settings, None)
    if beta is None or not 0 < beta < inf or bool(((frames.betas / beta - 1).abs() < 1e-5).any()):
        return frames
    return _with(frames, _frames_at(settings, float(beta)))


@shared_cache(48)
def _frames_at(settings: WorldSettings, beta: float | None) -> PolicyFrames:
    """At the 65 β that all share, or at one."""
    world = world_of(settings.pairs, settings.noise, settings.seed)
    grid = betas() if beta is None else torch.tensor([beta], dtype=torch.float64)
    best = optimum(world.chain, settings.scale * world.proxy, grid)
    said = sample(world.chain, best, SENTENCES, settings.seed)
    return PolicyFrames(grid, _measured(world, best), said, kl_along(world.chain, best, said)[1])


def _with(frames: PolicyFrames, other: PolicyFrames) -> PolicyFrames:
    """Both, in the order of β. Each β stands for itself, so it does not matter beside which others it was computed."""
    grid, order = torch.cat([frames.betas, other.betas]).sort()

    def joined(kind: type, first: object, second: object):
        return kind(*(torch.cat([getattr(first, one.name), getattr(second, one.name)])[order] for one in fields(kind)))

    measures = joined(PolicyMeasures, frames.measures, other.measures)
    sentences = joined(Sentences, frames.sentences, other.sentences)
    return PolicyFrames(grid, measures, sentences, torch.cat([frames.costs, other.costs])[order])


def _measured(world: World, policy: Optimum) -> PolicyMeasures:
    """What a policy gives; a mean that is 0 but for rounding is 0."""
    measures = world.measure(policy)
    return replace(measures, proxy=torch.where(measures.proxy.abs() < 1e-12, 0.0, measures.proxy))


@shared_cache(32)
def best_of_n_of(pairs: int, noise: float, seed: int) -> Chosen:
    """At each of BEST_OF, exactly and with ties."""
    return best_of_many(reward_levels(world_of(pairs, noise, seed)), BEST_OF)


def peak_of(frames: PolicyFrames) -> int:
    """The place at which gold is greatest."""
    return int(frames.measures.gold.argmax())


def gains_of(frames: PolicyFrames) -> tuple[Tensor, Tensor]:
    """The true reward and the reward model's score over the reference's, (betas,) each, unscaled."""
    measures = frames.measures
    return measures.gold - measures.gold[-1], measures.proxy - measures.proxy[-1]


def _numbers(settings: WorldSettings, frames: PolicyFrames) -> dict[str, Tensor]:
    """What the readouts show at each β."""
    (gold, proxy), measures = gains_of(frames), frames.measures
    length = world_of(settings.pairs, settings.noise, settings.seed).chain.length
    return {"gold": gold, "proxy": proxy, "kl": measures.kl, "kl_token": measures.kl / length, "entropy": measures.entropy}


def penalty_scene(settings: WorldSettings, unit: Unit, start: float, best: float | None = None) -> dict:
    """β under the scrubber, from ∞ to 0; the numbers; gold and proxy against √KL; the sentences. best: a β that has its own place."""
    world, frames = world_of(settings.pairs, settings.noise, settings.seed), _frames_with(settings, start, best)
    numbers = {name: values.flip(0) for name, values in _numbers(settings, frames).items()}
    falling = frames.betas.flip(0)
    return {
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "size": "ruled",
        "numbers": {name: scene.number(name, (), float(values[0]), status="exact, over all sentences") for name, values in numbers.items()},
        "readouts": _readouts(settings.scale),
        "panels": [{**_REWARDS, "note": _course(frames)}, _SENTENCES],
        "charts": {"rewards": _chart(settings, frames, unit)},
        "sentences": _sentences(world, frames),
        "scrub": {
            "label": "β, the price per nat of KL in units of reward",
            "unit": "β =",
            "values": packed(falling),
            "numbers": {name: packed(values) for name, values in numbers.items()},
            "seconds": 12,
            "start": len(falling) - 1 - scene.nearest(frames.betas, start),
        },
        "export": "beta",
        "hint": "Large β, at the left: the reference’s own prose. The smaller β, the more the reward model decides what is said.",
    }


def _frames_with(settings: WorldSettings, start: float, best: float | None) -> PolicyFrames:
    """The frames at which the scrubber may stand, `best` among them."""
    frames = frames_of(settings, start)
    near = best is None or not 0 < best < inf or bool(((frames.betas / best - 1).abs() < 1e-5).any())
    return frames if near else _with(frames, _frames_at(settings, best))


def _sentences(world: World, frames: PolicyFrames) -> dict:
    """The words, and the tokens and costs of the sentences at each β, from ∞ to 0."""
    return {
        "words": list(world.chain.words),
        "count": SENTENCES,
        "length": world.chain.length,
        "tokens": packed(frames.sentences.tokens.flip(0), torch.uint8),
        "costs": packed(frames.costs.flip(0), torch.float32),
    }


def _course(frames: PolicyFrames) -> str:
    """What gold does as the proxy is optimised harder: it need not fall for every reward model."""
    gold = frames.measures.gold
    falls = float(gold.max() - gold[0]) > 0.5
    return "follow the dots: the score only rises; " + (
        "the true reward rises, peaks and falls" if falls else "here the true reward ends high"
    )


_SERIES = [
    {"style": "gold", "label": "true reward"},
    {"style": "proxy", "label": "reward model"},
    {"style": "gold thin", "label": "best-of-n, true reward"},
    {"style": "faint", "label": "Gao’s form"},
]


def _readouts(scale: float) -> list[dict]:
    return [
        {"quantity": "gold", "title": "True reward", "note": "what the user wants", "plain": True},
        {"quantity": "proxy", "title": "Reward model’s score", "note": f"training counts × {scale:g}", "plain": True},
        {"quantity": "kl", "title": "KL(π‖π_ref)", "note": "under π, per sentence"},
        {"quantity": "entropy", "title": "Entropy of π", "note": "per sentence"},
    ]


_REWARDS = {
    "kind": "chart",
    "name": "rewards",
    "half": True,
    "title": "Reward gained over π_ref, against √KL (nats)",
    "label": "True reward and reward model’s score against the root of KL",
    "series": _SERIES,
}
_SENTENCES = {
    "kind": "sentences",
    "half": True,
    "title": "What the policy says",
    "note": "sampled with the same random seed at every β; shade: KL spent at that word",
}


def gain(value: float) -> str:
    """A reward over the reference's, with its sign and two decimals."""
    return "0" if abs(value) < 0.005 else f"{value:+.2f}".replace("-", "−")


def gain_fits(frames: PolicyFrames) -> dict[str, GainFit]:
    """Gao's two forms fitted to what this world's gold gains on the reference's."""
    measures = frames.measures
    near = (measures.kl > 0) & (measures.kl < FITTED_BELOW)
    gain = measures.gold[near] - measures.gold[-1]
    return {
        name: fit_gain(measures.kl[near], gain, form)
        for name, form in (("that of best-of-n, d(a − b·d)", "best_of_n"), ("that of RL, d(a − b·log d)", "rl"))
    }


def _chart(settings: WorldSettings, frames: PolicyFrames, unit: Unit) -> dict:
    """Rewards over the reference's against √KL, best-of-n and Gao's form beside them."""
    (gold, proxy), measures = gains_of(frames), frames.measures
    root = measures.kl.sqrt()
    best_of = best_of_n_of(settings.pairs, settings.noise, settings.seed)
    best_gold = best_of.gold - measures.gold[-1]
    fit = min(gain_fits(frames).values(), key=lambda one: one.rms)
    drawn = torch.linspace(0, FITTED_BELOW**0.5, 60, dtype=torch.float64)
    lines = [(root.flip(0), gold.flip(0)), (root.flip(0), proxy.flip(0)), (best_of.kl.sqrt(), best_gold), (drawn, fit(drawn.square()))]
    low, high = float(min(gold.min(), proxy.min())), float(max(gold.max(), proxy.max(), best_gold.max()))
    margin = 0.08 * (high - low)
    top = peak_of(frames)
    beta, kl = float(frames.betas[top]), amount(float(measures.kl[top]), unit)
    label = f"true reward peaks at {gain(float(gold[top]))}, β = {beta:.2g}, KL {kl}"
    return {
        "x_range": [0.0, float(root.max()) * 1.02],
        "y_range": [low - margin, high + margin],
        "places": packed(root.flip(0)),
        "dots": [0, 1],
        "series": [{"x": packed(x), "y": packed(y)} for x, y in lines],
        "marks": [{"x": float(root[top]), "label": label}],
    }


def sentence_at(settings: WorldSettings, beta: float) -> str:
    """One sentence of the policy that is best at this β."""
    world = world_of(settings.pairs, settings.noise, settings.seed)
    best = optimum(world.chain, settings.scale * world.proxy, beta)
    return as_text(world.chain.words, sample(world.chain, best, 1, settings.seed).tokens[0, 0].tolist())


def measured_at(settings: WorldSettings, betas_wanted: list[float]) -> PolicyMeasures:
    """What the best policies at these β give."""
    world = world_of(settings.pairs, settings.noise, settings.seed)
    return _measured(world, optimum(world.chain, settings.scale * world.proxy, betas_wanted))
