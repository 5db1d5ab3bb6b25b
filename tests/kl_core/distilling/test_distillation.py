"""Softened distributions and the distillation loss against published values, its limits and the usual PyTorch code; then students."""

import math

import mpmath
import pytest
import torch
import torch.nn.functional as F

from kl_core.data.digits import load_digits
from kl_core.distilling.distillation import (
    distillation_loss,
    distillation_parts,
    logit_matching_gradient,
    scaled_soft_kl,
    soft_gradient,
    soft_kl,
    soften,
)
from kl_core.distilling.shipped import load_students
from kl_core.distilling.student_experiments import (
    Spread,
    best_offset,
    few_labels_training,
    finish,
    left_out_training,
    read_few_labels,
    read_left_out,
    read_temperatures,
    temperature_training,
)
from kl_core.distilling.students import StudentSettings, StudentTraining

PUBLISHED = torch.tensor([3.0, 2.0, 1.0], dtype=torch.float64)
GENERATOR = torch.Generator().manual_seed(0)
STUDENT, TEACHER = (3 * torch.randn(6, 10, generator=GENERATOR, dtype=torch.float64) for _ in range(2))
LABELS = torch.arange(6)


def test_published_values_at_T_1_and_T_10():
    assert soften(PUBLISHED, 1).tolist() == pytest.approx([0.665241, 0.244728, 0.090031], abs=5e-7)
    assert soften(PUBLISHED, 10).tolist() == pytest.approx([0.367165, 0.332225, 0.300610], abs=5e-7)


def test_T_0_gives_the_greatest_logits_equal_shares_and_T_inf_all_that_are_not_masked():
    masked = -math.inf
    assert soften(PUBLISHED, 0).tolist() == [1, 0, 0]
    assert soften(torch.tensor([2.0, 5, 5, masked]), 0).tolist() == [0, 0.5, 0.5, 0]
    assert soften(torch.tensor([2.0, 5, 5, masked, 1]), math.inf).tolist() == [0.25, 0.25, 0.25, 0, 0.25]


@pytest.mark.parametrize("T", [5e-324, 1e-300, 1e-10, 1e10, 1e300])
def test_near_its_limits_softening_neither_overflows_nor_loses_ties(T):
    found = soften(torch.tensor([2.0, 5, 5], dtype=torch.float64), T)
    assert found.tolist() == pytest.approx([0, 0.5, 0.5] if T < 1 else [1 / 3] * 3, abs=1e-9)


def test_many_temperatures_at_once_are_each_as_alone():
    T = torch.tensor([0, 0.5, 1, 3, math.inf], dtype=torch.float64)
    stack = soften(TEACHER, T.unsqueeze(-1))
    assert stack.shape == (5, 6, 10)
    for at, one in enumerate(T):
        assert torch.equal(stack[at], soften(TEACHER, float(one)))


def test_entropy_grows_with_T():
    entropy = torch.special.entr(soften(TEACHER, torch.logspace(-2, 3, 60, dtype=torch.float64).unsqueeze(-1))).sum(-1)
    assert bool((entropy.diff(dim=0) >= -1e-15).all()) and float(entropy[-1].max()) <= math.log(10) + 1e-12


@pytest.mark.parametrize(("T", "alpha"), [(1.0, 0.3), (3.0, 0.5), (5.0, 0.9), (20.0, 1.0), (2.0, 0.0)])
def test_the_loss_is_that_of_plain_torch_functions(T, alpha):
    soft_teacher = F.softmax(TEACHER / T, dim=-1)
    soft_student = F.log_softmax(STUDENT / T, dim=-1)
    kl_soft = F.kl_div(soft_student, soft_teacher, reduction="batchmean") * T**2
    hard = F.cross_entropy(STUDENT, LABELS)
    parts = distillation_parts(STUDENT, TEACHER, LABELS, T, alpha)
    assert float(distillation_loss(STUDENT, TEACHER, LABELS, T, alpha)) == pytest.approx(
        float(alpha * kl_soft + (1 - alpha) * hard), rel=1e-12
    )
    assert (float(parts.hard), float(parts.scaled_soft)) == pytest.approx((float(hard), float(kl_soft)), rel=1e-12)
    assert float(parts.soft) * T**2 == pytest.approx(float(parts.scaled_soft), rel=1e-12)


