"""The view "Common errors" of the page "Checked" by AppTest: every error with its code and its right answer."""

import ast
import csv
import io
import math
import warnings
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from scipy.special import rel_entr

from pages.views.checked import errors as common_errors
from pages.views.checked.error import Outcome, reach, read
from pages.views.checked.errors_export import outcomes_csv, program
from pages.views.checked.errors_list import ERRORS
from tests.pages.conftest import elements, words

PAGE = "checked"
ERROR_VIEW = {"view": "Common errors"}


def html(at) -> str:
    return " ".join(one.proto.body for one in elements(at.main) if one.type == "html")


def kl_by_scipy(error) -> float:
    p, q = (one.numpy() for one in list(error.starts.values())[:2])
    return float(rel_entr(p, q).sum())


@pytest.mark.parametrize("error", ERRORS.values(), ids=lambda error: error.name)
def test_the_wrong_program_is_wrong_on_what_it_starts_with_and_the_right_one_is_not_nan(error):
    outcome = error.run(error.starts)
    assert not math.isnan(outcome.right) and not outcome.words.startswith("the same")


@pytest.mark.parametrize(
    "name",
    ["argument_order", "not_in_logs", "log_target", "default_reduction", "mean_reduction", "k3_sign", "epsilon", "zero_log_zero", "bits"],
)
def test_the_right_program_gives_the_kl_that_scipy_gives(name):
    assert ERRORS[name].run(ERRORS[name].starts).right == pytest.approx(kl_by_scipy(ERRORS[name]), rel=1e-12)


FACTORS = {
    "default_reduction": 1 / 3,
    "mean_reduction": 1 / 3,
    "vae_mean": 1 / 4,
    "vae_sum": 64,
    "per_token": 1 / 4,
    "bits": 1 / math.log(2),
    "without_T2": 1 / 25,
}


@pytest.mark.parametrize(("name", "factor"), FACTORS.items())
def test_the_factor_is_the_one_of_theory(name, factor):
    outcome = ERRORS[name].run(ERRORS[name].starts)
    assert outcome.factor == pytest.approx(factor, rel=1e-9)
    assert reach(outcome) == pytest.approx(math.log10(factor), rel=1e-9)


def test_k3_turned_round_estimates_chi_square_less_kl():
    p, q = ERRORS["k3_sign"].starts.values()
    chi_square = float(((p - q) ** 2 / q).sum())
    assert ERRORS["k3_sign"].run({"p": p, "q": q}).wrong == pytest.approx(chi_square - kl_by_scipy(ERRORS["k3_sign"]), rel=1e-12)


def test_k1_as_a_loss_has_no_gradient_and_the_kl_has_its_own():
    p, q = ERRORS["k1_loss"].starts.values()
    outcome = ERRORS["k1_loss"].run({"p": p, "q": q})
    log_ratio = (p / q).log()
    assert outcome.wrong < 1e-15
    assert outcome.right == pytest.approx(float((p * (log_ratio - (p * log_ratio).sum())).norm()), rel=1e-12)


def test_nan_infinity_and_a_negative_kl_are_what_users_meet():
    outcomes = {name: ERRORS[name].run(ERRORS[name].starts) for name in ERRORS}
    assert [name for name, one in outcomes.items() if math.isnan(one.wrong)] == ["log_target", "zero_log_zero", "underflow"]
    assert outcomes["underflow"].right == pytest.approx(2000, rel=1e-14)
    assert math.isinf(outcomes["epsilon"].right)
    assert outcomes["epsilon"].wrong == pytest.approx(0.5 * math.log(0.5) + 0.5 * math.log(0.5e7), rel=1e-6)
    assert outcomes["not_in_logs"].wrong < 0 and outcomes["float32"].wrong < 0 < outcomes["float32"].right


def test_pytorch_itself_warns_of_the_default_reduction():
    with pytest.warns(UserWarning, match="batchmean"):
        F.kl_div(torch.tensor([0.5, 0.5]).log(), torch.tensor([0.5, 0.5]))


@pytest.mark.parametrize("error", ERRORS.values(), ids=lambda error: error.name)
def test_the_code_on_screen_is_the_code_that_runs(visit, error):
    at = visit(PAGE, **ERROR_VIEW, error=error.title)
    shown = [one.value for one in at.code]
    assert [ast.parse(one).body[0].name for one in shown] == [f"{error.name}_wrong", f"{error.name}_right"]
    source = Path(common_errors.__file__).read_text(encoding="utf-8")
    assert all(one in source for one in shown) and error.why in words(at)
    assert at.metric[0].label == "✗ wrong" and at.metric[1].label == "✓ right"


