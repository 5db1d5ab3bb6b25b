"""The page "Estimates from samples" by AppTest: every view, the worked example's tokens, files good and bad."""

import csv
import io
import json
from math import inf, isnan

import pytest
import torch

from kl_core.families import FAMILIES
from pages.shared.style import UNITS
from pages.shared.values import ChosenDistribution
from pages.views.sample_estimates.export import LOSS, estimates_code, gradients_code, tokens_csv, values_code, values_csv
from pages.views.sample_estimates.gradient_scene import gradient_words, gradients_of
from pages.views.sample_estimates.negative_view import _why
from pages.views.sample_estimates.scene import schulman_rows, value_scene
from pages.views.sample_estimates.token_file import read_tokens
from tests.pages.conftest import numbers, scene, words

PAGE = "sample_estimates"
VIEWS = ("A negative KL?", "The value", "The gradient", "Gradient noise", "Sampler ≠ trainer", "Your run")
CATEGORICAL = FAMILIES["categorical"]
PI, REF = ChosenDistribution(CATEGORICAL, {"probs": (0.6, 0.3, 0.1)}), ChosenDistribution(CATEGORICAL, {"probs": (0.3, 0.3, 0.4)})


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("unit", UNITS)
def test_every_view_opens(visit, view, unit):
    assert "cannot be shown" not in words(visit(PAGE, view=view, unit=unit))


def test_the_page_opens_on_the_worked_example_s_four_tokens(visit):
    at = visit(PAGE)
    assert [one.value for one in at.metric] == ["−0.3500 nats"]
    assert "−reward + β · estimate = **−2.518**" in words(at)
    assert "How can a KL be negative?" in words(at)


@pytest.mark.parametrize(
    "query", [{"logprobs": "x"}, {"logprobs": "0.5, -1"}, {"logprobs": "-1, -2"}, {"logprobs": "nan,-1,-1,-1"}, {"logprobs": ""}], ids=str
)
def test_tokens_that_are_none_are_answered_with_a_sentence(visit, query):
    at = visit(PAGE, **query)
    assert any(":red[" in one.value for one in at.caption)
    assert at.metric[0].value == "−0.3500 nats"


def test_schulman_s_table_is_reproduced():
    # Schulman 2020, http://joschu.net/blog/kl-approx.html, to the digits published there
    published = [{"k1": (0, 20), "k2": (0.002, 1.42), "k3": (0, 1.42)}, {"k1": (0, 2), "k2": (0.25, 1.73), "k3": (0, 1.7)}]
    for (_, _, ours), theirs in zip(schulman_rows(), published, strict=True):
        for name, (bias, sd) in theirs.items():
            assert ours[name][0] == pytest.approx(bias, abs=6e-4)
            assert ours[name][1] == pytest.approx(sd, abs=6e-3)


def test_the_numbers_of_the_value_view_are_those_of_the_draws(visit):
    at = visit(PAGE, view="The value", distance="1", draws="10 000")
    shown = numbers(at)
    assert shown["kl"] == pytest.approx(0.5, rel=1e-12)
    assert shown["mean_k1"] == pytest.approx(0.5, abs=4 * 1 / 100)
    assert shown["sd_k1"] == pytest.approx(2, rel=1e-12)
    assert shown["bias_k2"] == pytest.approx(0.25, rel=1e-12)


def test_where_the_variance_is_infinite_the_error_of_the_mean_still_falls_as_the_page_says():
    """Median error of k3's mean over repeated samples: n^(−1/4) at twice P's standard deviation, n^(−1/2) at the same."""
    generator = torch.Generator().manual_seed(1)
    falls = {}
    for ratio in (1.0, 2.0):
        p, q = torch.distributions.Normal(0.0, 1.0), torch.distributions.Normal(1.0, ratio)
        true = float(torch.distributions.kl_divergence(p, q))
        errors = []
        for count in (100, 10_000):
            draws = torch.randn(400, count, generator=generator)
            log_ratio = q.log_prob(draws) - p.log_prob(draws)
            errors.append(float(((log_ratio.exp() - 1 - log_ratio).mean(-1) - true).abs().median()))
        falls[ratio] = errors[1] / errors[0]
    assert falls[1.0] == pytest.approx(0.1, rel=0.25) and falls[2.0] == pytest.approx(100**-0.25, rel=0.25)


