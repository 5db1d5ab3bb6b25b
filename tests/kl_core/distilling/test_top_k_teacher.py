"""Losses of a truncated teacher against scipy, and what their gradients leave out."""

import pytest
import scipy.stats
import torch

from kl_core.distilling.top_k_teacher import FORMS, top_k_loss

TEACHER = torch.tensor([3.0, 1.0, 2.0, 0.5, -1.0], dtype=torch.float64)
STUDENT = torch.tensor([1.0, 2.5, 0.5, 1.0, 0.0], dtype=torch.float64)
P, Q = TEACHER.softmax(-1), STUDENT.softmax(-1)
TOP = [0, 2]


def gradient(form: str, k: int, student: torch.Tensor = STUDENT) -> torch.Tensor:
    z = student.clone().requires_grad_()
    return torch.autograd.grad(top_k_loss(TEACHER, z, k, form), z)[0]


def test_the_tail_bucket_is_one_more_outcome():
    joined = lambda probs: [*probs[TOP].tolist(), 1 - float(probs[TOP].sum())]
    assert float(top_k_loss(TEACHER, STUDENT, 2, "tail")) == pytest.approx(scipy.stats.entropy(joined(P), joined(Q)), rel=1e-10)


def test_renormalised_divides_both_by_their_sums():
    assert float(top_k_loss(TEACHER, STUDENT, 2, "renormalised")) == pytest.approx(scipy.stats.entropy(P[TOP], Q[TOP]), rel=1e-10)


def test_the_terms_are_those_of_the_whole_kl():
    assert float(top_k_loss(TEACHER, STUDENT, 2, "terms")) == pytest.approx(float((P * (P / Q).log())[TOP].sum()), rel=1e-12)


@pytest.mark.parametrize("form", FORMS)
def test_with_every_class_all_are_the_whole_kl(form):
    assert float(top_k_loss(TEACHER, STUDENT, 5, form)) == pytest.approx(scipy.stats.entropy(P, Q), rel=1e-10)
    assert gradient(form, 5).tolist() == pytest.approx((Q - P).tolist(), abs=1e-12)


def test_the_tail_bucket_rises_with_k_to_the_whole_kl():
    values = [float(top_k_loss(TEACHER, STUDENT, k, "tail")) for k in range(1, 6)]
    assert all(more >= less - 1e-12 for less, more in zip(values, values[1:], strict=False))
    assert values[-1] == pytest.approx(scipy.stats.entropy(P, Q), rel=1e-10)


def test_the_gradients_are_what_they_are_said_to_be():
    rest = [1, 3, 4]
    tail, renormalised, terms = (gradient(form, 2) for form in FORMS)
    assert tail[TOP].tolist() == pytest.approx((Q - P)[TOP].tolist(), abs=1e-12)
    shared = float(Q[rest].sum() - P[rest].sum()) * Q[rest] / Q[rest].sum()
    assert tail[rest].tolist() == pytest.approx(shared.tolist(), abs=1e-12)
    assert renormalised[rest].abs().max() == 0
    assert terms.tolist() == pytest.approx(
        (Q * float(P[TOP].sum()) - torch.where(torch.isin(torch.arange(5), torch.tensor(TOP)), P, 0.0)).tolist(), abs=1e-12
    )


def test_only_the_tail_bucket_notices_a_student_that_moves_its_mass_out_of_the_top():
    away = TEACHER.clone()
    away[[1, 3, 4]] += 6.0  # the odds within the top two stay the teacher's
    assert float(top_k_loss(TEACHER, away, 2, "renormalised")) == pytest.approx(0, abs=1e-12)
    assert float(top_k_loss(TEACHER, away, 2, "tail")) > 1


def test_the_terms_alone_are_not_least_where_the_student_is_right():
    assert gradient("terms", 2, TEACHER).abs().max() > 0.01
    assert gradient("tail", 2, TEACHER).abs().max() < 1e-12


@pytest.mark.parametrize("wrong", [{"k": 0, "form": "tail"}, {"k": 6, "form": "tail"}, {"k": 2, "form": "x"}], ids=str)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError):
        top_k_loss(TEACHER, STUDENT, **wrong)
