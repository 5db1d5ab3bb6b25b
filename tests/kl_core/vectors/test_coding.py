"""Code lengths, and the extra length of a message: against entropies and KL."""

import math

import pytest
import torch

from kl_core import FAMILIES, entropy, kl
from kl_core.density import log_density
from kl_core.vectors.coding import code_lengths, draw_message, running_extra_length

P = FAMILIES["categorical"].distribution(probs=[0.3, 0.5, 0.2])
Q = FAMILIES["categorical"].distribution(probs=[0.35, 0.4, 0.25])
OUTCOMES = torch.arange(3, dtype=torch.float64)


def test_expected_code_length_under_p_is_the_entropy():
    assert (P.probs * code_lengths(P, OUTCOMES)).sum() == pytest.approx(float(entropy(P)), rel=1e-15)


def test_expected_extra_length_is_the_divergence():
    extra = code_lengths(Q, OUTCOMES) - code_lengths(P, OUTCOMES)
    assert (P.probs * extra).sum() == pytest.approx(float(kl(P, Q)), rel=1e-12)


def test_half_a_probability_costs_one_bit():
    fair = FAMILIES["bernoulli"].distribution(probs=0.5)
    assert code_lengths(fair, OUTCOMES[:2]) / math.log(2) == pytest.approx([1, 1], rel=1e-15)


def test_an_impossible_outcome_has_no_codeword():
    never = FAMILIES["categorical"].distribution(probs=[0.5, 0.5, 0.0])
    assert code_lengths(never, OUTCOMES)[2] == math.inf
    assert code_lengths(FAMILIES["binomial"].distribution(total_count=2, probs=0.5), OUTCOMES + 1)[2] == math.inf


def test_a_long_message_pays_the_divergence_within_five_standard_errors():
    message = draw_message(P, 200_000, seed=1)
    extra = code_lengths(Q, message) - code_lengths(P, message)
    error = float(extra.std() / math.sqrt(len(message)))
    assert abs(float(running_extra_length(P, Q, message)[-1]) - float(kl(P, Q))) < 5 * error


def test_a_message_is_the_same_for_the_same_seed_and_leaves_the_global_generator_alone():
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    first, second, other = (draw_message(P, 50, seed) for seed in (3, 3, 4))
    assert torch.equal(first, second) and not torch.equal(first, other)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("family", FAMILIES.values(), ids=lambda family: family.name)
def test_log_density_agrees_with_torch_inside_the_support(family):
    d = family.distribution(**{one.name: one.default for one in family.parameters})
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        x = d.sample((200,)).double()
    assert log_density(d, x) == pytest.approx(d.log_prob(x), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "outside"), [("uniform", 7.0), ("gamma", -1.0), ("log_normal", 0.0), ("beta", 1.5), ("poisson", 1.5), ("binomial", 99.0)]
)
def test_log_density_is_minus_infinity_outside_the_support(name, outside):
    family = FAMILIES[name]
    d = family.distribution(**{one.name: one.default for one in family.parameters})
    assert log_density(d, torch.tensor([outside], dtype=torch.float64)) == -math.inf
