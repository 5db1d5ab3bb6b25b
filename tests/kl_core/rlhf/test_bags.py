"""Bags of words: against every answer of a short world written out."""

import pytest
import torch

from kl_core.rlhf.bags import bags_of
from kl_core.rlhf.reward import word_counts
from kl_core.rlhf.world import build_world
from tests.kl_core.rlhf.test_language import every_path

WORLD = build_world(length=7)
NOTED = tuple(WORLD.gold.first)
BAGS = bags_of(WORLD.chain, NOTED)


@pytest.fixture(scope="module")
def written_out() -> tuple[torch.Tensor, torch.Tensor]:
    """The word counts of each bag and its probability, from all answers."""
    said, log_p = zip(*every_path(WORLD.chain), strict=True)
    counts, index = word_counts(WORLD.chain, torch.tensor(said)).unique(dim=0, return_inverse=True)
    return counts, torch.zeros(len(counts), dtype=torch.float64).index_add_(0, index, torch.tensor(log_p, dtype=torch.float64).exp())


def test_there_are_as_many_bags_as_different_word_counts_and_they_are_as_likely(written_out):
    counts, mass = written_out
    assert len(BAGS.mass) == len(counts)
    assert torch.allclose(BAGS.mass.sort().values, mass.sort().values, rtol=1e-12)


def test_totals_are_those_of_the_counts(written_out):
    counts, mass = written_out
    generator = torch.Generator().manual_seed(3)
    each, first = torch.randn(2, len(WORLD.chain.words), dtype=torch.float64, generator=generator)
    noted = torch.zeros(len(WORLD.chain.words), dtype=torch.float64)
    noted[WORLD.chain.numbers(NOTED)] = 1
    expected = counts @ each + ((counts > 0) * noted) @ (first - each)
    assert torch.allclose(BAGS.total(each, first).sort().values, expected.sort().values, rtol=0, atol=1e-12)
    assert float(BAGS.mass @ BAGS.total(each, first).exp()) == pytest.approx(float(mass @ expected.exp()), rel=1e-12)


def test_all_reward_models_share_one_chain_and_its_bags():
    assert build_world(100, 0.5, 7, length=7).chain is WORLD.chain
    assert bags_of(WORLD.chain, NOTED) is BAGS
