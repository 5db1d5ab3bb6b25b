"""Both penalised optima by their optimality conditions, and best-of-n by enumerating every draw."""

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.distributions import Normal, kl_divergence

from kl_core.rlhf.single_step import best_of_n, best_of_n_bound, optimum_from_reference, optimum_to_reference


def vector(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


REFERENCE, REWARD = vector(0.5, 0.3, 0.15, 0.05), vector(0.0, 1.0, -1.0, 3.0)
distributions = st.integers(2, 6).flatmap(
    lambda k: st.tuples(st.lists(st.floats(1e-6, 1), min_size=k, max_size=k), st.lists(st.floats(-5, 5), min_size=k, max_size=k))
)


@settings(max_examples=40)
@given(distributions, st.floats(1e-3, 100))
def test_at_the_optimum_every_action_gains_alike_from_a_little_more_mass(case, beta):
    """KKT: the objective's derivative in each π_i is one and the same multiplier."""
    reference, reward = vector(*case[0]), vector(*case[1])
    reference = reference / reference.sum()
    to = optimum_to_reference(reference.log(), reward, beta)
    slope = reward - beta * (to - reference.log() + 1)
    assert float(slope.max() - slope.min()) < 1e-9 * (1 + beta)
    away = optimum_from_reference(reference.log(), reward, beta)
    multiplier = reward + beta * (reference.log() - away).exp()
    assert float(away.exp().sum()) == pytest.approx(1, rel=1e-12)
    assert float(multiplier.max() - multiplier.min()) < 1e-9 * (1 + beta)
    assert float(reward.max()) < float(multiplier[0]) <= float(reward.max()) + beta * (1 + 1e-9)


def test_the_two_penalties_have_different_optima_and_only_one_nearly_gives_up_actions():
    to, away = (one(REFERENCE.log(), REWARD, 0.1).exp() for one in (optimum_to_reference, optimum_from_reference))
    assert float(to[0]) < 1e-10 and float(away[0]) == pytest.approx(0.1 * 0.5 / 3.0, rel=0.05)


@pytest.mark.parametrize("optimum", [optimum_to_reference, optimum_from_reference])
def test_an_infinite_beta_gives_the_reference_back(optimum):
    assert torch.allclose(optimum(REFERENCE.log(), REWARD, math.inf).exp(), REFERENCE, atol=1e-15)
    assert torch.allclose(optimum(REFERENCE.log(), REWARD, 1e9).exp(), REFERENCE, atol=1e-8)


def test_an_action_that_the_reference_never_takes_is_out_of_reach_for_one_penalty_only():
    reference, reward = vector(0.6, 0.4, 0.0, 0.0), vector(0.0, 1.0, 5.0, 5.0)
    assert optimum_to_reference(reference.log(), reward, 0.5)[2:].exp().tolist() == [0, 0]
    away = optimum_from_reference(reference.log(), reward, 0.5).exp()
    assert away[:2].tolist() == pytest.approx([0.5 * 0.6 / 5, 0.5 * 0.4 / 4], rel=1e-12)  # λ = 5
    assert away[2:].tolist() == pytest.approx([(1 - 0.11) / 2] * 2, rel=1e-12)
    poor = optimum_from_reference(reference.log(), vector(0.0, 1.0, -5.0, -5.0), 0.5).exp()
    assert poor[2:].tolist() == [0, 0] and float(poor.sum()) == pytest.approx(1, rel=1e-14)


def test_a_normal_tilted_by_x_moves_by_one_over_beta():
    x = torch.linspace(-12, 12, 4001, dtype=torch.float64)
    normal = Normal(vector(0.0)[0], vector(1.0)[0])
    tilted = optimum_to_reference(normal.log_prob(x).log_softmax(-1), x, 0.8).exp()
    assert float((tilted * x).sum()) == pytest.approx(1 / 0.8, rel=1e-9)
    assert float(kl_divergence(Normal(vector(1.25)[0], vector(1.0)[0]), normal)) == pytest.approx(1 / (2 * 0.64), rel=1e-12)


@pytest.mark.parametrize("n", [1, 2, 3, 5])
@pytest.mark.parametrize("reward", [(0.0, 1.0, 2.0, 3.0), (0.0, 1.0, 1.0, 0.0), (2.0, 2.0, 2.0, 2.0)], ids=["no ties", "ties", "all tied"])
def test_best_of_n_is_what_every_draw_of_n_actions_gives(n, reward):
    expected = torch.zeros(4, dtype=torch.float64)
    for draw in itertools.product(range(4), repeat=n):
        best = [i for i in draw if reward[i] == max(reward[j] for j in draw)]
        for i in best:
            expected[i] += math.prod(float(REFERENCE[j]) for j in draw) / len(best)
    drawn = best_of_n(REFERENCE.log(), vector(*reward), n)
    assert drawn.log_policy.exp().tolist() == pytest.approx(expected.tolist(), abs=1e-14)
    assert float(drawn.kl) == pytest.approx(float((expected * (expected / REFERENCE).log()).sum()), abs=1e-13)
    assert float(drawn.reward) == pytest.approx(float(expected @ vector(*reward)), abs=1e-13)


@settings(max_examples=40)
@given(distributions, st.integers(1, 1000))
def test_log_n_less_n_minus_1_over_n_bounds_the_divergence_from_above(case, n):
    reference, reward = vector(*case[0]), vector(*case[1])
    assert float(best_of_n(reference.log(), reward, n).kl) <= float(best_of_n_bound(n)) + 1e-12


def test_the_bound_is_all_but_reached_by_ten_thousand_different_rewards_and_far_off_with_ties():
    many = torch.zeros(10_000, dtype=torch.float64)
    fine = best_of_n(many, torch.arange(10_000, dtype=torch.float64), 16)
    assert float(fine.kl) == pytest.approx(float(best_of_n_bound(16)), rel=1e-3)
    tied = best_of_n(many, (torch.arange(10_000) % 2).double(), 16)
    assert float(tied.kl) == pytest.approx(math.log(2), abs=1e-3) and float(best_of_n_bound(16)) > 1.8


def test_a_million_draws_of_a_rare_best_keep_their_digits():
    reference = vector(1 - 1e-9, 1e-9)
    found = best_of_n(reference.log(), vector(0.0, 1.0), 10**6)
    assert float(found.log_policy[1].exp()) == pytest.approx(-math.expm1(10**6 * math.log1p(-1e-9)), rel=1e-9)


@pytest.mark.parametrize(
    "call",
    [
        lambda: optimum_to_reference(REFERENCE.log(), REWARD, 0.0),
        lambda: optimum_from_reference(REFERENCE.log(), REWARD, -1.0),
        lambda: optimum_to_reference(REFERENCE.log(), vector(math.nan, 0, 0, 0), 1.0),
        lambda: best_of_n(REFERENCE.log(), REWARD, 0),
    ],
)
def test_bad_arguments_are_named(call):
    with pytest.raises(ValueError, match=r"^(beta|reward|n) (is|has)"):
        call()
