"""A tiny language model: words that follow each other as in a short corpus, small enough to add up all it can say.

A sentence is a path through a graph of states; a state is the last word said, and for a reader who remembers more,
also what is remembered. Paths have a fixed length: they end in the end token, which then repeats at no cost, or are
cut off, as answers are at a limit of tokens.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

__all__ = ["START", "END", "Chain", "read_corpus", "bigram", "remember", "as_text"]

CORPUS = Path(__file__).parents[1] / "data" / "corpus.txt"
START, END = 0, 1  # token numbers; all other words follow in alphabetical order
_NAMES = ("<start>", "<end>")


@dataclass(frozen=True)
class Chain:
    """A Markov chain over states, each of which ends in a token. State 0 is the start.

    words: the text of each token. token: (states,) the token that a state ends in. successors: (states, slots) the
    states that may follow. log_probs: (states, slots) their log-probabilities in nats, −inf in a slot not used.
    length: tokens in a sentence, the end token among them.
    """

    words: tuple[str, ...]
    token: Tensor
    successors: Tensor
    log_probs: Tensor
    length: int

    @cached_property
    @torch.inference_mode(False)  # kept for trainings too, whoever asks first
    def next_token(self) -> Tensor:
        """(states, slots) the token that each step says."""
        return self.token[self.successors]

    @cached_property
    @torch.inference_mode(False)  # kept for trainings too, whoever asks first
    def steps(self) -> tuple[Tensor, Tensor]:
        """(state, slot) of every step there is: far fewer than there is room for."""
        state, slot = torch.nonzero(self.log_probs > -torch.inf, as_tuple=True)
        return state, slot

    @cached_property
    @torch.inference_mode(False)  # kept for trainings too, whoever asks first
    def talks(self) -> Tensor:
        """(states, slots) 1 where a step says something, 0 where the end token repeats or the slot is not used."""
        return ((self.token != END).unsqueeze(-1) & (self.log_probs > -torch.inf)).to(self.log_probs.dtype)

    @cached_property
    def number(self) -> dict[str, int]:
        """The number of each word."""
        return {word: number for number, word in enumerate(self.words)}

    def numbers(self, words: Iterable[str]) -> list[int]:
        """The tokens of these words; ValueError for one that the corpus does not have."""
        missing = [word for word in words if word not in self.number]
        if missing:
            raise ValueError(f"the corpus has no word {missing[0]!r}")
        return [self.number[word] for word in words]


def read_corpus(path: Path = CORPUS) -> dict[str, list[tuple[str, ...]]]:
    """Each question of the corpus with its answers as words. A line that begins with # is a question."""
    answers: dict[str, list[tuple[str, ...]]] = {}
    question = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            question = line.removeprefix("#").strip()
        elif line.strip():
            answers.setdefault(question, []).append(tuple(line.split()))
    return answers


def bigram(sentences: Sequence[Sequence[str]], length: int = 16, smoothing: float = 0.0) -> Chain:
    """The bigram model of these sentences: each word follows the last as often as in the corpus.

    length: at least 2, tokens in what it says with the end token; longer corpus sentences are allowed. smoothing in
    [0, 1): the share of steps that ignore the last word and follow the words' overall frequencies (Jelinek–Mercer);
    with 0, only pairs of the corpus occur, and every policy with a finite KL keeps to them. ValueError for no
    sentences, an empty one, or an argument out of its range.
    """
    if not sentences or not all(sentences):
        raise ValueError("sentences must hold at least one sentence, and each at least one word")
    if length < 2:
        raise ValueError(f"length is {length}; it is at least 2")
    if not 0 <= smoothing < 1:
        raise ValueError(f"smoothing is {smoothing}; it is in [0, 1)")
    words = (*_NAMES, *sorted({word for sentence in sentences for word in sentence}))
    number = {word: i for i, word in enumerate(words)}
    paths = [[START, *(number[word] for word in sentence), END] for sentence in sentences]
    pairs = Counter(pair for path in paths for pair in zip(path, path[1:], strict=False))
    counts = torch.zeros(len(words), len(words), dtype=torch.float64, device="cpu")
    for (first, second), count in pairs.items():
        counts[first, second] = count
    overall = counts.sum(0) / counts.sum()
    counts[END, END] = 1
    probs = counts / counts.sum(-1, keepdim=True)
    speaking = torch.ones(len(words), 1, dtype=torch.float64, device="cpu")
    speaking[END] = 0
    return _chain(words, probs + smoothing * speaking * (overall - probs), length)


def _chain(words: tuple[str, ...], probs: Tensor, length: int) -> Chain:
    """A chain whose states are the tokens, from a matrix of probabilities: each row's possible words to its front."""
    possible = probs > 0
    slots = int(possible.sum(-1).max())
    order = torch.argsort(possible.to(torch.int8), dim=-1, descending=True, stable=True)[:, :slots]
    token = torch.arange(len(words), device=probs.device)
    return Chain(words, token, order, probs.gather(-1, order).log(), length)


def remember(chain: Chain, words: Sequence[str]) -> tuple[Chain, Tensor]:
    """The same model with states that remember which of `words` have been said, and where a step says one first.

    chain: one whose states are tokens. Returns the chain over the (token, set) that its sentences reach, which says the
    same sentences with the same probabilities, and a (states, slots) tensor, 1 where a step says one of `words` for
    the first time, else 0. The number of states may grow by 2^len(words), so keep them few.
    """
    bit = {token: 1 << i for i, token in enumerate(chain.numbers(words))}
    follow = [
        [int(t) for t, p in zip(*row, strict=True) if p > -torch.inf]
        for row in zip(chain.successors.tolist(), chain.log_probs.tolist(), strict=True)
    ]
    states, depth = {(START, 0): 0}, [0]
    edges, first = [], []
    for number, (token, said) in enumerate(queue := [(START, 0)]):  # grows as states are met, the nearest first
        following = [(t, said | bit.get(t, 0)) for t in follow[token]]
        if depth[number] == chain.length:  # where a sentence stops; what would follow is not said
            following = [(token, said)] * len(following)
        for state in following:
            if state not in states:
                states[state] = len(states)
                depth.append(depth[number] + 1)
                queue.append(state)
        edges.append([states[state] for state in following])
        first.append([float(bit.get(t, 0) & ~said != 0) for t in follow[token]])
    slots = chain.log_probs.shape[1]
    tokens = torch.tensor([token for token, _ in states], device=chain.token.device)
    padded = lambda rows, kind: torch.tensor([row + [0] * (slots - len(row)) for row in rows], dtype=kind, device=chain.token.device)
    return (Chain(chain.words, tokens, padded(edges, torch.long), chain.log_probs[tokens], chain.length), padded(first, torch.float64))


def as_text(words: Sequence[str], tokens: Iterable[int]) -> str:
    """The sentence that these tokens spell: a full stop where it ends, an ellipsis where it was cut off."""
    tokens = list(tokens)
    said = tokens[: tokens.index(END)] if END in tokens else tokens
    return " ".join(words[token] for token in said) + ("." if END in tokens else " …")
