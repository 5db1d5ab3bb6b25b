"""The view "One frontier" by AppTest: the exact curves, the runs, and a step's numbers in the typeset objective."""

import base64
import json
import math
import re
from dataclasses import replace

import numpy as np
import pytest

from kl_core.rlhf.frontier import FRONTIER_METHODS, FRONTIER_NS
from kl_core.rlhf.training import RECIPES, Settings
from pages.shared.jobs import QUEUE, Job
from pages.shared.style import UNITS
from pages.views.beta import frontier_runs as runs
from pages.views.beta.frontier_plane import AXES, REWARDS, bound_gap, finding, frontier_plane, ranking, wins_table
from pages.views.beta.landscape_parts import BanditProblem, ends_columns, ends_rows, path_of
from pages.views.beta.landscape_parts import finding as landscape_finding
from pages.views.beta.landscape_view import landscape_plane
from pages.views.beta.scene import frames_of
from pages.views.beta.step_view import ANSWERS, objective, step_scene, with_numbers
from pages.views.beta.two_answers_view import hill_plane, paths_plane
from tests.pages.conftest import elements, until, words

VIEW = "One frontier"
NATS = UNITS["nats"]


@pytest.fixture(scope="module")
def pulled() -> runs.Pulled:
    return next(runs._pulled(runs.MethodRun("grpo", 0.7, 20, 0), "reinforce", 2))


def planes(at) -> list[dict]:
    told = [json.loads(element.proto.json) for element in elements(at.main) if element.type == "bidi_component"]
    return [scene for scene in told if "points" in scene and "lines" in scene]


def test_every_method_of_the_library_can_be_chosen():
    assert tuple(runs.NAMES) == (*FRONTIER_METHODS, runs.OWN)


def test_best_of_n_stays_below_the_frontier_and_left_of_its_bound():
    best, optimum = frontier_plane([], REWARDS[0], NATS).lines
    bound = [math.log(n) - (n - 1) / n for n in FRONTIER_NS]
    assert all(x <= limit + 1e-9 for x, limit in zip(best.xs, bound, strict=True))
    worst = max(limit - x for x, limit in zip(best.xs, bound, strict=True))
    assert float(re.search(r"[\d.]+", bound_gap(NATS))[0]) == pytest.approx(worst, rel=0.05) and worst < 0.01
    for x, y in zip(best.xs, best.ys, strict=True):
        above = next(i for i, other in enumerate(optimum.xs) if other >= x)
        assert y <= optimum.ys[above] + 1e-9


def test_an_address_starts_nothing(visit):
    at = visit("beta", view=VIEW, frontier_methods="DAPO", frontier_steps="40")
    assert QUEUE.find(runs.MethodRun("dapo", 0.7, 40, 0).key) is None
    until(lambda: runs.ask_curves().state == "done")
    assert len(planes(at.run())[0]["lines"]) == 2


def test_two_methods_run_from_the_same_reference_and_a_step_is_taken_apart(visit):
    at = visit("beta", view=VIEW, frontier_steps="20")
    at.button(key="frontier_runs_train").click().run()
    jobs = [QUEUE.find(runs.MethodRun(method, 0.7, 20, 0).key) for method in ("ppo", "grpo")]
    until(lambda: all(job.state == "done" for job in (*jobs, runs.ask_curves())))
    at.run()
    paths = [line for line in planes(at)[0]["lines"] if line["style"] == "run"]
    assert [line["name"] for line in paths] == ["PPO, β = 0.7", "GRPO, β = 0.7"]
    assert all([line["xs"][0], line["ys"][0]] == pytest.approx([0, 0], abs=1e-12) for line in paths)
    until(lambda: QUEUE.find(runs.pulled_key(runs.MethodRun("grpo", 0.7, 20, 0), "reinforce", 10)).state == "done")  # without a press
    at.number_input(key="step_number").set_value(1).run()
    at.button(key="step_show").click().run()
    job = QUEUE.find(runs.pulled_key(runs.MethodRun("grpo", 0.7, 20, 0), "reinforce", 1))
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
    token, settings = terms.token(0, 0), Settings(**RECIPES[method])
    if objective(settings) not in (objective(Settings(**RECIPES["grpo"])), objective(Settings(**RECIPES["reinforce"]))):
        return
    gain = min(token.ratio * token.advantage, token.ratio_clipped * token.advantage)
    gain = token.log_policy * token.advantage if method == "reinforce" else gain - token.kl_term
    assert -token.loss == pytest.approx(token.weight * gain, rel=1e-9)
    assert float(with_numbers(settings, token, terms.beta).rsplit("=", 1)[1].removesuffix(r"\end{aligned}")) == pytest.approx(
        -token.loss, rel=5e-3
    )