@pytest.mark.parametrize(
    ("error", "box", "typed", "sentence"),
    [
        ("argument_order", "p", "0.5, x", "P: probability 2 is not a number: “ x”."),
        ("argument_order", "p", "0.5, 0.5", "P has 2 entries and Q 3; both need the same number."),
        ("argument_order", "q", "0.5, 0, 0.5", "Q: here every probability is above 0."),
        ("epsilon", "q", "0, 0", "Q: all its probabilities are 0."),
        ("epsilon", "q", "-1, 2", "Q: a probability is at least 0."),
        ("epsilon", "eps", "0", "ε: ε is above 0 and at most 0.1."),
        ("vae_sum", "rows", "2.5", "Batch size: the batch size is a whole number from 1 to 1024."),
        ("per_token", "log_p", "0.1, 0, 0, 0", "log π: a log-probability is at most 0."),
        ("underflow", "z_p", "nan, 1", "Logits of P: logit 1 must be finite."),
        ("underflow", "z_p", "", "Logits of P: There are 1 logits; from 2 to 8 can be shown."),
        ("vae_mean", "logvar", "1000, 0, 0, 0", "log σ²: log σ² is between −50 and 50."),
        ("without_T2", "T", "1e9", "T: A T may be at most 1e+06 in size."),
    ],
)
def test_bad_input_gives_one_sentence_and_stays_in_its_box(visit, error, box, typed, sentence):
    at = visit(PAGE, **ERROR_VIEW, error=ERRORS[error].title, **{f"{error}_{box}": typed})
    assert sentence in words(at) and "starting values instead" in words(at)
    assert at.text_input(key=f"{error}_{box}").value == typed


def test_inputs_of_a_link_are_what_runs(visit):
    at = visit(PAGE, **ERROR_VIEW, error=ERRORS["bits"].title, bits_p="1, 1", bits_q="3, 1")
    assert at.metric[1].value == "0.1438 nats" and at.metric[0].value == "0.2075 nats"  # Cover & Thomas, example 2.3.1


EXTREMES = {
    "probs": ["1, 0", "1e6, 1e-300"],
    "positive": ["1e6, 1e-9", "1e-300, 1"],
    "logits": ["1e6, -1e6", "0, 0"],
    "log_probs": ["-1e4, 0", "0, 0"],
    "mu": ["100, -100", "0, 0"],
    "logvar": ["50, -50", "0, 0"],
    "T": ["0.01", "1000"],
    "eps": ["1e-300", "0.1"],
    "share": ["0", "1"],
    "rows": ["1", "1024"],
}


@pytest.mark.parametrize("error", ERRORS.values(), ids=lambda error: error.name)
@pytest.mark.parametrize("end", [0, 1])
def test_at_the_ends_of_what_may_be_typed_both_programs_run_and_the_outcome_has_words(error, end):
    outcome = error.run({one.argument: read(one, EXTREMES[one.kind][end]) for one in error.inputs})
    assert outcome.words and (math.isnan(reach(outcome)) or -3 <= reach(outcome) <= 3)


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Outcome(math.nan, 1.0), "NaN"),
        (Outcome(5.0, math.inf), "finite instead of ∞"),
        (Outcome(math.inf, 1.0), "∞ instead"),
        (Outcome(math.inf, math.inf), "the same"),
        (Outcome(1.0, 1.0), "the same"),
        (Outcome(0.0, 0.0), "the same"),
        (Outcome(-1.0, 2.0), "negative"),
        (Outcome(0.0, 1.0), "0 up to"),
        (Outcome(3.0, 2.0), "1.5 ×"),
        (Outcome(1.0, 0.0), "not 0"),
    ],
    ids=str,
)
def test_an_outcome_is_put_in_words(outcome, said):
    assert outcome.words.startswith(said) and "nan" not in outcome.words


@pytest.mark.parametrize("error", ERRORS.values(), ids=lambda error: error.name)
def test_the_program_to_take_along_runs_by_itself_and_gives_the_same_answers(printed, error):
    outcome = error.run(error.starts)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some of the wrong ones earn a warning
        said = [line.split() for line in printed(program(error, error.starts)).splitlines()]
    assert [word for word, _ in said] == ["wrong", "right"]
    assert [float(value) for _, value in said] == pytest.approx([outcome.wrong, outcome.right], rel=1e-12, nan_ok=True)


def test_the_csv_of_the_errors_has_a_row_for_each():
    rows = list(csv.DictReader(io.StringIO(outcomes_csv())))
    assert [row["error"] for row in rows] == [error.title for error in ERRORS.values()]
    over = {row["error"]: float(row["wrong_over_right"]) for row in rows}
    assert over["T² left out"] == pytest.approx(1 / 25, rel=1e-9)
    assert over["β next to 0 in generalised JSD"] == pytest.approx(0.01 * 0.99, rel=1e-9)
