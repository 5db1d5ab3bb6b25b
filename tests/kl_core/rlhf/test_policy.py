"""Exact optima and expectations: against enumeration of every sentence, and against the identities they must obey."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kl_core.rlhf.language import END, bigram
from kl_core.rlhf.policy import Tabular, expectations, kl_along, optimum, probability_said, reference, sample
from kl_core.rlhf.world import betas, build_world
from tests.kl_core.rlhf.test_language import TINY, every_path

CHAIN = bigram(TINY, length=5, smoothing=0.2)
WORLD = build_world()
DOUBLE = torch.float64


def random_reward(seed: int) -> torch.Tensor:
    """By token, so that a sentence's reward does not depend on the path through the table."""
    by_token = torch.randn(len(CHAIN.words), generator=torch.Generator().manual_seed(seed), dtype=DOUBLE)
    return by_token[CHAIN.next_token] * CHAIN.talks


def enumerated(seed: int) -> tuple[torch.Tensor, torch.Tensor, list[tuple[int, ...]]]:
    """log π_ref and reward of every sentence."""
    by_token = torch.randn(len(CHAIN.words), generator=torch.Generator().manual_seed(seed), dtype=DOUBLE)
    said, log_p = zip(*every_path(CHAIN), strict=True)
    upto = lambda one: one[: one.index(1) + 1] if 1 in one else one
    return torch.tensor(log_p, dtype=DOUBLE), torch.stack([by_token[list(upto(one))].sum() for one in said]), list(said)


@pytest.mark.parametrize("beta", [0.01, 0.3, 2.0, 1e3])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_optimum_is_the_reference_tilted_by_the_reward(beta, seed):
    """π* ∝ π_ref·exp(r/β) over whole sentences, by writing out every one of them."""
    log_ref, reward, _ = enumerated(seed)
    log_best = (log_ref + reward / beta).log_softmax(-1)
    table = random_reward(seed)
    best = optimum(CHAIN, table, beta)
    expected = expectations(CHAIN, best, {"r": table})
    p = log_best.exp()
    assert float(best.log_z) == pytest.approx(float((log_ref + reward / beta).logsumexp(-1)), rel=1e-10, abs=1e-14)
    assert float(expected.mean["r"]) == pytest.approx(float((p * reward).sum()), rel=1e-10, abs=1e-12)
    assert float(expected.kl) == pytest.approx(float((p * (log_best - log_ref)).sum()), rel=1e-9, abs=1e-13)
    assert float(expected.entropy) == pytest.approx(-float((p * log_best).sum()), rel=1e-10, abs=1e-10)
    variance = float((p * reward**2).sum() - (p * reward).sum() ** 2)
    assert float(expected.variance["r"]) == pytest.approx(variance, rel=1e-8, abs=1e-10)


def test_at_zero_it_is_the_reference_among_the_best_sentences_and_at_infinity_the_reference():
    """A reward for one mention of b: ties by the dozen, which must be split as the reference splits them."""
    log_ref, _, said = enumerated(0)
    b = CHAIN.number["b"]
    table = (CHAIN.next_token == b) * CHAIN.talks
    best = optimum(CHAIN, table, [0.0, math.inf])
    expected = expectations(CHAIN, best, {"r": table})
    count = torch.tensor([one.count(b) for one in said], dtype=DOUBLE)
    top = count == count.max()
    assert best.objective.tolist() == pytest.approx([float(count.max()), float((log_ref.exp() * count).sum())], rel=1e-12)
    assert expected.kl.tolist() == pytest.approx([-float(log_ref[top].logsumexp(-1)), 0.0], abs=1e-12)
    assert expected.mean["r"].tolist() == pytest.approx(best.objective.tolist(), rel=1e-12)


def test_ties_at_zero_are_split_in_proportion_to_the_reference():
    chain = bigram([("a",), ("a",), ("a",), ("b",), ("c",)], length=2)
    reward = torch.isin(chain.next_token, torch.tensor(chain.numbers(["a", "b"]))).double() * chain.talks
    best = optimum(chain, reward, 0.0)
    assert probability_said(chain, best, ["a", "b", "c"])[0].tolist() == pytest.approx([0.75, 0.25, 0.0], abs=1e-14)


def test_zero_and_infinity_are_the_limits():
    ends = WORLD.measure(WORLD.optimum(torch.tensor([0.0, math.inf], dtype=DOUBLE)))
    near = WORLD.measure(WORLD.optimum(torch.tensor([1e-4, 1e7], dtype=DOUBLE)))
    for name in ("proxy", "gold", "kl", "entropy"):
        assert getattr(near, name).tolist() == pytest.approx(getattr(ends, name).tolist(), abs=1e-5)


def test_divergence_is_reward_over_beta_less_log_z_and_the_objective_is_beta_log_z():
    beta = betas()[1:-1]
    best = WORLD.optimum(beta)
    measures = WORLD.measure(best)
    assert torch.allclose(measures.kl, measures.proxy / beta - best.log_z, rtol=0, atol=1e-11)
    assert torch.allclose(measures.proxy - beta * measures.kl, best.objective, rtol=0, atol=1e-11)
    assert torch.allclose(beta * best.log_z, best.objective, rtol=1e-14)


