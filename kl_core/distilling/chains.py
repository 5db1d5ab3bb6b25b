"""Sentences of a teacher and of a student, both Markov chains over the same words, small enough that nothing need be sampled.

KL between whole sentences is a sum over positions (chain rule): at each, the KL between the two next-word distributions, averaged
over the contexts that the first chain's own text reaches. So KL(T‖S) is counted on the teacher's text and KL(S‖T) on the student's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import torch
from torch import Tensor

from ..rlhf.language import END, START, bigram, read_corpus
from ..vectors.probabilities import kl_from_logits

__all__ = ["WordChain", "ChainComparison", "teacher_chain", "visits", "kl_by_position", "compare_chains", "draw_sentences"]


@dataclass(frozen=True)
class WordChain:
    """words: n of them. log_probs: (n + 1, n + 1) in nats; row 0 is the beginning and row i after word i, column 0 the end and column
    j word j. length: words in a sentence, the end counted; longer ones are cut off."""

    words: tuple[str, ...]
    log_probs: Tensor
    length: int

    def saying(self, logits: Tensor) -> WordChain:
        """The chain over the same words with these logits, (n + 1, n + 1)."""
        return replace(self, log_probs=logits.log_softmax(-1))


@lru_cache(maxsize=4)
def teacher_chain(smoothing: float = 0.02, length: int = 12) -> WordChain:
    """The bigram model of the answers to the corpus's first question; smoothing as in `rlhf.language.bigram`, above 0: then the teacher
    gives every word a probability, and no KL is infinite."""
    if not 0 < smoothing < 1:
        raise ValueError(f"smoothing is {smoothing}; it is between 0 and 1")
    chain = bigram(next(iter(read_corpus().values())), length, smoothing)
    count = len(chain.words)
    dense = torch.full((count, count), -torch.inf, dtype=chain.log_probs.dtype, device=chain.log_probs.device)
    dense.scatter_(1, chain.successors, chain.log_probs)
    rows = [START, *range(END + 1, count)]
    columns = [END, *range(END + 1, count)]
    return WordChain(chain.words[END + 1 :], dense[rows][:, columns].log_softmax(-1), length)


def visits(log_probs: Tensor, length: int) -> Tensor:
    """(length, n + 1) the probability that a sentence has come to each context when its t-th word is due; differentiable."""
    probs = log_probs.exp()
    at = torch.zeros_like(probs[0])
    at[0] = 1.0
    rows = [at]
    for _ in range(length - 1):
        said = rows[-1] @ probs
        rows.append(torch.cat([torch.zeros_like(said[:1]), said[1:]]))
    return torch.stack(rows)


def kl_by_position(first: WordChain, second: WordChain) -> Tensor:
    """(length,) nats: KL of the next word, first from second, averaged over the contexts of the first's text; 0 once it has ended.

    The sum is KL(first‖second) of whole sentences, exactly.
    """
    return visits(first.log_probs, first.length) @ kl_from_logits(first.log_probs, second.log_probs)


@dataclass(frozen=True)
class ChainComparison:
    """Of a student S and its teacher T, per sentence in nats, exact. forward: KL(T‖S). reverse: KL(S‖T). on_teacher: the next words'
    KL(S‖T) on the teacher's text instead. quality: E_S[log T]. entropy: H(S). unlikely: words a student's sentence has to which
    the teacher gives less than 1 %. kept: the share of the student's words that the teacher would keep as drafts, on the teacher's text."""

    forward: float
    reverse: float
    on_teacher: float
    quality: float
    entropy: float
    unlikely: float
    kept: float


def compare_chains(teacher: WordChain, student: WordChain) -> ChainComparison:
    """Every number by dynamic programming over positions and contexts."""
    own, taught = (visits(chain.log_probs, chain.length).sum(0) for chain in (student, teacher))
    log_s, log_t = student.log_probs, teacher.log_probs
    back = kl_from_logits(log_s, log_t)
    probs = log_s.exp()
    entropy = own @ -(probs * log_s).sum(-1)
    reverse = own @ back
    return ChainComparison(
        float(taught @ kl_from_logits(log_t, log_s)),
        float(reverse),
        float(taught @ back),
        float(-entropy - reverse),
        float(entropy),
        float(own @ (probs * (log_t < torch.log(torch.tensor(0.01, device=log_t.device)))).sum(-1)),
        float(taught @ torch.minimum(probs, log_t.exp()).sum(-1) / taught.sum()),
    )


def draw_sentences(chain: WordChain, count: int, generator: torch.Generator) -> Tensor:
    """(count, length) columns said: words, then 0 from the end on; sentences that do not end are cut off."""
    probs = chain.log_probs.exp()
    context = torch.zeros(count, dtype=torch.long, device=probs.device)
    ended = torch.zeros(count, dtype=torch.bool, device=probs.device)
    columns = []
    for _ in range(chain.length):
        said = torch.multinomial(probs[context], 1, generator=generator).squeeze(-1)
        said = torch.where(ended, 0, said)
        ended = ended | (said == 0)
        columns.append(said)
        context = said
    return torch.stack(columns, -1)
