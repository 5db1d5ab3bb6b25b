"""The answer that rewrites itself: the exact optimum at every place of the slider, from β = ∞ to β = 0, and what it says there."""

from dataclasses import dataclass, replace
from math import exp, inf, log

import numpy as np
import torch
from torch import Tensor

from kl_core.rlhf.beta_table import TABLE_BETAS, TABLE_SCALE, best_beta
from kl_core.rlhf.language import END, as_text
from kl_core.rlhf.policy import kl_along, optimum, sample
from kl_core.rlhf.reward import word_counts
from kl_core.rlhf.world import QUESTION, World

from ...shared.cache import shared_cache
from ...shared.live.tables import packed
from .scene import WorldSettings, world_of

PLACES = 65
ANSWERS = 12
KNOTS = ((0.25, 0.5), (0.4375, 0.1), (0.5625, 0.05), (0.75, 0.01))
"""Places whose β is exactly that of the usual table; between them log β is even. Each is a frame."""
STOPS = (
    (0.0, "∞", "no change"),
    (0.25, "0.5", "little"),
    (0.5, "0.05–0.1", "usual"),
    (0.75, "0.01", "hacked"),
    (1.0, "0", "no penalty"),
)
"""The rows of the usual table as stops of the slider: place, β, what it is said to do."""
LITTLE_KL, NEAR_BEST = 0.05, 0.8
"""Below so many nats a policy has hardly moved; with this share of the best gain it is near the best."""
_MEANS = {"little": "little", "usual": "near the best", "hacked": "hacked"}


def beta_at(place: float) -> float:
    """β at a place of the slider: 1/β is even down to 0.5, log β between KNOTS, then β itself, so that ∞ and 0 are on the scale."""
    if place <= 0.25:
        return 0.5 * 0.25 / place if place > 0 else inf
    if place <= 0.75:
        return exp(np.interp(place, [knot for knot, _ in KNOTS], [log(beta) for _, beta in KNOTS]))
    return 0.01 * (1 - place) / 0.25


def place_of(beta: float) -> float:
    """The slider's place of a β, which may be ∞ or 0."""
    if beta >= 0.5:
        return 0.25 * 0.5 / beta if beta < inf else 0.0
    if beta >= 0.01:
        return float(np.interp(-log(beta), [-log(knot) for _, knot in KNOTS], [place for place, _ in KNOTS]))
    return 1 - 0.25 * max(beta, 0.0) / 0.01


@dataclass(frozen=True)
class AnswerFrames:
    """At each place: β; what the reward model's score (proxy) and the true reward (gold) gain over β = ∞, unscaled; KL in nats; the
    answers with the KL of each word; which of them is shown first."""

    betas: Tensor
    proxy: Tensor
    gold: Tensor
    kl: Tensor
    tokens: Tensor
    costs: Tensor
    words: tuple[str, ...]
    best_beta: float
    best_gain: float
    first: int


@shared_cache(16)
def answer_frames(settings: WorldSettings) -> AnswerFrames:
    """All exact but for the answers, which are sampled with one random seed at every β."""
    world = world_of(settings.pairs, settings.noise, settings.seed)
    betas = torch.tensor([beta_at(k / (PLACES - 1)) for k in range(PLACES)], dtype=torch.float64)
    best = optimum(world.chain, settings.scale * world.proxy, betas)
    measures = world.measure(best)
    answers = sample(world.chain, best, ANSWERS, settings.seed)
    peak, gold = best_beta(world, settings.scale, among=(betas, measures.gold))
    return AnswerFrames(
        betas,
        measures.proxy - measures.proxy[0],
        measures.gold - measures.gold[0],
        measures.kl.clamp_min(0.0),
        answers.tokens,
        kl_along(world.chain, best, answers)[1],
        tuple(world.chain.words),
        peak,
        gold - float(measures.gold[0]),
        _first(world, answers.tokens, place_of(peak)) if settings.scale == TABLE_SCALE else first_answer(settings),
    )


def first_answer(settings: WorldSettings) -> int:
    """Which of the sampled answers is shown first. It is the same whatever the reward counts."""
    return answer_frames(replace(settings, scale=TABLE_SCALE)).first


def _first(world: World, tokens: Tensor, best: float) -> int:
    """The answer whose true reward gains most over its own at β = ∞, on average over the places from there to the best β."""
    rising = tokens[: round(best * (PLACES - 1)) + 1]
    gold = world.gold.of_counts(world.chain, word_counts(world.chain, rising.flatten(0, 1))).view(rising.shape[:2])
    return int((gold - gold[0]).mean(0).argmax())


@shared_cache(8)
def said_at_table(settings: WorldSettings) -> tuple[str, ...]:
    """The first answer at each of TABLE_BETAS: what the slider shows there."""
    world = world_of(settings.pairs, settings.noise, settings.seed)
    best = optimum(world.chain, settings.scale * world.proxy, TABLE_BETAS)
    said = sample(world.chain, best, ANSWERS, settings.seed).tokens[:, first_answer(settings)]
    return tuple(as_text(world.chain.words, tokens) for tokens in said.tolist())


def effect(gain: float, best: float, kl: float) -> str:
    """What a β does, in two words. gain, best: true reward over the reference's, here and at the best β; kl in nats."""
    if kl < LITTLE_KL:
        return "little"
    if gain < 0:
        return "hacked"
    return "near the best" if gain > NEAR_BEST * best else "better"


def stops_of(frames: AnswerFrames) -> list[dict]:
    """The stops; where the usual table's word is not true of this world, the word that is, and the table's as `was`."""
    stops = []
    for place, beta, words in STOPS:
        at = round(place * (PLACES - 1))
        true = effect(float(frames.gold[at]), frames.best_gain, float(frames.kl[at]))
        holds = words not in _MEANS or _MEANS[words] == true
        stops.append({"place": place, "beta": beta, "words": words if holds else true, "was": "" if holds else words})
    return stops


def answer_scene(settings: WorldSettings, start: float | None, answers: int) -> dict:
    """What the component is told. start: the β to open at, None to play once from ∞ downwards."""
    frames = answer_frames(settings)
    return {
        "answers": answers,
        "question": QUESTION,
        "scale": settings.scale,
        "betas": packed(frames.betas),
        "proxy": packed(frames.proxy),
        "gold": packed(frames.gold),
        "kl": packed(frames.kl),
        "best": {"beta": frames.best_beta, "gain": frames.best_gain, "place": place_of(frames.best_beta)}
        | {"near": NEAR_BEST, "little": LITTLE_KL},
        "words": list(frames.words),
        "stop": END,
        "tokens": packed(frames.tokens, torch.uint8),
        "costs": packed(frames.costs, torch.float32),
        "length": frames.tokens.shape[-1],
        "count": ANSWERS,
        "first": frames.first,
        "stops": stops_of(frames),
        "start": None if start is None else place_of(start),
        "end": place_of(0.012),
    }
