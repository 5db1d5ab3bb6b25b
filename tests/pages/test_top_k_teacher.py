"""The view "Top-k teacher" by AppTest: its numbers against scipy, the program, the table, bad links."""

import csv
import io

import numpy as np
import pytest
import scipy.stats
import torch

from pages.shared.style import UNITS
from pages.views.distillation.top_k import _frame, finding, percent, share, top_k_scene, truncated
from pages.views.distillation.top_k_view import top_k_code, top_k_csv
from tests.pages.conftest import scene

PAGE, VIEW = "distillation", "Top-k teacher"
PAIR = ((3.0, 2.0, 1.0, 0.0), (1.0, 2.5, 0.5, 0.2), 2.0)


def probs(logits: tuple[float, ...]) -> np.ndarray:
    weights = np.exp(np.array(logits) / PAIR[2])
    return weights / weights.sum()


def test_each_loss_is_what_scipy_makes_of_two_classes():
    p, q = probs(PAIR[0]), probs(PAIR[1])
    losses = truncated(*PAIR)
    joined = [[*row[:2], row[2:].sum()] for row in (p, q)]
    assert losses.whole == pytest.approx(scipy.stats.entropy(p, q), rel=1e-9)
    assert share(losses, "tail", 2) == pytest.approx(scipy.stats.entropy(*joined) / losses.whole, rel=1e-9)
    assert share(losses, "renormalised", 2) == pytest.approx(scipy.stats.entropy(p[:2], q[:2]) / losses.whole, rel=1e-9)


def test_with_every_class_nothing_is_off():
    losses = truncated(*PAIR)
    assert all(float(error[-1]) == pytest.approx(0, abs=1e-12) for error in losses.error.values())
    assert finding(losses, 4).count(f"keeps {percent(1)} of the KL (gradient error {percent(0)})") == 2
    kept, off = share(losses, "tail", 2), float(losses.error["tail"][1])
    assert f"a tail bucket keeps {percent(kept)} of the KL (gradient error {percent(off)})" in finding(losses, 2)


def test_where_teacher_and_student_agree_there_is_nothing_to_say():
    assert "agree" in finding(truncated(PAIR[0], PAIR[0], 1.0), 2)
    assert not any(np.isnan(float(number["value"])) for number in top_k_scene(PAIR[0], PAIR[0], 1.0, UNITS["nats"], 2)["numbers"].values())


@pytest.mark.parametrize(
    "query", [{}, {"top_k": "5", "top_T": "2"}, {"unit": "bits", "top_k": "10"}, {"top_k": "nan"}, {"top_k": "99"}], ids=str
)
def test_the_view_opens_where_its_link_says(visit, query):
    at = visit(PAGE, view=VIEW, **query)
    said = query.get("top_k", "2")
    assert scene(at)["scrub"]["start"] == (int(said) if said in ("5", "10") else 2) - 1
    assert "tail bucket keeps" in at.subheader[0].value


def test_the_program_shown_prints_the_numbers_on_screen(printed):
    losses = truncated(*PAIR)
    out = printed(top_k_code(*PAIR, 2))
    for form in losses.loss:
        assert f"{form}: loss {float(losses.loss[form][1]):.6g} nats, gradient {float(losses.error[form][1]):.6g} off" in out


def test_the_table_has_every_k():
    rows = list(csv.reader(io.StringIO(top_k_csv(*PAIR))))
    assert [row[0] for row in rows[1:]] == ["1", "2", "3", "4"]


def test_the_curves_have_a_tenth_of_their_height_above_them():
    rows = [torch.tensor([0.5, 2.0, 4.0], dtype=torch.float64)]
    assert _frame(rows, torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64))["y_range"] == pytest.approx([0.0, 4.4])