def test_a_ratio_beyond_root_two_says_that_the_variance_is_infinite(visit):
    at = visit(PAGE, view="The value", ratio="1.5")
    assert "the variance of k3 is infinite" in words(at)
    assert numbers(at)["sd_k3"] == inf


@pytest.mark.parametrize("ratio", [0.5, 1.0, 2.0])
def test_no_picture_of_values_holds_a_nan(ratio):
    told = value_scene(ratio, 100, 0, UNITS["nats"], 1.0)
    assert not any(isnan(float(one["value"])) for one in told["numbers"].values())


def test_on_policy_as_a_loss_each_estimator_has_the_gradient_that_is_said():
    said = gradient_words(gradients_of(PI, REF, None, "none", "loss"))
    assert said == "**k1**: zero · **k2**: ∇KL(π‖π_ref) · **k3**: ∇KL(π_ref‖π)"


def test_off_policy_the_weights_decide():
    drawn = torch.tensor(REF.values["probs"], dtype=torch.float64).log()
    assert gradient_words(gradients_of(PI, REF, drawn, "none", "loss")).count("neither of the two") >= 2
    assert "**k1**: ∇KL(π‖π_ref)" in gradient_words(gradients_of(PI, REF, drawn, "differentiated", "loss"))


def test_a_dragged_bar_reaches_the_arrows(visit):
    told = scene(visit(PAGE, view="The gradient", p_probs="0.2, 0.3, 0.5"))
    assert told["curves"]["p"]["values"]["probs"] == [0.2, 0.3, 0.5]
    assert numbers(visit(PAGE, view="The gradient", p_probs="0.3, 0.3, 0.4"))["kl_pq"] == 0


@pytest.mark.parametrize("probs", ["0.5, 0.5", "1, 0, 0", "a, b", "0.1, 0.2, 0.3, 0.4"])
def test_a_policy_of_another_size_leaves_a_valid_page(visit, probs):
    assert not any(map(isnan, numbers(visit(PAGE, view="The gradient", p_probs=probs)).values()))


