"""The view "Who sets β?": the runs follow their rule, and the true reward is hidden until all have ended."""

from itertools import islice

import pytest

from pages.shared.jobs import QUEUE, Job
from pages.views.beta.adapting import NAMES, SEEN, STEPS, Plan, _points, finding, steps_plane
from tests.pages.conftest import words

PLAN = Plan((0.02, 0.4, 1.0), 1.5, 0)


def ended(name: str, count: int = 3) -> Job:
    job = Job(lambda: iter(()), count)
    job.results, job._state = list(islice(_points(PLAN, name), count)), "done"
    return job


@pytest.fixture(scope="module")
def jobs() -> dict[str, Job]:
    return {name: ended(name) for name in NAMES}


def test_by_hand_beta_is_what_the_hand_has_set(jobs):
    assert {point.sight.beta for point in jobs[NAMES[0]].results} == {0.02}


def test_the_controller_lowers_beta_while_the_kl_is_below_its_target(jobs):
    betas = [point.sight.beta for point in jobs[NAMES[1]].results]
    assert betas[-1] < betas[0]


def test_the_true_reward_is_hidden_while_a_run_goes_on(jobs):
    running = Job(lambda: iter(()), STEPS)
    assert "hidden" in finding({**jobs, NAMES[0]: running})
    assert "wins: true reward" in finding(jobs)


@pytest.mark.parametrize("watched", SEEN)
def test_every_quantity_has_a_picture_before_and_after_a_run(jobs, watched):
    before = steps_plane(watched, {}, SEEN[watched], 1.0)
    after = steps_plane(watched, {name: job.results for name, job in jobs.items()}, SEEN[watched], 1.0)
    assert before.y[1] < before.y[2] and [len(line.xs) for line in after.lines] == [3, 3, 3]


def test_an_address_starts_nothing(visit):
    at = visit("beta", view="Who sets β?", hand_seed="77")
    assert not any(QUEUE.find(Plan((0.05, 0.2, 0.7), 1.5, 77).key(name)) for name in NAMES)
    assert "cannot be shown" not in words(at)
