"""The page "Checked" by AppTest: every claim in its row, the filter, another round; and every common error with its code."""

import ast
import csv
import io
import math
import re
import warnings
from pathlib import Path
from threading import Event

import pytest
import torch
import torch.nn.functional as F
from scipy.special import rel_entr

import kl_core.published
from kl_core.families import FAMILIES
from kl_core.published import CLAIMS, check
from pages.shared.jobs import Queue
from pages.shared.values import checked
from pages.views.checked import errors as common_errors
from pages.views.checked import rounds as checked_rounds
from pages.views.checked.error import Outcome, reach, read
from pages.views.checked.errors_export import outcomes_csv, program
from pages.views.checked.errors_list import ERRORS
from pages.views.checked.links import address_of, state_of
from pages.views.checked.rounds import again, latest
from pages.views.checked.table import as_csv, matching, strip, tables
from pages.views.checked.view import CODE
from tests.pages.conftest import elements, until, words

PAGE = "checked"
ERROR_VIEW = {"view": "Common errors"}


@pytest.fixture(scope="module")
def checks():
    if latest().job.state == "stopped":  # by the end of other tests that opened the page
        again()
    until(lambda: not latest().job.live)
    return latest().checks


def html(at) -> str:
    return " ".join(one.proto.body for one in elements(at.main) if one.type == "html")


# ---- Checked against -------------------------------------------------------------------------------------------------


def test_every_claim_is_reproduced_and_has_its_row(visit, checks):
    shown = html(visit(PAGE))
    assert f"{len(CLAIMS)} of {len(CLAIMS)} reproduced" in shown
    assert all(f'<tr id="{claim.name}">' in shown for claim in CLAIMS)
    assert shown.count("✓ reproduced</td>") == len(CLAIMS) and "✗" not in shown


def test_a_claim_that_fails_says_so_in_words_and_by_a_mark(checks):
    claim = CLAIMS[0]
    broken = {claim.name: type(checks[claim.name])(claim, (0.03,), 0.0)}
    row = tables({"x": (claim,)}, broken, True)
    assert "✗ not reproduced" in row and "&gt;" in row
    assert 'class="bar off"' in strip({"x": (claim,)}, broken)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"find": "0.0207"}, ["example_kl_pq"]),
        ({"find": "SCHULMAN table k2"}, ["schulman_0.1_k2", "schulman_1_k2"]),
        ({"subject": "Distillation", "find": "T²·KL"}, ["soft_limit"]),
    ],
    ids=str,
)
def test_the_filter_is_in_the_link(visit, checks, query, names):
    at = visit(PAGE, **query)
    assert sorted(re.findall(r'<tr id="([^"]+)"', html(at))) == names
    assert f"{len(names)} of {len(CLAIMS)} claims" in words(at)


def test_only_what_corrects_common_teaching(visit, checks):
    rows = re.findall(r"<tr id=.*?</tr>", html(visit(PAGE, corrections="true")))
    assert 5 < len(rows) == sum(bool(claim.corrects) for claim in CLAIMS)
    assert all('class="corrects"' in row for row in rows)


@pytest.mark.parametrize("find", ["no such claim", "<script>alert(1)</script>", "%%", "([", "\\d", "‖" * 100])
def test_what_cannot_be_found_is_said_in_one_sentence(visit, checks, find):
    at = visit(PAGE, find=find)
    assert "No claim contains all these words." in words(at) and "<script" not in html(at)


@pytest.fixture
def short_rounds(checks, monkeypatch):
    """Rounds of the first five claims, in a line of their own; the full round stands again afterwards."""
    monkeypatch.setattr(checked_rounds, "CLAIMS", CLAIMS[:5])
    monkeypatch.setattr(checked_rounds, "OWN", Queue())
    monkeypatch.setattr(checked_rounds, "_last", [latest()])


