"""That each practice question's stated answer is so: against published numbers, closed forms by plain arithmetic, scipy and torch."""

from math import exp, inf, log, log2

import pytest
import torch
import torch.nn.functional as F
from scipy import integrate, optimize, stats

from pages.views.distillation.examples import example_of_digit, offered
from pages.views.practice import QUESTIONS
from pages.views.practice.directions import excess as excess_of_fit
from pages.views.practice.distillation import excess as excess_of_bars
from pages.views.practice.prediction import Choice

BY_NAME = {one.name: one for one in QUESTIONS}


def facts(name: str) -> dict:
    return dict(BY_NAME[name].facts)


def chosen(name: str) -> str:
    """The option that the question says is right, with its numbers."""
    prediction = BY_NAME[name].prediction
    assert isinstance(prediction, Choice)
    return BY_NAME[name].told(prediction.options[prediction.right].text)


def kl(p, q) -> float:
    return float(stats.entropy(p, q))


def kl_normals(distance: float) -> float:
    return distance**2 / 2


def test_a_nat_is_more_than_a_bit():
    assert facts("nats_are_bits")["bits"] == pytest.approx(kl_normals(1) / log(2), rel=1e-12)


def test_the_two_directions_of_the_worked_example_average_under_their_own_first_distribution():
    p, q = (0.0429749188, 0.590587371)
    coin = lambda a, b: a * log(a / b) + (1 - a) * log((1 - a) / (1 - b))
    values = facts("asymmetry")
    assert (values["kl_pq"], values["kl_qp"]) == pytest.approx((coin(p, q), coin(q, p)), rel=1e-12)
    assert (values["kl_pq"], values["kl_qp"]) == pytest.approx((0.7, 1.2), abs=1e-8)
    assert "averages over its first distribution" in chosen("asymmetry")


def test_kl_is_not_symmetric_even_between_mirror_images():
    p, q = (0.1, 0.8, 0.1), (0.3, 0.4, 0.3)
    assert facts("symmetric") == pytest.approx({"kl_pq": kl(p, q), "kl_qp": kl(q, p)}, rel=1e-12)
    assert abs(kl(p, q) - kl(q, p)) > 0.04


def test_kl_breaks_the_triangle_inequality():
    values = facts("distance")
    assert values["direct"] == pytest.approx(kl_normals(2)) and values["first"] + values["second"] == pytest.approx(2 * kl_normals(1))
    assert values["direct"] > values["first"] + values["second"] == values["sum"]


def test_kl_of_a_cauchy_from_a_normal_is_infinite():
    values = facts("always_finite")
    assert values["kl_pq"] == inf and chosen("always_finite") == "∞"
    back, _ = integrate.quad(lambda x: stats.norm.pdf(x) * (stats.norm.logpdf(x) - stats.cauchy.logpdf(x)), -30, 30)
    assert values["kl_qp"] == pytest.approx(back, rel=1e-8)
    term = lambda x: stats.cauchy.pdf(x) * (stats.cauchy.logpdf(x) - stats.norm.logpdf(x))
    grows = [integrate.quad(term, 0, end)[0] for end in (10, 100, 1000)]
    assert grows[2] - grows[1] > 5 * (grows[1] - grows[0])  # ten times as far adds ten times as much


def test_forward_covers_and_reverse_sits_on_a_hill_at_three():
    values = facts("which_seeks")
    assert values["forward_scale"] == pytest.approx(3.1622776602) and values["forward"] == pytest.approx(0.4619946135)
    assert (values["reverse_loc"], values["reverse_scale"], values["reverse"]) == pytest.approx((2.9843059878, 1.0233685597, 0.6887689959))
    assert chosen("which_seeks").startswith("Forward covers")


def test_reverse_kl_picks_no_mode_in_the_textbook_case():
    values = facts("reverse_picks_a_mode")
    assert values["minima"] == "1"
    assert (values["loc"], values["scale"], values["best"]) == pytest.approx((0, 2.0470095199, 0.2265079608), abs=1e-8)
    assert values["fold"] == pytest.approx(2.41222971801, abs=1e-9) and values["at_mode"] > values["best"]
    assert excess_of_fit({"loc": 0.0, "scale": 2.0470095199}) == pytest.approx(0, abs=1e-9)
    assert not BY_NAME["reverse_picks_a_mode"].is_right({"loc": 2.0, "scale": 1.0})


def test_the_first_argument_of_kl_div_is_in_logs_and_the_second_is_under_the_average():
    p, q = torch.tensor([0.6, 0.3, 0.1]).double(), torch.tensor([0.3, 0.3, 0.4]).double()
    values = facts("kl_div_order")
    calls = {
        "`F.kl_div(p, q)`": F.kl_div(p, q, reduction="sum"),
        "`F.kl_div(p.log(), q)`": F.kl_div(p.log(), q, reduction="sum"),
        "`F.kl_div(q.log(), p)`": F.kl_div(q.log(), p, reduction="sum"),
    }
    assert float(calls[chosen("kl_div_order")]) == pytest.approx(kl(p, q)) == pytest.approx(values["right"])
    assert values["swapped"] == pytest.approx(kl(q, p)) and values["plain"] == pytest.approx(float(calls["`F.kl_div(p, q)`"]))


