"""The route that tells a released pair's numbers: those that the page's run then shows, and for no other question."""

import json

import pytest

from pages.frame.posts import Refused
from pages.views.two_distributions.released import GATE, MOST_WAITING, answer
from tests.pages.conftest import scene

PAGE = "two_distributions"
NORMALS = {
    "unit": "nats",
    "names": None,
    "moved": {"curve": "p", "names": ["loc"]},
    "p": {"family": "Normal", "values": {"loc": -1.0, "scale": 0.8}},
    "q": {"family": "Normal", "values": {"loc": 1.0, "scale": 1.5}},
}


def asked_of(told: dict) -> dict:
    """As the browser asks of the scene that it has, after a hand has moved P's first parameter to where it is."""
    first = told["curves"]["p"]["parameters"][0]["name"]
    pair = {role: {"family": curve["family"], "values": curve["values"]} for role, curve in told["curves"].items()}
    return {"unit": told["unit"]["name"], "names": told["names"], "moved": {"curve": "p", "names": [first]}} | pair


@pytest.mark.parametrize(
    "link",
    [
        {},
        {"p": "Cauchy", "q": "Student-t", "unit": "bits", "q_df": "2.5"},
        {"p": "Gaussian mixture", "p_locs": "-2, 0.1234567, 4", "p_weights": "1, 2, 3", "p_scales": "1, 1, 0.5"},
        {"p": "Uniform", "q": "Uniform", "p_low": "-1.5"},
        {"kind": "discrete"},
        {"kind": "discrete", "names": "cat, dog", "p_probs": "0.123457, 0.5, 0", "q_probs": "0, 0.5, 0.4"},
        {"kind": "discrete", "p": "Poisson", "q": "Binomial", "q_total_count": "12"},
    ],
    ids=lambda link: ", ".join(link.values()) or "untouched",
)
def test_the_numbers_and_the_range_are_those_of_the_pages_run(visit, link):
    told = scene(visit(PAGE, **link))
    early = json.loads(json.dumps(answer(asked_of(told))))
    assert told["early"] == "pair" and early == {"numbers": told["numbers"], "view": told["view"]}


def test_a_vector_dragged_to_more_digits_than_its_box_holds_has_the_numbers_of_the_box():
    def numbers(moved: str, probs: list[float]) -> dict:
        p, q = ({"family": "Categorical", "values": {"probs": each}} for each in (probs, [0.2, 0.2, 0.6]))
        return answer({"unit": "nats", "names": None, "moved": {"curve": moved, "names": ["probs"]}, "p": p, "q": q})

    sevenths, boxed = [1 / 7, 2 / 7, 4 / 7], [0.142857, 0.285714, 0.571429]
    assert numbers("p", sevenths) == numbers("q", boxed) != numbers("q", sevenths)


@pytest.mark.parametrize(
    "question",
    [
        {},
        {**NORMALS, "more": 1},
        {**NORMALS, "unit": "pounds"},
        {**NORMALS, "unit": ["nats"]},
        {**NORMALS, "moved": "p"},
        {**NORMALS, "moved": {"curve": "p", "names": "loc"}},
        {**NORMALS, "names": "A, B"},
        {**NORMALS, "names": [1]},
        {**NORMALS, "names": ["A"] * 65},
        {**NORMALS, "names": ["A" * 17]},
        {**NORMALS, "p": None},
        {**NORMALS, "p": {"family": "Normal"}},
        {**NORMALS, "p": {"family": ["Normal"], "values": {}}},
        {**NORMALS, "p": {"family": "Magic", "values": {}}},
        {**NORMALS, "p": {"family": "Normal", "values": {"loc": 0.0}}},
        {**NORMALS, "p": {"family": "Normal", "values": {"loc": 0.0, "scale": -1.0}}},
        {**NORMALS, "p": {"family": "Normal", "values": {"loc": 10**400, "scale": 1.0}}},
        {**NORMALS, "p": {"family": "Normal", "values": {"loc": [1.0], "scale": 1.0}}},
        {**NORMALS, "p": {"family": "Uniform", "values": {"low": 2.0, "high": 1.0}}},
        {**NORMALS, "p": {"family": "Poisson", "values": {"rate": 2.0}}},
        {**NORMALS, "p": {"family": "Gaussian mixture", "values": {"weights": [0, 0], "locs": [0, 1], "scales": [1, 1]}}},
        {**NORMALS, "p": {"family": "Gaussian mixture", "values": {"weights": [1, 1], "locs": [0] * 1000, "scales": [1, 1]}}},
    ],
    ids=lambda question: json.dumps({key: value for key, value in question.items() if NORMALS.get(key) != value})[:60],
)
def test_any_other_question_is_refused_in_a_sentence(question):
    with pytest.raises(ValueError, match=r"\.$"):
        answer(question)


@pytest.mark.parametrize("waiting, refused", [(MOST_WAITING, False), (MOST_WAITING + 1, True)])
def test_where_many_wait_the_pages_run_alone_brings_the_numbers(monkeypatch, waiting, refused):
    monkeypatch.setattr(GATE, "waiting", lambda: waiting)
    if not refused:
        assert answer(NORMALS)["numbers"]["kl_pq"]["status"] == "exact, closed form"
        return
    with pytest.raises(Refused) as problem:
        answer(NORMALS)
    assert problem.value.status == 503