GOOD = {
    "csv": "sequence,token,policy,reference\n1,the,-0.5,-0.3\n1,cat,-1.2,-0.5\n2,sat,-0.8,-0.4\n",
    "two columns": "-0.5,-0.3\n-1.2,-0.5\n-0.8,-0.4",
    "tabs": "policy\treference\n-0.5\t-0.3\n-1.2\t-0.5\n-0.8\t-0.4",
    "jsonl": '{"policy": -0.5, "reference": -0.3}\n{"policy": -1.2, "reference": -0.5}\n{"policy": -0.8, "reference": -0.4}',
    "lists": '{"policy": [-0.5, -1.2], "reference": [-0.3, -0.5], "token": ["the", "cat"]}\n{"policy": [-0.8], "reference": [-0.4]}',
}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_every_format_gives_the_same_tokens(text):
    found = read_tokens(text)
    assert found.log_p.tolist() == [-0.5, -1.2, -0.8] and found.log_q.tolist() == [-0.3, -0.5, -0.4]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "nothing to read"),
        ("policy,reference\n", "no token below"),
        ("a,b\n1,2", "The header names no column “policy”; it names a, b"),
        ("policy,reference\n-1,-2\n-1,x", "Line 3, column 2 is no number: “x”"),
        ("policy,reference\n0.3,-2", "Line 2, column 1 is 0.3; a log-probability is at most 0"),
        ("policy,reference\n-1", "line 2 has 1 cell and the first line has 2"),
        ("policy,reference\n-inf,-2", "its log-probability there is finite"),
        ("1,2,3", "There is no header, and which of 3 columns is the “policy” cannot be guessed"),
        ('{"policy": -1}', "Line 1 has no “reference”"),
        ('{"policy": -1', "line 1, column"),
        ('{"policy": [-1, -2], "reference": [-1]}', "2 tokens under the policy and 1 under the reference"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_bad_file_is_answered_with_its_line_and_column(text, said):
    with pytest.raises(ValueError, match=r".") as problem:
        read_tokens(text)
    assert said in str(problem.value)


def test_pasted_tokens_are_estimated_and_what_was_typed_stays(visit):
    at = visit(PAGE, view="Your run")
    at.text_area(key="tokens_text").set_value(GOOD["csv"]).run()
    assert not at.exception
    assert "3 tokens in 2 sequences" in words(at) and "mean of k1 is negative" in words(at)
    at.text_area(key="tokens_text").set_value("policy,reference\n-1,oops").run()
    assert "Line 2, column 2 is no number" in at.error[0].value
    assert at.text_area(key="tokens_text").value.endswith("oops")


def test_a_hundred_thousand_tokens_are_read():
    text = "\n".join(json.dumps({"policy": [-0.5] * 1000, "reference": [-0.6] * 1000}) for _ in range(100))
    assert len(read_tokens(text).log_p) == 100_000


def test_the_loss_that_is_shown_whole_has_no_expected_gradient():
    namespace: dict = {}
    exec(LOSS, namespace)
    logits = torch.tensor([0.6, 0.3, 0.1], dtype=torch.float64).log().requires_grad_()
    log_pi, log_ref = logits.log_softmax(-1), torch.tensor([0.3, 0.3, 0.4], dtype=torch.float64).log()
    mean = 0.0
    for action, probability in enumerate(log_pi.exp().tolist()):
        loss, _ = namespace["rlhf_loss"](torch.tensor(2.5), log_pi[action : action + 1], log_ref[action : action + 1])
        mean = mean + probability * torch.autograd.grad(loss, logits, retain_graph=True)[0]
    assert mean.abs().max() < 1e-15


def test_the_code_shown_prints_what_is_on_screen(printed):
    current, other = (torch.tensor(row, dtype=torch.float64) for row in ((-0.5, -1.2, -0.8, -0.3), (-0.3, -0.5, -0.4, -0.2)))
    found = printed(estimates_code(current, other, 2.5, 0.05))
    assert "loss -2.5175, estimate of KL(π‖π_ref) -0.3500 nats" in found


def test_the_gradients_code_shows_k1_without_and_k2_with_the_gradient(printed):
    lines = dict(line.split(" ", 1) for line in printed(gradients_code((0.6, 0.3, 0.1), (0.3, 0.3, 0.4))).splitlines() if line)
    assert lines["k2"].strip() == lines["∇KL(π‖π_ref)"].strip() != lines["k3"].strip()


def test_the_tables_to_take_along_are_whole():
    rows = list(csv.DictReader(io.StringIO(tokens_csv(read_tokens(GOOD["csv"])))))
    assert [row["token"] for row in rows] == ["the", "cat", "sat"] and float(rows[0]["k1"]) == pytest.approx(-0.2)
    values = list(csv.DictReader(io.StringIO(values_csv(1.0))))
    assert float(values[-1]["kl"]) == pytest.approx(4.5)


def test_a_token_that_the_reference_all_but_rules_out_leaves_a_picture(visit):
    told = scene(visit(PAGE, logprobs="-1000,-1", logprobs_ref="-1,-2"))
    assert all(abs(one) < 1e9 for one in told["charts"]["tokens"]["y_range"])


def test_a_probability_of_nought_has_no_gradient_and_the_page_says_so(visit):
    assert "with a probability of 0 there is none" in words(visit(PAGE, view="The gradient", q_probs="0.5, 0.5, 0"))


def test_the_code_of_the_value_prints_the_numbers_on_screen(visit, printed):
    shown = numbers(visit(PAGE, view="The value", distance="1", ratio="1.2", draws="100", draw_seed="3"))
    lines = printed(values_code(1.2, 1.0, 100, 3)).splitlines()
    assert float(lines[0].split("=")[1].split()[0]) == pytest.approx(shown["kl"], rel=1e-5)
    assert float(lines[1].split("mean ")[1].split(",")[0]) == pytest.approx(shown["mean_k1"], rel=1e-5)


@pytest.mark.parametrize(("estimate", "beta", "told"), [(-0.1, 0.5, True), (-0.1, 0.0, False), (0.1, 0.5, False)])
def test_a_bonus_is_told_only_where_the_loss_has_one(estimate, beta, told):
    current = torch.log(torch.tensor([0.2, 0.3], dtype=torch.float64))
    assert ("is a bonus of" in _why(estimate, beta, current, current + 0.1, UNITS["nats"])) == told
