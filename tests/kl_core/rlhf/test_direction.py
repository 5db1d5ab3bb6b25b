"""Both directions of the penalty: against a constrained optimiser of scipy, and what GX-Chen et al. (2025) say of them."""

import math

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from kl_core.rlhf.direction import CHOICES, directions


def by_scipy(reference, reward, beta: float, direction: str) -> np.ndarray:
    p, r = np.array(reference) / sum(reference), np.array(reward)

    def loss(z):
        q = np.exp(z - z.max())
        q /= q.sum()
        kl = (q * np.log(q / p)).sum() if direction == "reverse" else (p * np.log(p / q)).sum()
        return beta * kl - q @ r

    z = minimize(loss, np.log(p), method="BFGS", options={"gtol": 1e-10, "maxiter": 5000}).x
    q = np.exp(z - z.max())
    return q / q.sum()


@pytest.mark.parametrize("choice", CHOICES.values(), ids=CHOICES)
@pytest.mark.parametrize("direction", ["reverse", "forward"])
def test_both_optima_are_those_that_scipy_finds(choice, direction):
    ours = getattr(directions(choice.reference, choice.reward, choice.beta, choice.hack), direction)
    assert ours.policy.numpy() == pytest.approx(by_scipy(choice.reference, choice.reward, choice.beta, direction), abs=2e-4)


def test_at_beta_0_3_the_forward_penalty_puts_77_percent_on_the_rare_hack_and_the_reverse_one_39():
    choice = CHOICES["a rare hack"]
    both = directions(choice.reference, choice.reward, 0.3, choice.hack)
    assert (round(100 * both.forward.hack), round(100 * both.reverse.hack)) == (77, 39)


@pytest.mark.parametrize("choice", CHOICES.values(), ids=CHOICES)
def test_each_preset_shows_what_it_says(choice):
    both = directions(choice.reference, choice.reward, choice.beta, choice.hack)
    assert both.more_collapsed == choice.more_collapsed
    assert abs(both.forward.hack - both.reverse.hack) > 0.08


def test_the_two_presets_go_opposite_ways():
    assert {choice.more_collapsed for choice in CHOICES.values()} == {"reverse", "forward"}


choices = st.integers(2, 6).flatmap(
    lambda k: st.tuples(st.lists(st.floats(1e-3, 1), min_size=k, max_size=k), st.lists(st.floats(-3, 3), min_size=k, max_size=k))
)


@settings(max_examples=40)
@given(choices, st.floats(0.05, 20))
@example(([1.0, 1.0], [0.0, 3.0]), 0.0625)  # one answer has all but 1e-17
def test_equal_rewards_keep_the_references_odds_and_nothing_is_given_up(case, beta):
    reference, reward = [*case[0], 0.2, 0.1], [*case[1], 0.7, 0.7]
    both = directions(reference, reward, beta)
    for side in (both.reverse, both.forward):
        assert float(side.policy[-2] / side.policy[-1]) == pytest.approx(2, rel=1e-9)
        assert float(side.policy.min()) > 0 and float(side.policy.sum()) == pytest.approx(1, rel=1e-12)
        shares = side.policy.tolist()
        others = [math.fsum(shares[:i] + shares[i + 1 :]) for i in range(len(shares))]
        assert side.odds.tolist() == pytest.approx([share / rest for share, rest in zip(shares, others)], rel=1e-6, abs=1e-9)


def test_the_multipliers_are_beta_log_z_and_lambda():
    choice = CHOICES["a rare hack"]
    both = directions(choice.reference, choice.reward, 0.3)
    z = sum(p * math.exp(r / 0.3) for p, r in zip(choice.reference, choice.reward, strict=True))
    assert both.reverse.multiplier == pytest.approx(0.3 * math.log(z), rel=1e-12)
    total = sum(0.3 * p / (both.forward.multiplier - r) for p, r in zip(choice.reference, choice.reward, strict=True))
    assert total == pytest.approx(1, rel=1e-10)
    assert directions(choice.reference, choice.reward, math.inf).reverse.kl == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("name", "case"),
    [
        ("same length", ([0.5, 0.5], [1.0], 1.0)),
        ("reference needs", ([0.5, 0.0], [1.0, 2.0], 1.0)),
        ("beta is 0", ([0.5, 0.5], [1.0, 2.0], 0.0)),
        ("hack is 2", ([0.5, 0.5], [1.0, 2.0], 1.0, 2)),
        ("reward has", ([0.5, 0.5], [1.0, math.inf], 1.0)),
    ],
)
def test_bad_arguments_are_named(name, case):
    with pytest.raises(ValueError, match=name):
        directions(*case)


def test_the_answers_are_float64_on_the_cpu():
    assert directions([1, 1], [0, 1], 1.0).reverse.policy.dtype == torch.float64
