"""What a person wants of an answer, and a reward model that learned it from comparisons and sees only which words.

The gold reward counts a point once and minds hearing it again. The proxy is a Bradley–Terry model (Christiano et al.
2017; Stiennon et al. 2020), linear in how often each word occurs, fitted to pairs of the reference's own answers. In
those, repeats are rare, so nothing teaches it that a word is worth less the second time.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .language import END, START, Chain
from .policy import Policy, expectations, probability_said, reference, sample

__all__ = ["Gold", "GOLD", "word_counts", "RewardModel", "fit_reward_model"]


@dataclass(frozen=True)
class Gold:
    """A reader's reward for an answer, from how often each word occurs in it.

    first: what the first mention of a word is worth, by word. again: what each further mention of those costs.
    off_topic: words of other questions, each mention of which costs `astray`. ended: what an answer is worth that
    comes to its end.
    """

    first: dict[str, float]
    again: float
    off_topic: tuple[str, ...]
    astray: float
    ended: float

    def of_counts(self, chain: Chain, counts: Tensor) -> Tensor:
        """The reward of answers with these word counts; counts: (..., tokens). Returns (...)."""
        said = counts[..., chain.numbers(self.first)]
        return ((said > 0) * self.of_first_mention(chain)).sum(-1) + counts @ self.of_mentions(chain)

    def each(self, chain: Chain) -> Tensor:
        """(states, slots) the part that adds up over mentions: all are charged as if they were repeats."""
        return word_table(chain, self.of_mentions(chain))

    def first_mentions(self, chain: Chain, policy: Policy) -> Tensor:
        """(batch,) the rest of E_π[gold]: what first mentions are worth, and the charge for a repeat given back."""
        return probability_said(chain, policy, list(self.first)) @ self.of_first_mention(chain)

    def table(self, chain: Chain, first: Tensor) -> Tensor:
        """(states, slots) on a chain that remembers the words of `self.first`, from `language.remember`."""
        worth = torch.zeros(len(chain.words), dtype=first.dtype, device=first.device)
        worth[chain.numbers(self.first)] = self.of_first_mention(chain)
        return self.each(chain) + first * worth[chain.next_token]

    def of_first_mention(self, chain: Chain) -> Tensor:
        """(first,) what the first mention of each word of `first` adds to what every mention does."""
        return torch.tensor(list(self.first.values()), dtype=chain.log_probs.dtype, device=chain.token.device) + self.again

    def of_mentions(self, chain: Chain) -> Tensor:
        """(tokens,) what every mention of a token adds, were it not for first mentions."""
        each = torch.zeros(len(chain.words), dtype=chain.log_probs.dtype, device=chain.token.device)
        each[chain.numbers(self.first)] = -self.again
        each[chain.numbers(self.off_topic)] = -self.astray
        each[END] = self.ended
        return each


# What a person who asked "How can I sleep better?" may want: an answer that says it is one, then points that help.
GOLD = Gold(
    first={"answer": 3.0, "dark": 1.0, "walks": 1.0, "baths": 1.0, "coffee": 1.0, "books": 1.0},
    again=2.0,
    off_topic=("leaves", "light", "minutes", "pot", "soil", "water", "window"),
    astray=0.5,
    ended=0.5,
)


def word_table(chain: Chain, weights: Tensor) -> Tensor:
    """(states, slots) the weight of the token that each step says; the end token counts once. weights: (tokens,)."""
    return weights[chain.next_token] * chain.talks


def word_counts(chain: Chain, tokens: Tensor) -> Tensor:
    """(..., tokens) how often each word occurs in sentences of shape (..., length); the end token once at most."""
    counts = torch.zeros(*tokens.shape[:-1], len(chain.words), dtype=chain.log_probs.dtype, device=tokens.device)
    counts.scatter_add_(-1, tokens, torch.ones_like(tokens, dtype=counts.dtype))
    counts[..., END].clamp_(max=1)
    return counts


@dataclass(frozen=True)
class RewardModel:
    """r(answer) = weights·word counts − offset, mean 0 under the reference. weights: (tokens,).

    agreement: share of the pairs in which gold prefers the answer that the labeller chose; accuracy: in which the
    model does. Ties count half.
    """

    weights: Tensor
    offset: Tensor
    agreement: float
    accuracy: float

    def table(self, chain: Chain) -> Tensor:
        """(states, slots) the reward that each step adds."""
        table = word_table(chain, self.weights)
        return table - self.offset * (chain.token == START).unsqueeze(-1)


def fit_reward_model(chain: Chain, gold: Gold, pairs: int = 1000, noise: float = 1.0, seed: int = 0, ridge: float = 1.0) -> RewardModel:
    """A Bradley–Terry model fitted to comparisons of the reference's answers, labelled by gold with noise.

    Of two answers the labeller prefers the first with probability σ((gold₁ − gold₂)/noise); noise ≥ 0 in gold's
    units, 0 a labeller that never errs and tosses a coin for ties. Maximises Σ log σ(w·(chosen − rejected)) − ½·ridge·|w|²,
    a concave function, by Newton's method. pairs ≥ 1, ridge > 0. The same for the same seed. Its scale is that of
    log-odds: about gold's over the noise. ValueError for an argument out of its range.
    """
    if not (isinstance(pairs, int) and pairs >= 1):
        raise ValueError(f"pairs is {pairs}; it is a whole number of at least 1")
    if not noise >= 0:
        raise ValueError(f"noise is {noise}; it is at least 0")
    if not ridge > 0:
        raise ValueError(f"ridge is {ridge}; it is above 0")
    generator = torch.Generator(chain.token.device).manual_seed(seed)
    counts = word_counts(chain, sample(chain, reference(chain), 2 * pairs, generator).tokens[0])
    gap = gold.of_counts(chain, counts).view(2, -1)
    gap = gap[0] - gap[1]
    likely = torch.sigmoid(gap / noise) if noise > 0 else (gap.sign() + 1) / 2
    chosen = 2.0 * (torch.rand(pairs, dtype=gap.dtype, generator=generator, device=gap.device) < likely) - 1
    features = (counts[:pairs] - counts[pairs:]) * chosen.unsqueeze(-1)
    weights = _bradley_terry(features, ridge)
    mean = expectations(chain, reference(chain), {"r": word_table(chain, weights)}).mean["r"][0]
    share = lambda margin: float(((margin > 0) + 0.5 * (margin == 0)).double().mean())
    return RewardModel(weights, mean, share(gap * chosen), share(features @ weights))


def _bradley_terry(features: Tensor, ridge: float) -> Tensor:
    """The weights that maximise Σ log σ(features·w) − ½·ridge·|w|²; features: (pairs, k)."""
    eye = torch.eye(features.shape[1], dtype=features.dtype, device=features.device)
    weights = torch.zeros_like(features[0])
    for _ in range(50):
        doubt = torch.sigmoid(-features @ weights)
        slope = features.T @ doubt - ridge * weights
        curvature = (features * (doubt * (1 - doubt)).unsqueeze(-1)).T @ features + ridge * eye
        step = torch.linalg.solve(curvature, slope)
        # A long step is cut, so that none overshoots.
        weights = weights + step / (1 + 0.2 * (step.norm() - 1).clamp_min(0))
        if float(step.abs().max()) < 1e-12:
            break
    return weights
