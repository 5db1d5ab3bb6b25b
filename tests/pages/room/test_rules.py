"""What a room refuses, each with one plain sentence, and the page to keep."""

import csv
import io
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.frame.room.limits import MOST_BUCKETS, Rate
from pages.frame.room.record import record_csv, record_html
from pages.frame.room.rules import (
    LETTERS,
    LONGEST_MOVE,
    Question,
    Refused,
    address_of,
    code_of,
    live_of,
    new_code,
    phone_of,
    question_of,
    stored_question,
)

CHOICE = {"kind": "choice", "ask": "Which?", "options": ["a", "b"]}
SLIDE = {"kind": "slide", "ask": "How much?", "places": [place / 10 for place in range(11)]}


@pytest.mark.parametrize(
    "address",
    [
        "//evil.org",
        "https://evil.org/",
        "/beta",
        "nowhere",
        "beta/../x",
        "javascript:alert(1)",
        "beta?x=\n1",
        "beta?" + "x" * 4000,
        None,
        3,
    ],
)
def test_no_address_leads_away_from_the_explorer(address):
    with pytest.raises(Refused):
        address_of(address)


@pytest.mark.parametrize("address", ["", "?lesson=what_kl_is.1", "beta", "two_distributions?p_loc=2&q_family=Cauchy"])
def test_addresses_of_pages_pass(address):
    assert address_of(address) == address


@pytest.mark.parametrize(
    "move",
    [
        3,
        [],
        {"key": "curves"},
        {"key": 1, "posture": {}},
        {"key": "curves", "posture": {}, "address": "beta"},
        {"key": "curves", "posture": {"position": float("nan")}},
        {"key": "curves", "posture": "x" * LONGEST_MOVE},
    ],
)
def test_what_is_no_move_is_refused_with_a_sentence(move):
    with pytest.raises(Refused) as problem:
        live_of(move)
    assert problem.value.status == 400
    assert str(problem.value).endswith(".")


@pytest.mark.parametrize(
    "message",
    [
        {},
        CHOICE | {"ask": " "},
        CHOICE | {"ask": "x" * 601},
        CHOICE | {"options": ["a"]},
        CHOICE | {"options": ["a", ""]},
        CHOICE | {"options": ["a"] * 9},
        CHOICE | {"options": "ab"},
        CHOICE | {"truth": 2},
        CHOICE | {"truth": float("nan")},
        CHOICE | {"truth": True},
        SLIDE | {"places": None},
        SLIDE | {"places": [1]},
        SLIDE | {"places": [0, 0]},
        SLIDE | {"places": [0, float("inf")]},
        SLIDE | {"places": ["0", "1"]},
        SLIDE | {"places": list(range(202))},
        SLIDE | {"near": -1},
        SLIDE | {"near": 0.5},
        SLIDE | {"unit": ["bits"]},
        SLIDE | {"kind": "essay"},
    ],
)
def test_what_is_no_question_is_refused_with_a_sentence(message):
    with pytest.raises(Refused) as problem:
        question_of(message)
    assert problem.value.status == 400
    assert str(problem.value).endswith(".")


def test_a_question_comes_back_from_the_store_as_it_went_in():
    for message in (CHOICE | {"truth": 1, "why": "Because."}, SLIDE | {"unit": "nats", "truth": 0.77}):
        question = question_of(message)
        assert stored_question(question.text()) == question


@given(st.floats(allow_nan=True))
def test_a_choice_accepts_the_indices_of_its_options_alone(value):
    assert question_of(CHOICE).accepts(value) == (value in (0, 1))


def test_a_slider_accepts_its_places_alone():
    slider = question_of(SLIDE)
    assert all(slider.accepts(place / 10) for place in range(11))
    assert not any(slider.accepts(value) for value in (-0.1, 1.1, 0.05, 1e300))


def test_codes_are_four_consonants_and_one_may_type_them_small():
    code = new_code()
    assert code_of(f" {code.lower()}\n") == code
    assert not set("AEIOUY01") & set(LETTERS)
    for wrong in ("", "BBB", "BBBBB", "AAAA", "B1BB", "../x"):
        with pytest.raises(Refused):
            code_of(wrong)


@pytest.mark.parametrize("name", ["", "short", "x" * 65, "with space and more", None, 12345678901234567890])
def test_a_phone_is_a_random_id_and_nothing_else(name):
    with pytest.raises(Refused):
        phone_of(name)


def test_a_rate_remembers_a_bounded_number_of_names():
    rate = Rate(1, 1, lambda: 0.0)
    for n in range(MOST_BUCKETS + 10):
        assert rate.allows(str(n))
    assert not rate.allows(str(MOST_BUCKETS))
    assert len(rate._buckets) == MOST_BUCKETS


def test_the_record_holds_every_option_and_no_markup_or_formula_of_its_writer():
    asked = Question("choice", "=1+1 <script>", options=("@x <b>", "never chosen"), truth=0)
    record = [(asked, Counter({0.0: 3})), (Question("slide", "Bits?", places=(0.0, 0.7), unit="bits"), Counter({0.7: 1}))]
    rows = list(csv.reader(io.StringIO(record_csv(record))))
    assert rows[1] == ["1", "'=1+1 <script>", "'@x <b>", "3", "'@x <b>"]
    assert rows[2][2:4] == ["never chosen", "0"]
    assert rows[3] == ["2", "Bits?", "0.7 bits", "1", ""]
    html = record_html(record)
    assert "<script>" not in html and "<b>" not in html
    assert "3 answers" in html and "True: @x &lt;b&gt;" in html