def test_the_gradient_by_the_students_logits_is_q_less_p_over_T_per_example():
    for T in (0.5, 1.0, 4.0, 100.0):
        student = STUDENT.clone().requires_grad_()
        soft_kl(student, TEACHER, T).sum().backward()
        expected = (F.softmax(STUDENT / T, -1) - F.softmax(TEACHER / T, -1)) / T
        assert torch.allclose(student.grad, expected, rtol=1e-10, atol=1e-15)
        assert torch.allclose(soft_gradient(STUDENT, TEACHER, T), expected, rtol=1e-10, atol=1e-15)


def test_without_T_squared_the_gradient_falls_a_hundredfold_for_T_tenfold_and_with_it_stays():
    def norm(loss, T):
        student = STUDENT.clone().requires_grad_()
        loss(student, TEACHER, T).mean().backward()
        return float(student.grad.norm())

    assert norm(soft_kl, 50.0) / norm(soft_kl, 500.0) == pytest.approx(100, rel=0.1)
    assert norm(scaled_soft_kl, 50.0) / norm(scaled_soft_kl, 500.0) == pytest.approx(1, rel=0.1)


def test_at_high_T_the_gradient_is_that_of_matching_logits_of_mean_zero():
    """(z − v)/(N·T²), Hinton et al. 2015, eq. 4; what is missing falls as 1/T."""
    z, v = (logits - logits.mean(-1, keepdim=True) for logits in (STUDENT, TEACHER))
    misses = []
    for T in (100.0, 1000.0):
        limit = (z - v) / (10 * T**2)
        assert torch.allclose(logit_matching_gradient(STUDENT, TEACHER, T), limit)
        misses.append(float((soft_gradient(STUDENT, TEACHER, T) - limit).norm() / limit.norm()))
    assert misses[0] < 0.06 and misses[1] == pytest.approx(misses[0] / 10, rel=0.1)


def test_the_limit_of_the_scaled_kl_is_half_the_variance_of_the_difference():
    half_variance = 0.5 * (TEACHER - STUDENT).var(-1, correction=0)
    assert torch.allclose(scaled_soft_kl(STUDENT, TEACHER, math.inf), half_variance)
    for T in (1e5, 1e9, 1e15, 1e200):
        assert torch.allclose(scaled_soft_kl(STUDENT, TEACHER, T), half_variance, rtol=1e-4)
    assert scaled_soft_kl(STUDENT, TEACHER, 0.0).tolist() == [0] * 6
    assert float(scaled_soft_kl(STUDENT, TEACHER, 1e-9).max()) < 1e-6


def test_at_high_T_it_keeps_the_digits_that_F_kl_div_loses_in_float32():
    student, teacher, T = STUDENT.float(), TEACHER.float(), 3000.0
    mpmath.mp.dps = 50
    z, v = ([mpmath.mpf(x) / T for x in row[0].double().tolist()] for row in (student, teacher))
    log_q, log_p = ([x - mpmath.log(sum(map(mpmath.exp, row))) for x in row] for row in (z, v))
    true = float(T**2 * sum(mpmath.exp(p) * (p - q) for p, q in zip(log_p, log_q)))
    usual = T**2 * F.kl_div(F.log_softmax(student[0] / T, -1), F.softmax(teacher[0] / T, -1), reduction="sum")
    # What is left is the rounding of the logits themselves when they are divided by T.
    assert float(scaled_soft_kl(student, teacher, T)[0]) == pytest.approx(true, rel=1e-6)
    assert abs(float(usual) / true - 1) > 1e-2


def test_a_half_without_weight_counts_for_nothing_though_it_be_infinite():
    student = torch.tensor([[0.0, -math.inf, 1.0]])
    teacher, label = torch.zeros(1, 3), torch.tensor([2])
    assert float(distillation_loss(student, teacher, label, alpha=0.5)) == math.inf
    assert float(distillation_loss(student, teacher, label, alpha=0.0)) == pytest.approx(math.log(1 + math.exp(-1)), rel=1e-6)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("T", lambda: soften(PUBLISHED, -1.0)),
        ("T", lambda: soften(PUBLISHED, math.nan)),
        ("T", lambda: soft_kl(STUDENT, TEACHER, 0.0)),
        ("T", lambda: distillation_loss(STUDENT, TEACHER, LABELS, T=math.inf)),
        ("alpha", lambda: distillation_loss(STUDENT, TEACHER, LABELS, alpha=1.1)),
        ("hard_labels", lambda: distillation_loss(STUDENT, TEACHER, LABELS + 7)),
        ("hard_labels", lambda: distillation_loss(STUDENT, TEACHER, LABELS[:3])),
        ("logits", lambda: soften(torch.tensor([1.0, math.nan]))),
        ("logits", lambda: soften(torch.tensor([-math.inf]))),
        ("T", lambda: StudentSettings(T=0.0)),
        ("alpha", lambda: StudentSettings(alpha=-0.1)),
        ("seed", lambda: StudentSettings(seed=-1)),
        ("labels", lambda: StudentTraining([StudentSettings()], 9)),
        ("settings", lambda: StudentTraining([])),
        ("steps", lambda: StudentTraining([StudentSettings()], steps=0)),
        ("seeds", lambda: few_labels_training(seeds=0)),
        ("left_out", lambda: left_out_training((11,))),
    ],
)
def test_what_is_out_of_its_domain_is_named(name, call):
    with pytest.raises(ValueError, match=f"^{name} (is|has|masks)"):
        call()


