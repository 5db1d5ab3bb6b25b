"""The answers that succeed, listed, against the recursion over words and against counting by hand."""

import pytest
import torch

from kl_core.rlhf.prompts import NEW, build_prompts
from kl_core.rlhf.successes import list_successes, target_of_shares
from kl_core.rlhf.targets import likeliest_success, oracle, target_of_power, target_of_sentences

WORLD = build_prompts()
SUCCESSES = list_successes(WORLD)


def test_each_success_is_listed_once_and_together_they_have_the_probability_of_success():
    assert len(set(map(tuple, SUCCESSES.tokens.tolist()))) == len(SUCCESSES.tokens)
    assert float(-SUCCESSES.log_probs.logsumexp(0)) == pytest.approx(oracle(WORLD).kl, rel=1e-12)
    texts = [WORLD.text(tokens) for tokens in SUCCESSES.tokens.tolist()]
    assert all(text.startswith("the answer is:") and text.count("answer") == 1 for text in texts)
    assert texts[0] == likeliest_success(WORLD)


@pytest.mark.parametrize("power", [1.0, 0.5, 3.0, 0.0, -0.5])
def test_a_power_of_the_reference_is_the_target_of_the_recursion(power):
    listed, expected = target_of_shares(WORLD, SUCCESSES, SUCCESSES.of_power(power)), target_of_power(WORLD, power)
    torch.testing.assert_close(listed.counts, expected.counts, rtol=1e-10, atol=1e-14)
    assert (listed.entropy, listed.kl) == pytest.approx((expected.entropy, expected.kl), rel=1e-10)


def test_sentences_in_any_proportion_are_the_target_of_these_sentences():
    first, second = (WORLD.text(SUCCESSES.tokens[i].tolist()) for i in (0, 40))
    shares = 0.3 * SUCCESSES.only(0) + 0.7 * SUCCESSES.only(40)
    listed, expected = target_of_shares(WORLD, SUCCESSES, shares), target_of_sentences(WORLD, {first: 3.0, second: 7.0})
    torch.testing.assert_close(listed.counts, expected.counts, rtol=1e-12, atol=1e-15)
    assert (listed.entropy, listed.kl) == pytest.approx((expected.entropy, expected.kl), rel=1e-12)


@pytest.mark.parametrize("shares", [[0.0], [1.0] * 5, [float("nan")]])
def test_shares_that_are_none_are_refused(shares):
    whole = torch.zeros_like(SUCCESSES.log_probs) + torch.tensor(shares)[0] if len(shares) == 1 else torch.tensor(shares)
    with pytest.raises(ValueError, match="shares must be"):
        target_of_shares(WORLD, SUCCESSES, whole)


def test_the_model_s_own_log_probabilities_are_sums_of_its_words():
    tokens = SUCCESSES.tokens[3].tolist()
    steps = [float(WORLD.log_probs[NEW][before, word]) for before, word in zip([0, *tokens], tokens, strict=False)]
    assert float(SUCCESSES.log_probs[3]) == pytest.approx(sum(steps), rel=1e-14)
