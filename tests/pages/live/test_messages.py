"""What the browser tells is typed; whatever else arrives is ignored with a line in the log."""

import logging
from math import inf

import pytest

from pages.shared.live.messages import parse_message

MOVED = {"curve": "p", "values": {"loc": 1.5, "probs": [0.2, 0.8]}, "partial": False, "question": 3}


@pytest.mark.parametrize(
    "raw, message",
    [
        (MOVED, MOVED),
        ({"scrub": "0.25"}, {"scrub": 0.25}),
        ({"scrub": 12}, {"scrub": 12.0}),
        ({"scrub": "Infinity"}, {"scrub": inf}),
        ({"z": [0.5, -1]}, {"z": [0.5, -1.0]}),
        ({"dials": {"lam": 4, "beta": 1.05}}, {"dials": {"lam": 4.0, "beta": 1.05}}),
    ],
)
def test_what_the_picture_sends_is_taken(raw, message):
    assert parse_message(raw) == message


def deep(levels: int) -> list:
    nested: list = []
    for _ in range(levels):
        nested = [nested]
    return nested


MALFORMED = [
    None,
    3,
    "scrub",
    [],
    [{"scrub": 1}],
    {},
    {"scrub": 10**400},
    {"scrub": 10**5000},
    {"scrub": float("nan")},
    {"scrub": "nan"},
    {"scrub": None},
    {"scrub": True},
    {"scrub": [1]},
    {"scrub": {"scrub": 1}},
    {"scrub": "1" * 10_000},
    {"scrub": "β"},
    {"scrub": 1, "z": [0, 0]},
    {"z": None},
    {"z": []},
    {"z": [None, 1]},
    {"z": "00"},
    {"z": [0.0] * 1000},
    {"z": deep(100_000)},
    {"dials": None},
    {"dials": {}},
    {"dials": [4, 1]},
    {"dials": {"lam": None}},
    {"dials": {"lam": [1]}},
    {"question": float("nan")},
    MOVED | {"question": float("nan")},
    MOVED | {"question": -1},
    MOVED | {"question": 1.5},
    MOVED | {"question": "1"},
    MOVED | {"question": 10**400},
    MOVED | {"partial": None},
    MOVED | {"partial": 1},
    MOVED | {"curve": None},
    MOVED | {"curve": "p" * 1000},
    MOVED | {"curve": ["p"]},
    MOVED | {"values": None},
    MOVED | {"values": {}},
    MOVED | {"values": {"loc": None}},
    MOVED | {"values": {"loc": {"loc": 1}}},
    MOVED | {"values": {"probs": [0.5, None]}},
    MOVED | {"values": {f"loc{i}": 1.0 for i in range(1000)}},
    MOVED | {"values": {1: 1.0}},
    MOVED | {"more": 1},
    {"curve": "p", "values": {"loc": 1.0}},
    {1: 2},
]


@pytest.mark.parametrize("raw", MALFORMED, ids=range(len(MALFORMED)))
def test_anything_malformed_is_ignored_with_a_line_in_the_log(raw, caplog):
    with caplog.at_level(logging.WARNING, "kl_explorer"):
        assert parse_message(raw) is None
    (line,) = caplog.messages
    assert "ignored" in line and "\n" not in line and len(line) < 300
