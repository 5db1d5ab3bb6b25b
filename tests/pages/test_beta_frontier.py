"""The view "One frontier" by AppTest: the exact curves, the runs, and a step's numbers in the typeset objective."""

import json

import pytest

from kl_core.rlhf.frontier import FRONTIER_METHODS
from kl_core.rlhf.training import RECIPES
from pages.shared.jobs import QUEUE, Job
from pages.shared.style import UNITS
from pages.views.beta import frontier_runs as runs
from pages.views.beta.frontier_view import JUDGES, finding, frontier_plane
from pages.views.beta.step_view import ANSWERS, objective, step_scene, with_numbers
from tests.pages.conftest import elements, until, words

VIEW = "One frontier"
NATS = UNITS["nats"]


@pytest.fixture(scope="module")
def pulled() -> runs.Pulled:
    return next(runs._pulled(runs.Asked("grpo", 0.7, 20, 0), "reinforce", 2))


def planes(at) -> list[dict]:
    told = [json.loads(element.proto.json) for element in elements(at.main) if element.type == "bidi_component"]
    return [scene for scene in told if "points" in scene and "lines" in scene]


def test_every_method_of_the_library_can_be_chosen():
    assert tuple(runs.NAMES) == FRONTIER_METHODS


def test_best_of_n_stays_below_the_frontier_and_left_of_its_bound():
    bound, best, optimum = frontier_plane([], JUDGES[0], NATS).lines
    assert all(x <= limit + 1e-9 for x, limit in zip(best.xs, bound.xs, strict=True))
    for x, y in zip(best.xs, best.ys, strict=True):
        above = next(i for i, other in enumerate(optimum.xs) if other >= x)
        assert y <= optimum.ys[above] + 1e-9


def test_an_address_starts_nothing(visit):
    at = visit("beta", view=VIEW, frontier_methods="DAPO", frontier_steps="40")
    assert QUEUE.find(runs.Asked("dapo", 0.7, 40, 0).key) is None
    assert len(planes(at)[0]["lines"]) == 3


def test_two_methods_run_from_the_same_reference_and_a_step_is_taken_apart(visit):
    at = visit("beta", view=VIEW, frontier_steps="20")
    at.button(key="frontier_train").click().run()
    jobs = [QUEUE.find(runs.Asked(method, 0.7, 20, 0).key) for method in ("ppo", "grpo")]
    until(lambda: all(job.state == "done" for job in jobs))
    at.run()
    paths = [line for line in planes(at)[0]["lines"] if line["style"] == "run"]
    assert [line["name"] for line in paths] == ["PPO, β = 0.7", "GRPO, β = 0.7"]
    assert all([line["xs"][0], line["ys"][0]] == pytest.approx([0, 0], abs=1e-12) for line in paths)
    at.number_input(key="step_number").set_value(1).run()
    at.button(key="step_show").click().run()
    job = QUEUE.find(runs.pulled_key(runs.Asked("grpo", 0.7, 20, 0), "reinforce", 1))
    until(lambda: job.state == "done")
    at.run()
    assert not at.exception
    assert any(r"\min\big" in element.value for element in at.latex)
    assert "cosine" in words(at)


def test_the_two_methods_look_at_the_same_samples(pulled):
    assert pulled.own.texts == pulled.other.texts
    assert (pulled.own.ratio == pulled.other.ratio).all()


@pytest.mark.parametrize("method", RECIPES)
def test_the_numbers_in_the_objective_give_its_value(pulled, method):
    terms = pulled.own if method != "reinforce" else pulled.other
    token = terms.token(0, 0)
    if objective(method) not in (objective("grpo"), objective("reinforce")):
        return
    gain = min(token.ratio * token.advantage, token.ratio_clipped * token.advantage)
    gain = token.log_policy * token.advantage if method == "reinforce" else gain - token.kl_term
    assert -token.loss == pytest.approx(token.weight * gain, rel=1e-9)
    assert float(with_numbers(method, token, terms.beta).rsplit("=", 1)[1].removesuffix(r"\end{aligned}")) == pytest.approx(
        -token.loss, rel=5e-3
    )


def test_every_push_is_shown_relative_to_the_largest(pulled):
    scene = step_scene(pulled, ("GRPO", "REINFORCE"), (0, 0))
    assert len(scene["texts"]) == ANSWERS
    assert all(-1 <= push <= 1 for side in scene["pushes"] for row in side for push in row)


def test_the_finding_names_the_run_that_leaves_the_reader_best_off():
    job = Job(lambda: iter(()), 1)
    job._state = "done"
    job.results = [next(runs._steps(runs.Asked("ppo", 0.7, 20, 0)))]
    assert finding([(runs.Asked("ppo", 0.7, 20, 0), job)], NATS).startswith("PPO, β = 0.7 leaves the reader best off")


def test_what_a_link_cannot_have_is_said_in_one_sentence(visit):
    assert words(visit("beta", view=VIEW, frontier_judge="nobody")).count("Part of this link cannot be shown") == 1
