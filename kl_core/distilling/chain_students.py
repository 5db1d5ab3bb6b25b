"""Students of a teacher chain that are too small to copy it, trained on its text, on their own, or on both, in either direction of KL.

A student's logits after a word are b + u·V with u of `rank` numbers, so all its rows lie in a space of that many dimensions.
Supervised and on-policy distillation: Agarwal et al. 2023 (GKD, arXiv 2306.13649); the policy gradient of the whole reverse KL:
Gu et al. 2023 (MiniLLM, arXiv 2306.08543); on sampled words: Kim & Rush 2016 (sequence-level KD, arXiv 1606.07947).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..vectors.generalised_js import scaled_js_from_logits
from .chains import ChainComparison, WordChain, compare_chains, draw_sentences, visits

__all__ = ["METHODS", "RANKS", "ChainRun", "ChainStep", "best_student", "train_chain", "method_loss"]

RANKS = (1, 2, 3, 4, 6)
METHODS = ("GKD", "Sequence-level KD", "MiniLLM", "On-policy, sampled")
STEPS, EVERY, BATCH, RATE = 400, 20, 32, 0.1
_SPREAD = 0.3
_ITERATIONS = 300

Parameters = tuple[Tensor, Tensor, Tensor]


@dataclass(frozen=True)
class ChainRun:
    """What is trained. method: one of METHODS. share: λ, of sentences from the student itself. beta: 0 for KL(T‖S), 1 for KL(S‖T),
    between them generalised JSD over β(1 − β). Both are of GKD alone. temperature: of teacher and student in the loss, times T²."""

    method: str = "GKD"
    rank: int = 2
    share: float = 0.0
    beta: float = 0.0
    temperature: float = 1.0
    seed: int = 0


@dataclass(frozen=True)
class ChainStep:
    """After `step` updates: the student's log-probabilities, (n + 1, n + 1), and how it compares with its teacher, exactly."""

    step: int
    log_probs: Tensor
    compared: ChainComparison


def _initial(teacher: WordChain, rank: int, seed: int) -> Parameters:
    """b of the teacher's words as often as it says them, whatever came before; u and V small and random."""
    said = visits(teacher.log_probs, teacher.length).sum(0) @ teacher.log_probs.exp()
    generator = torch.Generator(said.device).manual_seed(seed)
    draw = lambda *shape: _SPREAD * torch.randn(*shape, dtype=said.dtype, generator=generator, device=said.device)
    return (said / said.sum()).log(), draw(len(said), rank), draw(rank, len(said))


def _logits(parameters: Parameters) -> Tensor:
    bias, rows, columns = parameters
    return bias + rows @ columns


def best_student(teacher: WordChain, rank: int) -> tuple[WordChain, WordChain]:
    """The students of this rank with the least KL(T‖S) and KL(S‖T) of whole sentences, by L-BFGS on the exact sums.

    Neither problem is convex: the first is solved from three random beginnings, the second from the first's answer too.
    """
    forward = min((_solved(teacher, _initial(teacher, rank, seed), _forward) for seed in range(3)), key=lambda solved: solved[0])
    starts = [forward[1], *(_initial(teacher, rank, seed) for seed in range(2))]
    reverse = min((_solved(teacher, start, _reverse) for start in starts), key=lambda solved: solved[0])
    return teacher.saying(_logits(forward[1])), teacher.saying(_logits(reverse[1]))


