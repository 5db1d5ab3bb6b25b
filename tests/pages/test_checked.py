"""The page "Checked" by AppTest: every claim in its row, the filter, another round."""

import csv
import io
import re
from threading import Event

import pytest

import kl_core.published
from kl_core.families import FAMILIES
from kl_core.published import CLAIMS, check
from pages.shared.jobs import Queue
from pages.shared.values import checked
from pages.views.checked import rounds as checked_rounds
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