@pytest.mark.parametrize(
    ("method", "limits"),
    [("ppo", r",\,0.8,\,1.2)"), ("grpo", r",\,0.8,\,1.2)"), ("dr_grpo", r",\,0.8,\,1.2)"), ("dapo", r",\,0.8,\,1.28)")],
)
def test_the_clip_stands_there_with_its_limits(pulled, method, limits):
    assert limits in with_numbers(Settings(**RECIPES[method]), pulled.own.token(0, 0), 0.7)


@pytest.mark.parametrize("method", ["reinforce", "ppo", "grpo"])
def test_every_method_with_a_penalty_shows_its_term(method):
    settings = Settings(**RECIPES[method])
    assert r"-\beta\,A_\mathrm{KL}" in objective(settings) or r"-\beta\,k_3" in objective(settings)


def test_every_push_is_shown_relative_to_the_largest(pulled):
    for terms in (pulled.own, pulled.other):
        scene = step_scene(terms, "GRPO", (0, 0))
        assert len(scene["texts"]) == ANSWERS
        assert all(-1 <= push <= 1 for row in scene["pushes"] for push in row)


def ended_job(asked: runs.MethodRun, state: str = "done", **changes) -> tuple[runs.MethodRun, Job]:
    """A job that has made the first step of the run, with some of its numbers changed."""
    job = Job(lambda: iter(()), 1)
    job._state = state
    job.results = [replace(next(runs._steps(asked)), **changes)]
    return asked, job


def test_the_finding_is_about_the_reward_that_is_drawn():
    ppo = ended_job(runs.MethodRun("ppo", 0.7, 20, 0), proxy=3.0, gold=-1.0, kl=3.5)
    grpo = ended_job(runs.MethodRun("grpo", 0.7, 20, 0), proxy=2.0, gold=2.0, kl=2.5)
    said = {reward: finding([ppo, grpo], reward, NATS) for reward in REWARDS}
    assert said[REWARDS[1]].startswith("GRPO, β = 0.7 keeps the most true reward") and "frontier" not in said[REWARDS[1]]
    base = float(runs.frames_of_first().measures.gold[-1])  # at β = ∞ the policy is the reference
    assert said[REWARDS[1]].endswith(f"gains {-1.0 - base:+.2f}.".replace("-", "−"))
    below = [runs.below_optimum(job.results[-1].kl, job.results[-1].proxy) for _, job in (ppo, grpo)]
    nearest = (ppo, grpo)[below.index(min(below))][0].name
    assert said[REWARDS[0]].startswith(f"{nearest} comes nearest: {min(below):.2f} below the highest score")


def test_runs_are_ranked_by_their_distance_below_the_frontier_with_their_true_reward():
    jobs = [ended_job(runs.MethodRun(method, 0.7, 20, 0), proxy=proxy, gold=1.0, kl=2.5) for method, proxy in (("ppo", 1.0), ("grpo", 2.0))]
    first, second = ranking(jobs, NATS).splitlines()
    assert "GRPO" in first and "PPO" in second and "true reward" in first
    distance = lambda row: float(re.search(r"([\d.]+) below", row)[1])
    assert distance(second) - distance(first) == pytest.approx(1.0, abs=0.011)
    assert ranking([jobs[0], ended_job(runs.MethodRun("dapo", 0.7, 20, 0), "running")], NATS) == ""


