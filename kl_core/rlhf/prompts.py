"""Three questions answered by the same weights: a small world in which training on one question moves the others.

The policy is π_θ(y | question, x) ∝ π_ref(y | question, x)·exp(θ[x, y]), x the last word: the question chooses the
reference's words, the table θ is shared by all questions. So what θ learns on one question it also says on the others.
A success is an answer that ends, uses no word that only other questions' answers use, and says "answer" at most once;
on the new question it must also open with "the answer is:", a habit that the reference has only sometimes.
Everything is summed over all sentences, by messages passed forward over (what was said, last word).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .language import END, START, as_text, read_corpus

__all__ = ["PROMPTS", "NEW", "OLD", "PromptWorld", "Answers", "build_prompts", "measure_answers"]

PROMPTS = {"sleep": "How can I sleep better?", "tea": "How do I make good tea?", "plants": "How do I keep plants alive?"}
NEW, OLD = 0, (1, 2)  # places of the question that is trained on, and of those that are not
_OPENER = "answer"
_FRESH, _SAID, _FAILED = 0, 1, 2  # what an answer is remembered by: no opener yet, an opener, a fault


@dataclass(frozen=True)
class PromptWorld:
    """names: of the questions, the new one first. log_probs: (questions, words, words) log π_ref(next | question, last),
    −inf where it never follows; the same words may follow on every question. memory: (questions, words, 3, 3) 1 where
    saying a word leads from one memory to another. good: (questions, 3) 1 for a memory that is a success at the end.
    """

    words: tuple[str, ...]
    names: tuple[str, ...]
    log_probs: Tensor
    memory: Tensor
    good: Tensor
    length: int

    @property
    def support(self) -> Tensor:
        """(words, words) where a word may follow another."""
        return self.log_probs[NEW] > -torch.inf

    def log_policy(self, weights: Tensor) -> Tensor:
        """(..., questions, words, words) log π_θ; weights: (..., words, words), −inf allowed for a word given up."""
        logits = self.log_probs + weights.unsqueeze(-3)
        return logits - logits.logsumexp(-1, keepdim=True)

    def tokens(self, sentence: str) -> list[int]:
        """The tokens of a sentence with its end, filled up to `length`; ValueError where the reference never says it."""
        number = {word: i for i, word in enumerate(self.words)}
        said = sentence.rstrip(" .…").split()
        missing = [word for word in said if word not in number]
        if missing or not said:
            raise ValueError(f"the world has no word {missing[0]!r}" if missing else "the sentence is empty")
        if len(said) >= self.length:
            raise ValueError(f"the sentence has {len(said)} words; there is room for {self.length - 1}")
        path = [*(number[word] for word in said), END]
        for before, word in zip([START, *path], path, strict=False):
            if not bool(self.support[before, word]):
                raise ValueError(f"the model never says {self.words[word]!r} after {self.words[before]!r}")
        return path + [END] * (self.length - len(path))

    def text(self, tokens: Sequence[int]) -> str:
        return as_text(self.words, list(tokens))


@dataclass(frozen=True)
class Answers:
    """What policies do on every question, each (..., questions), exact.

    quality: the probability of success. kl: KL(π‖π_ref), under π; kl_from_reference: KL(π_ref‖π), under π_ref; entropy;
    in nats per answer, inf where a word is given up that the other one says.
    """

    quality: Tensor
    kl: Tensor
    kl_from_reference: Tensor
    entropy: Tensor

    @property
    def old_quality(self) -> Tensor:
        """(...) the mean over the questions that were not trained on."""
        return self.quality[..., list(OLD)].mean(-1)


def build_prompts(leak: float = 0.02, length: int = 16, answers: Mapping[str, list[tuple[str, ...]]] | None = None) -> PromptWorld:
    """The world of this library's corpus. leak: how much the other questions' answers count in each reference's bigrams,
    in (0, 1]; it is what lets a question's answer stray. ValueError for a leak or length out of its range.
    """
    if not 0 < leak <= 1:
        raise ValueError(f"leak is {leak}; it is above 0 and at most 1")
    if length < 4:
        raise ValueError(f"length is {length}; it is at least 4")
    corpus = read_corpus() if answers is None else answers
    by_prompt = [corpus[question] for question in PROMPTS.values()]
    words = ("<start>", "<end>", *sorted({word for group in by_prompt for answer in group for word in answer}))
    number = {word: i for i, word in enumerate(words)}
    counts = torch.zeros(len(PROMPTS), len(words), len(words), dtype=torch.float64, device="cpu")
    for prompt, group in enumerate(by_prompt):
        for answer in group:
            path = [START, *(number[word] for word in answer), END]
            for before, word in zip(path, path[1:], strict=False):
                counts[prompt, before, word] += 1
    mixed = counts + leak * (counts.sum(0) - counts)
    mixed[:, END, END] = 1
    mixed[:, :, START] = 0
    log_probs = (mixed / mixed.sum(-1, keepdim=True)).log()
    own = torch.zeros(len(PROMPTS), len(words), dtype=torch.bool, device="cpu")
    for prompt, group in enumerate(by_prompt):
        own[prompt, [START, END, *(number[word] for answer in group for word in answer)]] = True
    good = torch.ones(len(PROMPTS), 3, dtype=torch.float64, device="cpu")
    good[:, _FAILED] = 0
    good[NEW, _FRESH] = 0
    return PromptWorld(words, tuple(PROMPTS), log_probs, _memory(own, number[_OPENER]), good, length)


def _memory(own: Tensor, opener: int) -> Tensor:
    """(questions, words, 3, 3) where each word leads from each memory."""
    memory = torch.zeros(*own.shape, 3, 3, dtype=torch.float64, device=own.device)
    stay, fail = torch.eye(3, dtype=torch.float64, device=own.device), torch.zeros(3, 3, dtype=torch.float64, device=own.device)
    fail[:, _FAILED] = 1
    memory[:] = torch.where(own[..., None, None], stay, fail)
    memory[:, opener] = fail
    memory[:, opener, _FRESH] = torch.tensor([0.0, 1.0, 0.0], dtype=torch.float64, device=own.device)  # the first mention
    return memory


def measure_answers(world: PromptWorld, weights: Tensor) -> Answers:
    """Quality, both KLs and entropy on every question; weights: (..., words, words). Differentiable in finite weights."""
    log_policy = world.log_policy(weights)
    policy = log_policy.exp()
    visits, quality = _visits(world, policy)
    with torch.no_grad():
        visits_of_reference, _ = _visits(world, world.log_probs.exp())
    log_ratio = torch.where(policy > 0, log_policy - torch.where(world.support, world.log_probs, 0.0), 0.0)
    kl = (visits * (policy * log_ratio).sum(-1)).sum(-1)
    entropy = -(visits * (policy * torch.where(policy > 0, log_policy, 0.0)).sum(-1)).sum(-1)
    back = torch.where(world.support, world.log_probs - log_policy, 0.0)
    forward = visits_of_reference * (world.log_probs.exp() * back).sum(-1)
    forward = torch.where(visits_of_reference > 0, forward, 0.0).sum(-1)
    return Answers(quality, kl.clamp_min(0.0), forward.clamp_min(0.0), entropy.clamp_min(0.0))


def _visits(world: PromptWorld, policy: Tensor) -> tuple[Tensor, Tensor]:
    """(..., questions, words) how often a word is spoken from, on average, and (..., questions) the probability of success."""
    size = 3 * policy.shape[-1]
    # One matrix per question leads from (memory, last word) to the next: far fewer operations than word by word.
    step = torch.einsum("...qxy,qymn->...qmxny", policy, world.memory).reshape(*policy.shape[:-2], size, size)
    messages = [torch.zeros(*policy.shape[:-2], 1, size, dtype=policy.dtype, device=policy.device)]
    messages[0][..., _FRESH * policy.shape[-1] + START] = 1
    for _ in range(world.length):
        messages.append(messages[-1] @ step)
    visits = torch.stack(messages[:-1]).sum(0).unflatten(-1, (3, -1)).sum((-3, -2))
    message = messages[-1].unflatten(-1, (3, -1)).squeeze(-3)
    speaking = torch.ones_like(visits)
    speaking[..., END] = 0
    return visits * speaking, (message[..., END] * world.good).sum(-1)