def test_a_students_run_does_not_depend_on_those_beside_it():
    settings = [StudentSettings(2.0, 0.5, 0), StudentSettings(5.0, 1.0, 1), StudentSettings(1.0, 0.0, 2)]
    together = finish(StudentTraining(settings, 50, steps=60))
    for number, student in enumerate(settings):
        alone = finish(StudentTraining([student], 50, steps=60))
        assert torch.allclose(alone.test_logits()[0], together.test_logits()[number], atol=1e-3)


def test_students_of_one_seed_get_the_same_labels_and_start_and_those_of_another_seed_do_not():
    same = StudentTraining([StudentSettings(1.0, 0.0, 4), StudentSettings(9.0, 0.9, 4), StudentSettings(9.0, 0.9, 5)], 30)
    assert torch.equal(same._labelled[0], same._labelled[1]) and not torch.equal(same._labelled[1], same._labelled[2])
    start = same.test_logits()
    assert torch.equal(start[0], start[1]) and not torch.equal(start[1], start[2])


def test_a_run_can_be_stopped_and_begun_again():
    run = StudentTraining([StudentSettings()], 50, steps=60, every=20)
    first = next(iter(run))
    steps = list(run)
    assert [one.step for one in steps] == [20, 40, 60] and torch.equal(steps[0].loss, first.loss)


def test_a_student_of_hard_labels_does_not_hear_the_teacher():
    class Babbler(torch.nn.Module):
        def forward(self, images):
            return 9 * torch.eye(10)[images.sum(-1).long() % 10]

    runs = [finish(StudentTraining([StudentSettings(alpha=0.0)], 50, steps=40, teacher=teacher)) for teacher in (None, Babbler())]
    assert torch.equal(*(run.test_logits() for run in runs))
    runs = [finish(StudentTraining([StudentSettings(alpha=1.0)], 50, steps=40, teacher=teacher)) for teacher in (None, Babbler())]
    assert not torch.allclose(*(run.test_logits() for run in runs), atol=0.1)


def test_with_100_labels_soft_targets_teach_more_than_hard_ones():
    labels = read_few_labels(finish(few_labels_training(100, T=2.0, alpha=1.0, seeds=8)))
    assert labels.gain.mean > 3 * labels.gain.error > 0
    assert labels.gain.mean == pytest.approx(labels.distilled.mean - labels.hard.mean, abs=1e-12)
    assert 0.8 < labels.hard.mean < 0.93


def test_with_10_labels_a_teacher_who_speaks_about_all_the_other_images_makes_nearly_all_the_difference():
    found = read_few_labels(finish(few_labels_training(10, seeds=4, unlabelled=True)))
    assert found.hard.mean < 0.75 and found.distilled.mean > 0.93


def test_hinton_a_student_that_never_saw_a_3_reads_most_of_them_once_its_bias_is_corrected():
    students = read_left_out(finish(left_out_training((3,), T=3.0, seeds=4)))
    hard = read_left_out(finish(left_out_training((3,), T=3.0, seeds=4, hard=True)))
    assert students["plain"].on_left_out.mean < 0.4 and students["plain"].offset.mean == 0
    assert students["test"].on_left_out.mean > 0.75 and students["training"].on_left_out.mean > 0.75
    assert students["test"].accuracy.mean > 0.91 > students["plain"].accuracy.mean
    assert students["test"].accuracy.mean >= students["training"].accuracy.mean
    assert hard["plain"].on_left_out.mean == 0 and hard["test"].on_left_out.mean < 0.5


