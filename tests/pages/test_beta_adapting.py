"""The view "Who sets β?": the runs follow their rule, and the true reward is hidden until all have ended."""

from dataclasses import replace
from itertools import islice

import pytest

from kl_core.rlhf.language import END
from kl_core.rlhf.policy import optimum, sample
from kl_core.rlhf.reward import word_counts
from pages.shared.jobs import QUEUE, Job
from pages.views.beta.adapting import (
    BETAS,
    NAMES,
    PHASE,
    SEEN,
    SHOWN_EACH,
    START,
    STEPS,
    Plan,
    Point,
    _points,
    ended,
    finding,
    gold_plane,
    judge,
    optima,
    seen_points,
    steps_plane,
)
from pages.views.beta.frontier_runs import FIRST
from pages.views.beta.scene import measured_at, world_of
from tests.pages.conftest import until, words

PLAN = Plan((0.02, 0.4, 1.0), 1.5, 0)


def ended_job(name: str, count: int = 3) -> Job:
    job = Job(lambda: iter(()), count)
    job.results, job._state = list(islice(_points(PLAN, name), count)), "done"
    return job


@pytest.fixture(scope="module")
def jobs() -> dict[str, Job]:
    return {name: ended_job(name) for name in NAMES}


def test_by_hand_beta_is_what_the_hand_has_set(jobs):
    assert {point.sight.beta for point in jobs[NAMES[0]].results} == {0.02}


def test_all_three_start_at_the_hands_first_beta(jobs):
    assert {job.results[0].sight.beta for job in jobs.values()} == {PLAN.hand[0]}


def test_the_controller_passes_its_target_within_the_run_and_ends_near_it():
    kls = [point.exact.kl for point in _points(Plan((START,), 1.5, 0), NAMES[1])]
    assert kls[0] < 1e-9 and max(kls) > 1.5
    assert kls[-1] == pytest.approx(1.5, abs=0.5)


def test_beta_by_hand_is_drawn_in_steps_as_it_is_set():
    first = next(_points(PLAN, NAMES[0]))
    run = [Point(replace(first.exact, step=step), replace(first.sight, beta=beta)) for step, beta in ((45, 0.2), (50, 0.7), (55, 0.7))]
    (line,) = steps_plane("β", {NAMES[0]: run}, "beta", 1.0).lines
    assert list(zip(line.xs, line.ys, strict=True)) == [(45, 0.2), (50, 0.2), (50, 0.7), (55, 0.7), (55, 0.7)]


def test_the_true_reward_is_drawn_over_the_references_once_all_have_ended(jobs):
    points = {name: list(job.results) for name, job in jobs.items()}
    assert not ended(points)
    whole = {name: [*run[:-1], Point(replace(run[-1].exact, step=STEPS), run[-1].sight)] for name, run in points.items()}
    assert ended(whole)
    assert all(line.ys[0] == pytest.approx(0, abs=1e-9) and len(line.ys) == 3 for line in gold_plane(whole).lines)


def test_the_names_in_a_picture_are_asked_for_from_the_highest_end_to_the_lowest(jobs):
    lines = gold_plane({name: list(job.results) for name, job in jobs.items()}).lines
    ends = [line.ys[-1] for line in lines]
    assert ends == sorted(ends, reverse=True)


def test_the_controller_lowers_beta_while_the_kl_is_below_its_target(jobs):
    betas = [point.sight.beta for point in jobs[NAMES[1]].results]
    assert betas[-1] < betas[0]


def test_the_true_reward_is_hidden_until_every_run_has_made_its_last_step(jobs):
    assert "hidden" in finding(jobs)
    last = {name: job.results[-1] for name, job in jobs.items()}
    whole = {name: Job(lambda: iter(()), 1) for name in NAMES}
    for name, job in whole.items():
        job.results, job._state = [Point(replace(last[name].exact, step=STEPS), last[name].sight)], "done"
    assert "wins: true reward" in finding(whole)
    whole[NAMES[0]].results = jobs[NAMES[0]].results
    assert "hidden" in finding(whole)


def test_a_hand_that_goes_on_continues_the_run_it_has_seen():
    first, second = Plan((0.02,), 1.5, 0), Plan((0.02, 0.4), 1.5, 0)
    shorter, longer = (list(_points(plan, NAMES[0])) for plan in (first, second))
    assert [point.exact.step for point in longer] == list(range(0, 2 * PHASE + 1, SHOWN_EACH))
    assert [point.exact.gold for point in longer[: len(shorter)]] == [point.exact.gold for point in shorter]
    assert {point.sight.beta for point in longer[len(shorter) :]} == {0.4}


def test_the_rules_are_shown_as_far_as_the_hand_has_gone(jobs):
    ahead = Job(lambda: iter(()), 1)
    ahead.results = [Point(replace(jobs[NAMES[1]].results[0].exact, step=step), jobs[NAMES[1]].results[0].sight) for step in (0, 50, 100)]
    shown = seen_points(Plan((0.02,), 1.5, 0), {NAMES[0]: jobs[NAMES[0]], NAMES[1]: ahead}, [])
    assert [point.exact.step for point in shown[NAMES[1]]] == [0, 50]


def test_fifty_steps_are_run_at_a_press_and_what_was_run_cannot_be_changed(visit):
    at = visit("beta", view="Who sets β?", hand_seed="78")
    at.button(key="adapting_run").click().run()
    job = QUEUE.find(Plan((START,), 1.5, 78).key(NAMES[0]))
    until(lambda: job.state == "done")
    at.run()
    assert not at.exception and at.button(key="adapting_run").label == "Run steps 50 to 100"
    assert at.select_slider(key="hand_0").disabled and not at.select_slider(key="hand_1").disabled
    at.button(key="adapting_again").click().run()
    assert at.button(key="adapting_run").label == "Run steps 0 to 50"


def test_the_dotted_line_is_what_sampled_answers_of_the_optimum_show():
    world, at = world_of(FIRST.pairs, FIRST.noise, FIRST.seed), BETAS.index(0.7)
    tokens = sample(world.chain, optimum(world.chain, world.proxy, 0.7), 4000, 0).tokens[0]
    length = ((tokens != END).sum(-1) + 1.0).clamp_max(tokens.shape[1])
    score = judge().score(word_counts(world.chain, tokens))
    for name, values in (("length", length), ("judge", score)):
        assert optima()[name][at] == pytest.approx(float(values.mean()), abs=4 * float(values.std()) / 4000**0.5)
    assert optima()["kl"] == pytest.approx(measured_at(FIRST, list(BETAS)).kl.tolist())


def test_before_a_run_the_picture_has_the_path_that_the_hand_plans():
    (line,) = steps_plane("β", {}, "beta", 1.0, ("your plan", (0.05, 0.2, 0.7))).lines
    assert list(zip(line.xs, line.ys, strict=True)) == [(0, 0.05), (50, 0.05), (50, 0.2), (100, 0.2), (100, 0.7), (150, 0.7)]


@pytest.mark.parametrize("watched", SEEN)
def test_every_quantity_has_a_picture_before_and_after_a_run(jobs, watched):
    before = steps_plane(watched, {}, SEEN[watched], 1.0)
    after = steps_plane(watched, {name: job.results for name, job in jobs.items()}, SEEN[watched], 1.0)
    assert before.y[1] < before.y[2] and [len(line.xs) for line in after.lines] == [3, 3, 3]


def test_an_address_starts_nothing(visit):
    at = visit("beta", view="Who sets β?", hand_seed="77")
    assert not any(QUEUE.find(Plan((START,), 1.5, 77).key(name)) for name in NAMES)
    assert "cannot be shown" not in words(at)