def test_the_axes_reach_the_runs_or_the_whole_frontier():
    jobs = [ended_job(runs.MethodRun("ppo", 0.7, 20, 0), kl=0.5), ended_job(runs.MethodRun("dapo", 0.7, 20, 0), kl=4.0)]
    every, priced, whole = (frontier_plane(jobs, REWARDS[0], NATS, axes=axes) for axes in AXES)
    assert 0.5 < priced.x[2] < 1 < 4 < every.x[2] < 6 < whole.x[2]
    assert priced.lines[1].ys[-1] == pytest.approx(np.interp(priced.lines[1].xs[-1], whole.lines[1].xs, whole.lines[1].ys))
    assert frontier_plane([], REWARDS[0], NATS, axes=AXES[0]).x == whole.x


def test_no_run_is_named_before_all_have_ended():
    ppo, grpo = runs.MethodRun("ppo", 0.7, 20, 0), runs.MethodRun("grpo", 0.7, 20, 0)
    assert finding([ended_job(ppo), ended_job(grpo, "running")], REWARDS[0], NATS) == "1 of 2 runs done."


def test_how_far_a_run_lies_below_the_optimum_is_read_off_the_drawn_curve():
    optimum = frontier_plane([], REWARDS[0], NATS).lines[1]
    asked, job = ended_job(runs.MethodRun("ppo", 0.7, 20, 0), kl=3.0, proxy=1.0)
    below = float(re.search(r"([\d.]+) below the highest score", finding([(asked, job)], REWARDS[0], NATS))[1])
    gained = 1.0 - float(frames_of(runs.FIRST).measures.proxy[-1])
    assert gained + below == pytest.approx(float(np.interp(3.0, optimum.xs, optimum.ys)), abs=0.03)


def test_what_a_link_cannot_have_is_said_in_one_sentence(visit):
    assert words(visit("beta", view=VIEW, frontier_reward="nobody")).count("Part of this link cannot be shown") == 1


RUN_TEXTS = ["grpo:0.7:100:0", "dpo:1:20:3:300", "own_grpo:0.4:40:1:tokens-0-1-1", "dapo:0.7:100:0"]


@pytest.mark.parametrize("text", RUN_TEXTS)
def test_a_run_is_written_into_the_link_and_read_again(text):
    assert runs.written(runs.read(text)) == text


@pytest.mark.parametrize(
    "text", ["", "grpo", "grpo:x:100:0", "ipo:0.7:100:0", "grpo:nan:100:0", "grpo:0.7:9999:0", "dpo:1:20:3", "own_grpo:1:20:3:tokens-2-1-1"]
)
def test_what_is_no_run_is_refused(text):
    with pytest.raises(ValueError):
        runs.read(text)


def test_a_link_names_runs_and_trains_none_before_a_press(visit):
    at = visit("beta", view=VIEW, frontier_runs="reinforce:0.4:20:7,nonsense,reinforce:0.4:20:7")
    asked = runs.MethodRun("reinforce", 0.4, 20, 7)
    assert QUEUE.find(asked.key) is None and not at.exception
    at.button(key="frontier_runs_train_linked").click().run()
    until(lambda: QUEUE.find(asked.key).state == runs.ask_curves().state == "done")
    at.run()
    assert [line["name"] for line in planes(at)[0]["lines"] if line["style"] == "run"] == ["REINFORCE, β = 0.4"]
    at.button(key="frontier_runs_clear").click().run()
    assert not [line for line in planes(at)[0]["lines"] if line["style"] == "run"]


def test_the_switches_lead_from_grpo_to_dr_grpo_and_dapo():
    assert runs.Choices().published == "GRPO"
    assert runs.Choices("none", False, False, False).published == "Dr. GRPO"
    assert runs.Choices("tokens", True, False, True).published == "DAPO"
    mixed = runs.Choices("tokens", False, True, True)
    assert mixed.published == "" and mixed.name == "GRPO, ÷ all tokens, no sd, clip higher"
    own = runs.MethodRun(runs.OWN, 0.7, 20, 0, choices=runs.Choices("tokens", True, False, True))
    assert own.key == runs.MethodRun("dapo", 0.7, 20, 0).key and own.settings == runs.MethodRun("dapo", 0.7, 20, 0).settings


