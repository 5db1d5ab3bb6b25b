"""A phrase repeated k times, against sentences written out and against the dynamic programme's own optimum."""

import math
from dataclasses import replace

import pytest
import torch

from kl_core.rlhf.language import END
from kl_core.rlhf.policy import sample
from kl_core.rlhf.repetition import PHRASE, Opening, repetitions, repetitions_of_optimum
from kl_core.rlhf.reward import word_counts
from kl_core.rlhf.world import build_world

WORLD = build_world()
FIFTY = repetitions(WORLD)


def probability(first: str, second: str) -> float:
    chain = WORLD.chain
    row = chain.number[first]
    slot = (chain.next_token[row] == chain.number[second]) & (chain.log_probs[row] > -math.inf)
    return float(chain.log_probs[row][slot].exp())


def test_the_kl_is_minus_the_log_probability_of_the_opening():
    first = -math.log(probability("<start>", "the") * probability("the", "answer") * probability("answer", "is:"))
    again = -math.log(probability("is:", "the") * probability("the", "answer") * probability("answer", "is:"))
    assert FIFTY.kl[0] == 0
    for k in (1, 2, 7, 50):
        assert float(FIFTY.kl[k]) == pytest.approx(first + (k - 1) * again, rel=1e-12)
    assert FIFTY.cost_each == pytest.approx(again, rel=1e-12) and sum(FIFTY.word_costs.values()) == pytest.approx(again)


def test_each_repetition_after_the_first_adds_the_words_weights_and_loses_what_a_reader_minds():
    weight = sum(float(WORLD.model.weights[WORLD.chain.number[word]]) for word in PHRASE)
    assert torch.diff(FIFTY.proxy)[1:].tolist() == pytest.approx([weight] * 49, abs=1e-5)
    assert torch.diff(FIFTY.gold)[1:].tolist() == pytest.approx([-WORLD.gold.again] * 49, abs=1e-5)


def test_one_more_pays_below_the_break_even_beta_and_not_above():
    for beta, sign in ((0.99 * FIFTY.break_even, 1), (1.01 * FIFTY.break_even, -1)):
        assert bool((torch.diff(FIFTY.objective(beta))[1:] * sign > 0).all())
    assert FIFTY.break_even == pytest.approx(0.43, abs=0.005)


def test_scale_moves_the_break_even_beta_with_it():
    scaled = repetitions(WORLD, 3, scale=0.1)
    assert scaled.break_even == pytest.approx(0.1 * FIFTY.break_even, rel=1e-12)
    assert torch.allclose(scaled.proxy, 0.1 * FIFTY.proxy[:4], atol=1e-6) and torch.allclose(scaled.gold, FIFTY.gold[:4], atol=1e-6)


def test_samples_of_the_opening_have_the_reward_that_is_computed():
    chain = replace(WORLD.chain, length=60)
    policy = Opening(chain, tuple(chain.numbers(PHRASE)), torch.tensor([0, 4]))
    tokens = sample(chain, policy, 4000, seed=1).tokens
    assert bool((tokens[1, :, :12] == torch.tensor(chain.numbers(PHRASE) * 4)).all())
    counts = word_counts(chain, tokens)
    proxy = counts @ WORLD.model.weights
    gap = proxy[1] - proxy[0].mean()
    assert abs(float(gap.mean() - FIFTY.proxy[4])) < 4 * float(gap.std()) * math.sqrt(2 / 4000)
    assert float((tokens[1] == END).any(-1).double().mean()) > 0.9


def test_the_optimum_itself_starts_to_repeat_where_it_pays():
    low, high, reference = repetitions_of_optimum(WORLD, [0.2, 0.65, math.inf]).tolist()
    assert low > 40 > 10 > high > reference
    assert repetitions_of_optimum(WORLD, [0.02], scale=0.1).tolist() == pytest.approx([low], rel=1e-9)


def test_a_phrase_that_cannot_be_repeated_is_named():
    with pytest.raises(ValueError, match="never says 'coffee' after 'coffee'"):
        repetitions(WORLD, 2, phrase=("coffee",))
    with pytest.raises(ValueError, match="most is 0"):
        repetitions(WORLD, 0)