def _solved(teacher: WordChain, start: Parameters, loss: Callable[[WordChain, Tensor], Tensor]) -> tuple[float, Parameters]:
    bias, rows, columns = (part.clone().requires_grad_() for part in start)
    parameters = (bias, rows, columns)
    optimiser = torch.optim.LBFGS(parameters, max_iter=_ITERATIONS, history_size=20, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimiser.zero_grad()
        value = loss(teacher, _logits(parameters).log_softmax(-1))
        value.backward()
        return value

    optimiser.step(closure)
    bias, rows, columns = (part.detach() for part in parameters)
    return float(loss(teacher, _logits((bias, rows, columns)).log_softmax(-1))), (bias, rows, columns)


def _forward(teacher: WordChain, log_s: Tensor) -> Tensor:
    log_t = teacher.log_probs
    return visits(log_t, teacher.length).sum(0) @ (log_t.exp() * (log_t - log_s)).sum(-1)


def _reverse(teacher: WordChain, log_s: Tensor) -> Tensor:
    return visits(log_s, teacher.length).sum(0) @ (log_s.exp() * (log_s - teacher.log_probs)).sum(-1)


def train_chain(teacher: WordChain, run: ChainRun) -> Iterator[ChainStep]:
    """A report before the first update and after each EVERY of STEPS; Adam on BATCH sampled sentences per update, at RATE and then at
    half of it. As published, GKD, MiniLLM and sampled rewards begin with a student that has learned from the teacher's text: their
    first half is supervised.

    ValueError for a method, rank, share, beta or temperature out of its range.
    """
    _check(run)
    bias, rows, columns = (part.requires_grad_() for part in _initial(teacher, run.rank, run.seed))
    parameters = (bias, rows, columns)
    optimiser = torch.optim.Adam(parameters, lr=RATE)
    generator = torch.Generator(bias.device).manual_seed(run.seed)
    for step in range(STEPS + 1):
        if step % EVERY == 0:
            student = teacher.saying(_logits(parameters).detach())
            yield ChainStep(step, student.log_probs, compare_chains(teacher, student))
        if step == STEPS:
            return
        now = run
        if 2 * step < STEPS and run.method != "Sequence-level KD":
            now = replace(run, method="GKD", share=0.0, beta=0.0)
        optimiser.param_groups[0]["lr"] = RATE if 2 * step < STEPS else RATE / 2
        optimiser.zero_grad()
        logits = _logits(parameters)
        text = _text(teacher, teacher.saying(logits.detach()), now, generator)
        method_loss(teacher, logits, text, now).backward()
        optimiser.step()


def _check(run: ChainRun) -> None:
    if run.method not in METHODS:
        raise ValueError(f"method is {run.method!r}; it is one of {', '.join(METHODS)}")
    if run.rank < 1 or not 0 <= run.share <= 1 or not run.temperature > 0:
        raise ValueError(f"rank {run.rank}, share {run.share} and temperature {run.temperature}: at least 1, from 0 to 1, and above 0")


def _text(teacher: WordChain, student: WordChain, run: ChainRun, generator: torch.Generator) -> Tensor:
    """(BATCH, length) sentences: the student's share of them its own."""
    share = {"GKD": run.share, "Sequence-level KD": 0.0}.get(run.method, 1.0)
    own = round(share * BATCH)
    parts = [draw_sentences(chain, count, generator) for chain, count in ((student, own), (teacher, BATCH - own)) if count]
    return torch.cat(parts)


def method_loss(teacher: WordChain, logits: Tensor, text: Tensor, run: ChainRun) -> Tensor:
    """The loss per sentence of sampled text, (sentences, length) columns with 0 from the end on; differentiable in the student's logits.

    GKD: the divergence of the next words at every context of the text, the text held fixed. Sequence-level KD: minus the log-probability
    of the teacher's words. On-policy, sampled: a policy gradient whose reward is −(log S − log T) of each word. MiniLLM: the exact
    gradient of each word's KL, and a policy gradient for what the word does to the log-ratio of those after it, their mean instead of
    their sum (length normalisation, equation 5): by the sum a student gains most by ending its sentence at once.
    """
    before, said, live = _contexts(text)
    counts = torch.zeros(len(logits), dtype=logits.dtype, device=logits.device).index_add_(0, before[live], live[live].to(logits.dtype))
    log_s, log_t = logits.log_softmax(-1), teacher.log_probs
    if run.method == "GKD":
        T = run.temperature
        return T**2 * (counts @ scaled_js_from_logits(log_t / T, log_s / T, run.beta)) / len(text)
    word = log_s[before, said]
    if run.method == "Sequence-level KD":
        return -(word * live).sum() / len(text)
    ratio = ((word - log_t[before, said]) * live).detach()
    if run.method == "On-policy, sampled":
        return ((ratio - ratio.sum() / live.sum()) * word * live).sum() / len(text)
    from_here = lambda each: each.flip(-1).cumsum(-1).flip(-1)
    later = (from_here(ratio) - ratio) / (from_here(live.to(ratio.dtype)) - 1).clamp_min(1)  # of the words after each
    advantage = later - (later * live).sum(0) / live.sum(0).clamp_min(1)
    return (counts @ (log_s.exp() * (log_s - log_t)).sum(-1) + (advantage * word * live).sum()) / len(text)


def _contexts(text: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Each (sentences, length): the context of each word, the word, and whether the sentence has not ended before it."""
    before = torch.cat([torch.zeros_like(text[:, :1]), text[:, :-1]], -1)
    live = before != 0
    live[:, 0] = True
    return before, text, live
