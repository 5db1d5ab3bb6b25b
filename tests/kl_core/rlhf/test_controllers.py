"""Rules that move β by what a run can see, scored on what it cannot; and the held-out judge against enumeration."""

import math

import pytest
import torch

from kl_core.rlhf.controllers import ByHand, RaiseWhenHacked, held_out_judge, see
from kl_core.rlhf.policy import reference, sample
from kl_core.rlhf.reward import word_counts
from kl_core.rlhf.training import Training
from kl_core.rlhf.world import build_world
from tests.kl_core.rlhf.test_language import every_path

WORLD = build_world()
JUDGE = held_out_judge(WORLD)


def test_the_judges_mean_is_that_of_every_answer_written_out():
    world = build_world(length=6)
    judge = held_out_judge(world, 200)
    said, log_p = zip(*every_path(world.chain), strict=True)
    score = judge.score(word_counts(world.chain, torch.tensor(said)))
    exact = float(torch.tensor(log_p, dtype=torch.float64).exp() @ score)
    assert float(judge.mean(world, reference(world.chain))) == pytest.approx(exact, abs=1e-11) and abs(exact) < 1e-11


def test_the_judge_rises_with_the_proxy_at_first_and_falls_where_the_proxy_is_hacked():
    judge = JUDGE.mean(WORLD, WORLD.optimum([math.inf, 1.0, 0.5, 0.05]))
    proxy = WORLD.measure(WORLD.optimum([math.inf, 1.0, 0.5, 0.05])).proxy
    assert judge[0] < judge[1] < judge[2] > judge[3] and bool((torch.diff(proxy) > 0).all())


def test_what_is_seen_is_what_is_exact_up_to_its_error():
    run = Training(WORLD, group=2000, steps=0)
    (step,) = run
    sight = see(WORLD, JUDGE, run.group, 0)
    assert abs(sight.judge) < 4 * sight.judge_error and abs(sight.gap) < 4 * sight.gap_error
    assert sight.entropy == pytest.approx(step.entropy, abs=0.3) and sight.kl == pytest.approx(0, abs=1e-12)
    assert sight.gap == pytest.approx(sight.proxy - sight.judge, abs=1e-12) and 2 < sight.length <= 16


def test_the_rule_raises_beta_when_hacking_is_seen_and_ends_with_gold_that_a_small_beta_loses():
    rule = RaiseWhenHacked(WORLD, JUDGE)
    *_, ruled = Training(WORLD, beta=0.05, steps=200, learning_rate=0.1, controller=rule)
    *_, fixed = Training(WORLD, beta=0.05, steps=200, learning_rate=0.1)
    assert ruled.gold > 1.5 > -3 > fixed.gold
    verdicts = [sight.verdict for sight in rule.seen if sight.verdict]
    assert len(rule.seen) == 201 and {"improving", "hacking", "stalled"} == set(verdicts)
    for before, after in zip(rule.seen, rule.seen[1:], strict=False):
        factor = {"hacking": 2.0, "stalled": 0.9}.get(after.verdict, 1.0)
        assert after.beta == pytest.approx(before.beta * factor)


def test_a_rule_may_serve_a_second_run_and_sees_the_same_again():
    rule = RaiseWhenHacked(WORLD, JUDGE, window=5)
    list(Training(WORLD, beta=0.05, steps=12, controller=rule))
    first = list(rule.seen)
    list(Training(WORLD, beta=0.05, steps=12, controller=rule))
    assert rule.seen == first


def test_a_hand_sets_beta_from_a_step_on_by_schedule_or_between_two_steps():
    scheduled = [step.beta for step in Training(WORLD, beta=0.5, steps=4, controller=ByHand({2: 0.1}, WORLD, JUDGE))]
    assert scheduled == [0.5, 0.5, 0.1, 0.1, 0.1]
    run, driven = Training(WORLD, beta=0.5, steps=4), []
    for step in run:
        driven.append(step)
        if step.step == 1:
            run.beta = 0.1
    again = list(Training(WORLD, beta=0.5, steps=4, controller=ByHand({1: 0.1})))
    assert [step.kl for step in driven] == [step.kl for step in again]  # set after step 1 was shown: its update has the new β


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("window", lambda: RaiseWhenHacked(WORLD, JUDGE, window=0)),
        ("up is above 1", lambda: RaiseWhenHacked(WORLD, JUDGE, up=0.5)),
        ("β at step -1", lambda: ByHand({-1: 0.5})),
        ("β at step 2", lambda: ByHand({2: -0.5})),
    ],
)
def test_bad_arguments_are_named(name, call):
    with pytest.raises(ValueError, match=name):
        call()


def test_sampled_answers_score_as_the_judges_mean_says():
    best = WORLD.optimum([0.5])
    score = JUDGE.score(word_counts(WORLD.chain, sample(WORLD.chain, best, 4000, 3).tokens[0]))
    assert abs(float(score.mean() - JUDGE.mean(WORLD, best)[0])) < 4 * float(score.std()) / math.sqrt(4000)