def test_another_round_computes_everything_again(visit, short_rounds):
    at = visit(PAGE)
    before = latest()
    next(one for one in at.button if one.label == "Compute again").click().run()
    assert not at.exception and latest().number == before.number + 1 and latest().asked > before.asked
    until(lambda: not latest().job.live)
    assert list(latest().checks) == [claim.name for claim in CLAIMS[:5]]
    assert f"5 of {len(CLAIMS)} reproduced so far" in html(visit(PAGE))


def test_who_asks_while_a_round_is_on_its_way_joins_it(short_rounds, monkeypatch):
    gate = Event()
    monkeypatch.setattr(checked_rounds, "check", lambda claim: gate.wait(5) and check(claim))
    again()
    number = latest().number
    again()
    assert latest().number == number and latest().job.live
    gate.set()
    until(lambda: not latest().job.live)
    assert all(one.agrees for one in latest().checks.values())


@pytest.mark.parametrize("problem", [ValueError("no"), ZeroDivisionError("no"), RuntimeError("no")], ids=repr)
def test_a_claim_that_cannot_be_computed_is_not_reproduced_and_the_others_go_on(short_rounds, monkeypatch, problem):
    def refuse(claim):
        if claim is CLAIMS[1]:
            raise problem
        return check(claim)

    monkeypatch.setattr(checked_rounds, "check", refuse)
    again()
    until(lambda: not latest().job.live)
    assert [one.agrees for one in latest().checks.values()] == [True, False, True, True, True]
    assert "✗ not reproduced" in tables({"x": CLAIMS[:2]}, latest().checks, True)


def test_the_csv_has_a_row_for_each_number_and_all_its_digits(checks):
    rows = list(csv.DictReader(io.StringIO(as_csv(checks))))
    assert len(rows) == sum(len(claim.theirs) for claim in CLAIMS)
    first = rows[0]
    assert float(first["ours"]) == checks["example_kl_pq"].ours[0] and first["theirs"] == "0.0207" and first["reproduced"] == "True"


def test_the_code_on_screen_gives_the_same_verdicts(printed, monkeypatch):
    monkeypatch.setattr(kl_core.published, "CLAIMS", CLAIMS[:5])
    said = printed(CODE).splitlines()
    assert said[0] == "5 of 5 reproduced" and len(said) == 6 and all(one.startswith("yes") for one in said[1:])


def test_every_word_of_a_search_must_fit_and_case_does_not_count():
    assert {claim.name for claims in matching("lucas TRAINED", None, False).values() for claim in claims} == {"linear_trained"}


STATES = [state for state in (state_of(claim.name) for claim in CLAIMS) if state]
ONE_OF_EACH = {(page, *sorted(query), query.get("view")): (page, query) for page, query in STATES}


@pytest.mark.parametrize(("page", "query"), ONE_OF_EACH.values(), ids=str)
def test_the_place_where_a_claim_can_be_seen_opens_without_complaint(visit, page, query):
    at = visit(page, **query)
    assert "cannot be shown" not in words(at) and ":red[" not in words(at)


def test_every_distribution_of_such_a_link_is_one_that_its_page_takes():
    labels = {family.label: family for family in FAMILIES.values()}
    for _, query in STATES:
        for role in ("p", "q"):
            family = labels[query[role]] if role in query else None
            for parameter in family.parameters if family else ():
                checked(family, parameter, query[f"{role}_{parameter.name}"])


def test_most_claims_can_be_seen_somewhere():
    assert sum(bool(address_of(claim.name)) for claim in CLAIMS) > 0.9 * len(CLAIMS)
    assert address_of("gao_rl") == "./beta" and address_of("soft_10") == "./distillation?asked=logits+of+my+own&own_logits=3%2C+2%2C+1&T=10"


@pytest.mark.parametrize(
    "query",
    [
        {"view": "nonsense"},
        {"subject": "nonsense"},
        {"corrections": "perhaps"},
        {**ERROR_VIEW, "error": "nonsense"},
    ],
    ids=str,
)
def test_a_link_that_asks_for_what_is_not_there_says_so(visit, checks, query):
    assert "cannot be shown" in words(visit(PAGE, **query))


# ---- Common errors ---------------------------------------------------------------------------------------------------


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