def test_chi_po_s_limit_lies_below_the_frontier_and_best_of_n_wins_at_most_n_of_n_plus_1():
    *_, optimum, chi = frontier_plane([], REWARDS[0], NATS, chi_po=True).lines
    for x, y in zip(chi.xs, chi.ys, strict=True):
        above = next(i for i, other in enumerate(optimum.xs) if other >= x)
        assert y <= optimum.ys[above] + 1e-9
    rows = [row.split("|")[1:-1] for row in wins_table(NATS).splitlines()[2:]]
    assert all(float(wins) <= float(most) + 1e-4 and float(kl) <= float(bound) + 1e-2 for _, kl, bound, wins, most in rows)
    assert float(rows[0][3]) == 0.5


THREE = BanditProblem((0.6, 0.3, 0.1), (0.2, 1.0, 1.5), 0.5)


def test_the_landscape_is_darkest_at_the_optimum_and_every_path_begins_at_the_reference():
    paths = {method: path_of(THREE, method, 300) for method in ("policy_gradient", "grpo", "dr_grpo")}
    shown = landscape_plane(THREE, paths)
    side, values = shown.surface["side"], np.frombuffer(base64.b64decode(shown.surface["values"]))
    row, column = divmod(int(values.argmax()), side)
    at = lambda axis, i: axis[0] + i * (axis[1] - axis[0]) / (side - 1)
    step = (shown.surface["x"][1] - shown.surface["x"][0]) / (side - 1)
    assert [at(shown.surface["x"], column), at(shown.surface["y"], row)] == pytest.approx(shown.points[1][:2], abs=step)
    assert all((line.xs[0], line.ys[0]) == (0, 0) for line in shown.lines)


def test_dpo_with_the_best_answer_in_no_pair_ends_where_algebra_says(visit):
    at = visit("beta", view=VIEW, frontier_of="Three answers", land_steps="3000")
    assert not at.exception and "reach the optimum" in at.subheader[0].value
    table = "".join(element.proto.body for element in elements(at.main) if element.type == "html")
    row = next(row for row in table.split("<tr>") if "DPO, best answer missing" in row)
    weights = [0.6 * math.exp(-0.4 / 0.5), 0.3 * math.exp(0.4 / 0.5), 0.1]
    assert [float(cell) for cell in re.findall(r">([\d.]+)%<", row)] == pytest.approx([100 * w / sum(weights) for w in weights], abs=0.1)


def test_equal_rewards_and_no_methods_have_a_sentence_of_their_own():
    flat = BanditProblem((0.5, 0.25, 0.25), (1.0, 1.0, 1.0), 0.5)
    assert "already the optimum" in landscape_finding(flat, {})
    assert "Choose some" in landscape_finding(THREE, {})
    (best,) = ends_rows(flat, {}, NATS)
    assert len(best) == len(ends_columns(NATS)) == 7
    assert landscape_plane(flat, {"grpo": path_of(flat, "grpo", 30)}).x[1] < 0


TWO = BanditProblem((0.8, 0.2), (0.0, 1.0), 0.5)


def test_the_paths_of_two_answers_end_on_the_hill_at_the_height_that_the_table_gives(visit):
    paths = {method: path_of(TWO, method, 300) for method in ("policy_gradient", "grpo", "dr_grpo", "dpo_missing")}
    above, side = paths_plane(TWO, paths, 300), hill_plane(TWO, paths)
    hill, *dots = side.lines
    for path, dot in zip(above.lines[1:], dots, strict=True):
        assert path.name == dot.name and path.ys[-1] == pytest.approx(dot.ys[0], abs=1e-12)
        assert dot.xs[0] == pytest.approx(float(np.interp(dot.ys[0], hill.ys, hill.xs)), abs=2e-3)
    at = visit("beta", view=VIEW, frontier_of="Two answers")
    assert not at.exception and "reach" in at.subheader[0].value and "on the better answer" not in words(at)