def test_the_best_offset_is_the_one_that_a_search_finds():
    generator = torch.Generator().manual_seed(1)
    labels = torch.randint(0, 5, (200,), generator=generator)
    logits = torch.randn(200, 5, generator=generator, dtype=torch.float64) + 2 * torch.eye(5, dtype=torch.float64)[labels]
    logits[:, [1, 3]] -= 4
    moved = torch.zeros(2001, 1, 5, dtype=torch.float64)
    moved[..., [1, 3]] = torch.linspace(-10, 10, 2001, dtype=torch.float64).view(-1, 1, 1)
    right = ((logits + moved).argmax(-1) == labels).sum(-1)
    offset = torch.zeros(5, dtype=torch.float64)
    offset[[1, 3]] = best_offset(logits, labels, (1, 3))
    assert int(((logits + offset).argmax(-1) == labels).sum()) >= int(right.max()) > int((logits.argmax(-1) == labels).sum())
    assert float(offset[1]) == pytest.approx(4, abs=1.5)


def test_higher_T_is_not_always_better():
    at = {one.T: one for one in read_temperatures(finish(temperature_training((1, 3, 20), seeds=3)))}
    assert at[20].accuracy.mean < at[3].accuracy.mean - 0.02 and at[20].agreement.mean < at[3].agreement.mean - 0.02
    # Accuracy is not all: the student taught at T = 3 knows better than the one at T = 1 how sure it may be.
    assert at[3].calibration_error.mean < at[1].calibration_error.mean
    assert all(0 < one.kl.mean < 1 for one in at.values())


def test_the_students_that_ship_do_as_they_are_described():
    _, test = load_digits()
    right = {name: student(test.images)[0].argmax(-1) == test.labels for name, student in load_students().items()}
    share = {name: float(one.double().mean()) for name, one in right.items()}
    assert share["distilled"] > share["hard"] > 0.8
    assert float(right["no 3s"][test.labels == 3].double().mean()) < 0.4 and share["no 3s"] > 0.84


def test_the_error_of_a_spread_is_the_standard_error_of_its_mean():
    spread = Spread((1.0, 2.0, 4.0))
    assert spread.mean == pytest.approx(7 / 3) and spread.error == pytest.approx(math.sqrt(7 / 9))
    assert math.isnan(Spread((1.0,)).error)


def test_the_reliability_at_a_temperature_is_that_of_all_its_students_answers_together():
    training = finish(temperature_training((1, 5), seeds=2, labels=60, steps=30))
    labels = load_digits()[1].labels
    for at_temperature, logits in zip(read_temperatures(training), training.test_logits().chunk(2), strict=True):
        sure, guess = logits.softmax(-1).max(-1)
        right = guess == labels
        assert float(at_temperature.reliability.count.sum()) == right.numel() == 1000
        fullest = int(at_temperature.reliability.count.argmax())
        inside = (sure.double() > fullest / 15) & (sure.double() <= (fullest + 1) / 15)
        assert float(at_temperature.reliability.count[fullest]) == int(inside.sum()) > 0
        assert float(at_temperature.reliability.accuracy[fullest]) == pytest.approx(float(right[inside].double().mean()))
        assert float(at_temperature.reliability.confidence[fullest]) == pytest.approx(float(sure[inside].double().mean()))


def test_positions_that_do_not_count_cost_nothing_and_have_no_gradient():
    torch.manual_seed(0)
    student, teacher = torch.randn(2, 3, 5, dtype=torch.float64), torch.randn(2, 3, 5, dtype=torch.float64)
    labels = torch.tensor([[0, 4, -100], [2, 1, 3]])
    mask = torch.tensor([[1, 1, 1], [1, 1, 0]])
    student[0, 2], teacher[0, 2], student[1, 2] = math.nan, -math.inf, math.inf
    student.requires_grad_()
    loss = distillation_loss(student, teacher, labels, mask=mask)
    # By PyTorch's own functions, of the four positions that count.
    z, v, y = (torch.stack([t[0, 0], t[0, 1], t[1, 0], t[1, 1]]) for t in (student, teacher, labels))
    soft = torch.nn.functional.kl_div((z / 3).log_softmax(-1), (v / 3).softmax(-1), reduction="batchmean")
    assert loss.item() == pytest.approx((0.5 * 9 * soft + 0.5 * torch.nn.functional.cross_entropy(z, y)).item(), rel=1e-12)
    loss.backward()
    assert student.grad.isfinite().all() and student.grad[0, 2].abs().max() == student.grad[1, 2].abs().max() == 0
    flat = distillation_loss(student.flatten(0, 1), teacher.flatten(0, 1), labels.flatten(), mask=mask.flatten())
    assert flat.item() == pytest.approx(loss.item(), rel=1e-14)
    with pytest.raises(ValueError, match="no position counts"):
        distillation_loss(student, teacher, labels, mask=torch.zeros(2, 3))
    with pytest.raises(ValueError, match="mask has the shape"):
        distillation_loss(student, teacher, labels, mask=torch.ones(2))