def test_reduction_mean_divides_by_the_classes_too():
    found = facts("mean_reduction")
    assert found["mean"] == pytest.approx(kl((0.6, 0.3, 0.1), (0.3, 0.3, 0.4)) / 3) and "classes, 3" in chosen("mean_reduction")


def test_a_sampled_kl_may_be_negative_without_a_bug():
    assert facts("negative_kl")["k1"] == pytest.approx(-0.35) and chosen("negative_kl").startswith("Nothing is wrong")


def test_k3_is_the_noisier_one_from_a_kl_of_0_628_on():
    values = facts("k3_is_best")
    crossing = optimize.brentq(lambda m: exp(m**2) - 1 - 2 * m**2, 0.5, 2)  # var k3 = e^{m²} − 1 − m², var k1 = m²
    assert (values["distance"], values["at"]) == pytest.approx((crossing, crossing**2 / 2), rel=1e-8)
    assert values["sd_k3"] == pytest.approx((exp(1.5**2) - 1 - 1.5**2) ** 0.5 / kl_normals(1.5))
    assert values["sd_k1"] == pytest.approx(1.5 / kl_normals(1.5))


def test_k1_as_a_loss_has_no_expected_gradient():
    logits = torch.tensor([0.6, 0.3, 0.1]).double().log().requires_grad_()
    log_p, log_q = logits.log_softmax(-1), torch.tensor([0.3, 0.3, 0.4]).double().log()
    (true,) = torch.autograd.grad((log_p.exp() * (log_p - log_q)).sum(), logits, retain_graph=True)
    (of_k1,) = torch.autograd.grad((log_p.exp().detach() * (log_p - log_q)).sum(), logits)
    values = facts("k1_as_loss")
    assert values["k1"] == pytest.approx(float(of_k1.norm()), abs=1e-12) == pytest.approx(0, abs=1e-12)
    assert values["true"] == pytest.approx(float(true.norm())) == pytest.approx(values["k2"]) and "is 0" in chosen("k1_as_loss")


def test_per_sequence_is_per_token_times_the_length():
    found = facts("token_and_sequence")
    assert (found["token"], found["sequence"]) == pytest.approx((0.35, 4 * 0.35)) and found["length"] == "4"
    assert chosen("token_and_sequence").startswith("Neither")


def test_gold_peaks_between_too_small_and_too_large_a_beta():
    found = facts("why_beta")
    assert found["gold_light"] < 0 < found["gold_heavy"] < found["gold"] and 0.05 < found["beta"] < 20


def test_a_louder_reward_hacks_through_the_same_beta():
    found = facts("more_beta")
    assert found["loud"] < 0 < found["plain"] and found["loud"] == pytest.approx(facts("why_beta")["gold_light"], rel=1e-9)
    assert chosen("more_beta").startswith("No")


def test_the_best_of_n_formula_is_a_bound_that_ties_leave_unreached():
    values = facts("best_of_n_bound")
    win = 1 - 0.5**4
    assert values["kl"] == pytest.approx(kl((win, 1 - win), (0.5, 0.5))) and values["bound"] == pytest.approx(log(4) - 3 / 4)
    assert values["kl"] < values["bound"]


def test_a_temperature_of_five_keeps_the_order_and_evens_out():
    weights = [exp(one / 5) for one in (3, 2, 1)]
    soft = [one / sum(weights) for one in weights]
    assert excess_of_bars({"probs": tuple(soft)}) == pytest.approx(0, abs=1e-12)
    assert facts("temperature_five")["entropy"] == pytest.approx(stats.entropy(soft))
    assert facts("temperature_five")["soft"] == "40% : 33% : 27%"
    assert not BY_NAME["temperature_five"].is_right({"probs": (1 / 3, 1 / 3, 1 / 3)})


def test_a_temperature_of_a_hundred_leaves_next_to_nothing():
    weights = [exp(one / 100) for one in (3, 2, 1)]
    assert facts("higher_temperature")["hot_gap"] == pytest.approx((weights[0] - weights[2]) / sum(weights))
    assert "Almost nothing" in chosen("higher_temperature")


def test_without_its_square_the_temperature_takes_the_soft_gradient_away():
    values, asked = facts("t_squared"), example_of_digit(next(iter(offered().values())))
    teacher = torch.tensor(asked.logits).double()
    for name, T in (("cold", 1.0), ("warm", 10.0)):
        student = torch.tensor(asked.student).double().requires_grad_()
        F.kl_div((student / T).log_softmax(-1), (teacher / T).softmax(-1), reduction="sum").backward()
        assert values[name] == pytest.approx(float(student.grad.norm()), rel=1e-6)
    assert values["scaled"] == pytest.approx(100 * values["warm"]) and values["ratio"] == pytest.approx(values["cold"] / values["warm"])
    assert values["ratio"] > 5


def test_the_kl_of_a_vae_penalises_places_unlike_the_prior():
    values = facts("what_kl_penalises")
    assert (
        values["rate_free"] > 10 * values["rate_one"]
        and values["rate_heavy"] < 0.01
        and values["distortion_quarter"] < values["distortion_free"] < values["distortion_one"]
    )
    assert "differing from the prior" in chosen("what_kl_penalises")


def test_a_summed_kl_beside_a_mean_multiplies_beta_by_the_batch():
    found = facts("sum_and_mean")
    assert found["effective"] == 64 and found["sum"] / found["mean"] == pytest.approx(64) and log2(found["effective"]) == 6
