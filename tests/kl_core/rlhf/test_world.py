"""The small world: gold counts what it says it counts, and hacking the proxy emerges and does not with gold itself."""

import math

import pytest
import torch

from kl_core.rlhf.language import as_text
from kl_core.rlhf.policy import Tabular, expectations, reference, sample
from kl_core.rlhf.reward import GOLD, fit_reward_model, word_counts
from kl_core.rlhf.world import betas, build_world

WORLD = build_world()
BETA = betas(33)
SEEDS = range(6)


def counts(text: str) -> torch.Tensor:
    tokens = WORLD.chain.numbers([*text.removesuffix(".").split(), *(["<end>"] if text.endswith(".") else [])])
    return torch.bincount(torch.tensor(tokens), minlength=len(WORLD.chain.words)).double()


def value(text: str) -> float:
    return float(GOLD.of_counts(WORLD.chain, counts(text)))


def test_gold_counts_a_point_once_and_minds_repeats_other_topics_and_no_end():
    assert value("the answer is: no coffee after lunch.") == 3 + 1 + 0.5
    assert value("the answer is: no coffee after lunch") == 3 + 1
    assert value("no coffee and no coffee.") == 1 - 2 + 0.5
    assert value("fresh water and good leaves.") == -0.5 - 0.5 + 0.5
    assert value("the answer is: the answer is: the answer is:") == 3 - 2 - 2


def test_expected_gold_agrees_with_samples_and_with_the_chain_that_remembers():
    best = WORLD.optimum(torch.tensor([0.8], dtype=torch.float64))
    drawn = GOLD.of_counts(WORLD.chain, word_counts(WORLD.chain, sample(WORLD.chain, best, 4000, seed=9).tokens[0]))
    exact = float(WORLD.measure(best).gold)
    assert abs(float(drawn.mean()) - exact) < 4 * float(drawn.std()) / math.sqrt(4000)
    _, unmoved = WORLD.gold_optimum(torch.tensor([math.inf], dtype=torch.float64))
    plain = WORLD.measure(reference(WORLD.chain))
    for name in ("gold", "proxy", "proxy_variance", "entropy"):
        assert float(getattr(unmoved, name)) == pytest.approx(float(getattr(plain, name)), rel=1e-11, abs=1e-12)


def test_the_reward_model_has_mean_zero_under_the_reference_and_is_better_than_chance():
    assert float(WORLD.measure(reference(WORLD.chain)).proxy) == pytest.approx(0, abs=1e-12)
    assert WORLD.model.accuracy > 0.6 and WORLD.model.agreement > 0.6
    helpful, astray = (
        float(counts(text) @ WORLD.model.weights)
        for text in ("the answer is: no coffee after lunch.", "boil fresh water and wait four minutes.")
    )
    assert helpful > astray + 1


def test_the_fitted_weights_are_where_the_penalised_likelihoods_slope_is_zero():
    chain, pairs, seed = WORLD.chain, 200, 4
    model = fit_reward_model(chain, GOLD, pairs, 0.0, seed)
    generator = torch.Generator().manual_seed(seed)
    words = word_counts(chain, sample(chain, reference(chain), 2 * pairs, generator).tokens[0])
    gap = GOLD.of_counts(chain, words)
    gap = gap[:pairs] - gap[pairs:]
    apart = gap != 0  # a coin decides the others
    chosen = gap.sign().unsqueeze(-1) * (words[:pairs] - words[pairs:])
    weights = model.weights.clone().requires_grad_()
    loss = -torch.nn.functional.logsigmoid(chosen[apart] @ weights).sum() + 0.5 * weights.square().sum()
    (slope,) = torch.autograd.grad(loss, weights)
    tied = ((words[:pairs] - words[pairs:])[~apart]).abs().sum(0)  # they pull by at most a count each
    assert bool((slope.abs() <= tied + 1e-9).all()) and float(slope[tied == 0].abs().max()) < 1e-9


@pytest.mark.parametrize("seed", SEEDS)
def test_optimising_the_proxy_raises_gold_and_then_ruins_it(seed):
    world = build_world(seed=seed)
    measures = world.measure(world.optimum(BETA))
    best = int(measures.gold.argmax())
    start, peak, end = float(measures.gold[-1]), float(measures.gold[best]), float(measures.gold[0])
    assert peak > start + 0.5 and end < peak - 0.5
    assert 0.3 < float(measures.kl[best]) < 5
    assert bool((measures.proxy.diff() <= 1e-9).all()) and bool((measures.kl.diff() <= 1e-9).all())  # β grows along the axis


def test_in_most_worlds_the_end_is_far_below_the_reference():
    ends = torch.stack([world.measure(world.optimum(BETA[:1])).gold[0] for world in (build_world(seed=seed) for seed in SEEDS)])
    assert float(ends.median()) < -2 < 1 < float(WORLD.measure(reference(WORLD.chain)).gold)


def test_the_text_becomes_the_answer_is_the_answer_is():
    hacked = sample(WORLD.chain, WORLD.optimum(torch.zeros(1)), 1, seed=0).tokens[0, 0]
    assert as_text(WORLD.chain.words, hacked.tolist()).startswith("the answer is: the answer is: the answer is:")


def test_with_gold_as_the_reward_there_is_no_fall():
    _, measures = WORLD.gold_optimum(torch.tensor([0.0, 0.1, 0.3, 1.0, 3.0, math.inf], dtype=torch.float64))
    assert bool((measures.gold.diff() <= 1e-9).all())
    assert float(measures.gold[0]) > float(WORLD.measure(WORLD.optimum(BETA)).gold.max()) + 2


def test_more_data_raises_the_peak_and_does_not_cure_the_fall():
    peaks, ends = {}, {}
    for pairs in (50, 10_000):
        found = [world.measure(world.optimum(BETA)).gold for world in (build_world(pairs, seed=seed) for seed in SEEDS)]
        peaks[pairs] = sum(float(gold.max()) for gold in found) / len(found)
        ends[pairs] = sum(float(gold[0]) for gold in found) / len(found)
    assert peaks[10_000] > peaks[50] + 0.2
    assert ends[10_000] < -1


@pytest.mark.parametrize(("name", "bad"), [("pairs", {"pairs": 0}), ("noise", {"noise": -1.0}), ("noise", {"noise": math.nan})])
def test_a_bad_argument_is_named(name, bad):
    with pytest.raises(ValueError, match=f"{name} is"):
        build_world(**bad)


def test_a_world_built_in_inference_mode_can_be_trained_in():
    with torch.inference_mode():
        world = build_world(50, length=5)
        world.measure(world.optimum([1.0]))
    chain = world.chain
    logits = torch.zeros(1, 1, *chain.log_probs.shape, dtype=torch.float64, requires_grad=True)
    expectations(chain, Tabular(chain, logits), {"proxy": world.proxy}).mean["proxy"].sum().backward()
    assert logits.grad is not None and bool(logits.grad.isfinite().all())