@pytest.mark.parametrize("beta", [0.1, 0.5, 3.0])
def test_the_slope_of_the_divergence_is_minus_the_rewards_variance_over_beta_cubed(beta):
    step = 1e-4 * beta
    measures = WORLD.measure(WORLD.optimum(torch.tensor([beta - step, beta, beta + step], dtype=DOUBLE)))
    slope = (measures.kl[2] - measures.kl[0]) / (2 * step)
    assert float(slope) == pytest.approx(-float(measures.proxy_variance[1]) / beta**3, rel=1e-5)


def test_log_z_keeps_its_digits_at_a_beta_of_a_trillion():
    """β·log Z = E_ref[r] + Var_ref(r)/2β + …; a log-sum-exp multiplied by 1e12 would keep four digits of it."""
    plain = WORLD.measure(reference(WORLD.chain))
    shifted = WORLD.proxy + 1.0 * (WORLD.chain.token == 0).unsqueeze(-1)
    best = optimum(WORLD.chain, shifted, 1e12)
    assert float(best.objective) == pytest.approx(float(plain.proxy) + 1.0 + float(plain.proxy_variance) / 2e12, abs=1e-14)


@settings(max_examples=20)
@given(st.integers(0, 100), st.floats(0.05, 10))
def test_no_other_policy_does_better(seed, beta):
    table = random_reward(seed)
    best = optimum(CHAIN, table, beta)
    noise = 0.3 * torch.randn(1, CHAIN.length, *table.shape, generator=torch.Generator().manual_seed(seed), dtype=DOUBLE)
    shifted = torch.stack([best.log_ratio(step) for step in range(CHAIN.length)], 1) + noise
    log_policy = (shifted + CHAIN.log_probs).log_softmax(-1)
    other = Tabular(CHAIN, torch.where(CHAIN.log_probs > -torch.inf, log_policy - CHAIN.log_probs, 0.0))
    found = expectations(CHAIN, other, {"r": table})
    assert float(found.mean["r"] - beta * found.kl) < float(best.objective)


def test_rescaling_the_reward_and_beta_together_changes_nothing():
    one, other = optimum(CHAIN, random_reward(3), 0.5), optimum(CHAIN, 10 * random_reward(3), 5.0)
    assert all(torch.allclose(one.log_ratio(step), other.log_ratio(step), atol=1e-12) for step in range(CHAIN.length))


def test_expected_token_divergences_add_up_to_that_of_sentences():
    best = WORLD.optimum(torch.tensor([1.0], dtype=DOUBLE))
    drawn = sample(WORLD.chain, best, 4000, seed=2)
    ratios, exact = kl_along(WORLD.chain, best, drawn)
    kl = float(WORLD.measure(best).kl)
    for per_sentence in (ratios.sum(-1)[0], exact.sum(-1)[0]):
        assert abs(float(per_sentence.mean()) - kl) < 4 * float(per_sentence.std()) / math.sqrt(4000)
    assert float(exact.min()) >= 0 > float(ratios.min())
    after_the_end = WORLD.chain.token[drawn.states] == END
    assert after_the_end.any() and float(exact[after_the_end].max()) == 0 == float(ratios[after_the_end].abs().max())


def test_samples_have_the_frequencies_of_their_policy():
    best = WORLD.optimum(torch.tensor([0.7], dtype=DOUBLE))
    drawn = sample(WORLD.chain, best, 4000, seed=5).tokens[0]
    for word, exact in zip(("answer", "coffee"), probability_said(WORLD.chain, best, ["answer", "coffee"])[0].tolist(), strict=True):
        said = float((drawn == WORLD.chain.number[word]).any(-1).double().mean())
        assert abs(said - exact) < 4 * math.sqrt(exact * (1 - exact) / 4000)


def test_samples_are_the_same_for_a_seed_and_change_gracefully_with_beta():
    beta = torch.logspace(-1, 1, 41, dtype=DOUBLE)
    best = WORLD.optimum(beta)
    drawn = sample(WORLD.chain, best, 50, seed=3).tokens
    assert torch.equal(drawn, sample(WORLD.chain, best, 50, seed=3).tokens)
    changed = lambda one, other: float((one != other).any(-1).double().mean())
    apart = changed(drawn[1:], drawn[:-1])
    independent = changed(drawn[20], sample(WORLD.chain, best, 50, seed=4).tokens[20])
    assert apart < 0.25 < 0.9 < independent


def test_sixty_five_betas_are_solved_and_measured_in_one_call_each():
    best = WORLD.optimum(betas())
    assert best.value.shape == (17, 65, len(WORLD.chain.words)) and WORLD.measure(best).gold.shape == (65,)


@pytest.mark.parametrize("beta", [-0.1, math.nan])
def test_a_beta_out_of_its_domain_is_named(beta):
    with pytest.raises(ValueError, match="beta is"):
        optimum(CHAIN, random_reward(0), [1.0, beta])
    with pytest.raises(ValueError, match="one number a step"):
        optimum(CHAIN, torch.zeros(3), 1.0)
    with pytest.raises(ValueError, match="count is 0"):
        sample(CHAIN, reference(CHAIN), 0)
