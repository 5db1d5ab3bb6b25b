"""A step's terms against the loss they are the parts of, finite differences, and the exact gradient."""

import math

import pytest
import torch

from kl_core.rlhf.policy import Tabular, expectations, sample
from kl_core.rlhf.step_terms import exact_gradient, step_terms, terms_of_group
from kl_core.rlhf.training import RECIPES, Group, Settings, Training
from kl_core.rlhf.world import build_world

WORLD = build_world()
SHORT = {"group": 16, "steps": 6, "learning_rate": 0.1}


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_losses_of_the_tokens_add_up_to_the_loss(recipe):
    terms = step_terms(WORLD, Settings(**SHORT | RECIPES[recipe]), 3)
    shift = float((terms.weight * terms.log_reference * terms.advantage).sum()) if recipe == "reinforce" else 0.0
    assert float(terms.loss.sum()) == pytest.approx(terms.total_loss - shift, rel=1e-9, abs=1e-12)
    assert bool((terms.loss[terms.mask == 0] == 0).all()) and bool((terms.push[terms.mask == 0] == 0).all())


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_tokens_numbers_stand_in_the_formula(recipe):
    settings = Settings(**SHORT | RECIPES[recipe])
    terms = step_terms(WORLD, settings, 2)
    for answer in range(4):
        for position in range(len(terms.texts[answer])):
            t = terms.token(answer, position)
            assert t.ratio == pytest.approx(math.exp(t.log_policy - t.log_old))
            if recipe == "reinforce":
                expected = t.log_policy * t.advantage
            else:
                high = settings.clip_high or settings.clip
                assert t.ratio_clipped == pytest.approx(min(max(t.ratio, 1 - settings.clip), 1 + high))
                expected = min(t.ratio * t.advantage, t.ratio_clipped * t.advantage)
            assert t.surrogate == pytest.approx(expected)
            if settings.penalty == "k3_loss":
                back = t.log_reference - t.log_policy
                assert t.kl == pytest.approx(math.exp(back) - 1 - back, abs=1e-12)
                assert t.kl_term == pytest.approx(settings.beta * t.kl, abs=1e-14)
            assert t.loss == pytest.approx(-t.weight * (t.surrogate - t.kl_term), abs=1e-15)
            if t.clipped and settings.beta == 0:
                assert t.push == 0


@pytest.mark.parametrize("recipe", ["reinforce", "ppo"])
def test_the_advantages_kl_is_the_log_ratio_to_come_less_the_mean_of_the_other_answers(recipe):
    terms = step_terms(WORLD, Settings(**SHORT | RECIPES[recipe]), 2)
    own = [sum((terms.log_old - terms.log_reference)[answer, 1:].tolist()) for answer in range(16)]
    t = terms.token(0, 1)
    assert t.advantage_kl == pytest.approx(own[0] - sum(own[1:]) / 15)
    assert t.advantage == pytest.approx(t.advantage_reward - terms.beta * t.advantage_kl)
    assert t.advantage_reward == pytest.approx(float(terms.reward[0] - terms.reward[1:].mean()))


def test_before_the_first_adam_step_every_ratio_is_1_and_later_some_are_clipped():
    settings = Settings(**{"group": 64, "steps": 4, "learning_rate": 0.2} | RECIPES["ppo"])
    first, last = step_terms(WORLD, settings, 2, 0), step_terms(WORLD, settings, 2)
    assert torch.allclose(first.ratio[first.mask > 0], torch.ones(1, dtype=torch.float64)) and not bool(first.clipped.any())
    assert bool(last.clipped.any())


def test_dapo_lets_rare_tokens_rise_further_than_grpo():
    run = Training(WORLD, Settings(**SHORT))
    next(iter(run))
    table = run.policy.table[0] + 0.25 * torch.randn(
        run.policy.table[0].shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64
    )
    table = table - (table + WORLD.chain.log_probs).logsumexp(-1, keepdim=True)
    grpo, dapo = (terms_of_group(WORLD, Settings(**RECIPES[name] | {"beta": 0.0}), run.group, table, 0.0) for name in ("grpo", "dapo"))
    assert torch.equal(grpo.ratio, dapo.ratio)  # the same samples
    assert int(dapo.clipped.sum()) < int(grpo.clipped.sum())
    assert float(dapo.ratio_clipped.max()) == pytest.approx(1.28) and float(grpo.ratio_clipped.max()) == pytest.approx(1.2)


def test_lengths_of_answers_count_as_each_method_says():
    run = Training(WORLD, Settings(**SHORT))
    next(iter(run))
    weight = {name: terms_of_group(WORLD, Settings(**RECIPES[name]), run.group, run.policy.table[0], 0.0).weight for name in RECIPES}
    lengths = run.group.mask.sum(-1)
    assert torch.allclose(weight["grpo"].sum(-1), torch.full_like(lengths, 1 / 16))
    assert torch.allclose(weight["dapo"], run.group.mask / lengths.sum())
    assert torch.allclose(weight["dr_grpo"].sum(-1), lengths / 16)


def test_the_exact_gradient_is_that_of_differences():
    table = 0.3 * torch.randn(
        WORLD.chain.length, *WORLD.chain.log_probs.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64
    )
    table = table - (table + WORLD.chain.log_probs).logsumexp(-1, keepdim=True)
    gradient = exact_gradient(WORLD, table, 0.5)

    def loss(moved):
        moved = moved - (moved + WORLD.chain.log_probs).logsumexp(-1, keepdim=True)
        found = expectations(WORLD.chain, Tabular(WORLD.chain, moved.unsqueeze(0)), {"r": WORLD.proxy})
        return -float(found.mean["r"] - 0.5 * found.kl)

    for place in gradient.abs().flatten().topk(5).indices.tolist():
        step = torch.zeros(table.numel(), dtype=torch.float64)
        step[place] = 1e-4
        step = step.view_as(table)
        slope = (loss(table + step) - loss(table - step)) / 2e-4
        assert float(gradient.flatten()[place]) == pytest.approx(slope, rel=1e-6)


def test_with_k1_in_the_reward_many_samples_point_where_the_exact_gradient_does_and_grpos_k3_does_not():
    best = WORLD.optimum(torch.tensor([2.0], dtype=torch.float64))
    table = torch.stack([best.log_ratio(step)[0] for step in range(WORLD.chain.length)])
    policy = Tabular(WORLD.chain, table.unsqueeze(0))
    group = Group(WORLD, sample(WORLD.chain, policy, 20_000, 0), policy)
    cosine = {
        name: terms_of_group(WORLD, Settings(**RECIPES[name] | {"beta": 0.5}), group, table, 0.5).cosine for name in ("reinforce", "grpo")
    }
    assert cosine["reinforce"] > 0.97 and cosine["reinforce"] > cosine["grpo"]


def test_a_push_upwards_makes_the_token_likelier_for_a_small_step_of_its_logit():
    terms = step_terms(WORLD, Settings(**SHORT), 1)
    assert (terms.push * terms.advantage >= -1e-12).all()  # without a loss of its own, the push has the advantage's sign


@pytest.mark.parametrize(("name", "arguments"), [("step", (9,)), ("epoch", (0, 5))])
def test_a_step_that_the_run_does_not_have_is_named(name, arguments):
    with pytest.raises(ValueError, match=f"{name} is"):
        step_terms(WORLD, Settings(**SHORT), *arguments)
    with pytest.raises(ValueError, match="no token 99"):
        step_terms(WORLD, Settings(**SHORT), 0).token(0, 99)
