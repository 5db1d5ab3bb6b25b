"""The view "Between the KLs" by AppTest: the jump against scipy, the scene, the program, bad links."""

import csv
import io

import numpy as np
import pytest
import scipy.stats
import torch

from pages.shared.style import UNITS
from pages.views.distillation.between import BETAS, between, between_scene, finding, jump, place_of_beta
from pages.views.distillation.between_view import between_code, between_csv
from tests.pages.conftest import scene

PAGE, VIEW = "distillation", "Between the KLs"
PAIR = ((3.0, 2.0, 1.0), (1.0, 2.5, 0.5), 2.0)


def probs(logits: tuple[float, ...]) -> np.ndarray:
    weights = np.exp(np.array(logits) / PAIR[2])
    return weights / weights.sum()


def test_libraries_have_a_kl_at_each_end_and_next_to_nothing_beside_it():
    p, q = probs(PAIR[0]), probs(PAIR[1])
    loss = between(*PAIR).loss["library"]
    assert float(loss[0]) == pytest.approx(scipy.stats.entropy(p, q), rel=1e-9)
    assert float(loss[-1]) == pytest.approx(scipy.stats.entropy(q, p), rel=1e-9)
    m = 0.01 * p + 0.99 * q
    assert float(loss[place_of_beta(0.01)]) == pytest.approx(0.01 * scipy.stats.entropy(p, m) + 0.99 * scipy.stats.entropy(q, m), rel=1e-9)


def test_the_jump_is_about_a_hundredfold_in_loss_and_gradient_and_is_said_so():
    losses = between(*PAIR)
    assert jump(losses) == pytest.approx((100, 100), rel=0.06)
    assert f"{jump(losses)[0]:.0f}-fold" in finding(losses)


def test_both_cures_have_no_jump_on_the_whole_way():
    losses = between(*PAIR)
    for table in (losses.loss, losses.slope):
        for name in ("scaled", "swapped"):
            steps = table[name].diff().abs() / BETAS.diff()
            assert float(steps.max()) < 10 * float(table[name].max())


def test_where_teacher_and_student_agree_there_is_nothing_to_jump():
    same = between(PAIR[0], PAIR[0], 1.0)
    assert "agree" in finding(same)
    assert not any(
        np.isnan(float(number["value"])) for number in between_scene(PAIR[0], PAIR[0], 1.0, UNITS["nats"], 5)["numbers"].values()
    )


@pytest.mark.parametrize("query", [{}, {"js_beta": "0.01", "js_T": "2"}, {"unit": "bits", "js_beta": "1"}], ids=str)
def test_the_view_opens_where_its_link_says(visit, query):
    at = visit(PAGE, view=VIEW, **query)
    told = scene(at)
    assert float(BETAS[told["scrub"]["start"]]) == pytest.approx(float(query.get("js_beta", 0.1)))
    assert told["unit"]["name"] == query.get("unit", "nats")
    assert "-fold" in at.subheader[0].value


@pytest.mark.parametrize("query", [{"js_beta": "7"}, {"js_beta": "nan"}, {"js_T": "0"}, {"js_asked": "?"}], ids=str)
def test_a_bad_link_shows_the_defaults(visit, query):
    at = visit(PAGE, view=VIEW, **query)
    assert not at.exception and scene(at)["panels"]


def test_the_program_shown_prints_the_numbers_on_screen(printed):
    losses, place = between(*PAIR), place_of_beta(0.01)
    lines = printed(between_code(*PAIR, 0.01)).splitlines()
    for line, name in zip(lines, losses.loss, strict=True):
        # the program differentiates by the logits after the division by T, as the picture does
        assert f"loss {float(losses.loss[name][place]):.6g} nats, gradient {float(losses.slope[name][place]):.6g}" in line


def test_the_table_has_every_beta():
    rows = list(csv.reader(io.StringIO(between_csv(*PAIR))))
    assert len(rows) == 1 + len(BETAS)
    assert torch.tensor([float(row[0]) for row in rows[1:]], dtype=torch.float64).equal(BETAS)
