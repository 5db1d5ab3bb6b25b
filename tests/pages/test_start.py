"""The start page by AppTest: its picture, and its state in the link."""

import pytest

from tests.pages.conftest import numbers, scene, words

FRAME = "frame/frame"  # its links need the frame around it, which opens at the start page


def test_a_link_shows_its_own_two_curves(visit):
    at = visit(FRAME, p_loc="0", q_loc="0.5", p_scale="1", q_scale="1")
    assert numbers(at)["kl_pq"] == pytest.approx(0.125, rel=1e-14)


@pytest.mark.parametrize("query", [{"p_scale": "-1"}, {"q_loc": "x"}, {"p_loc": "inf"}, {"q_scale": "1e99"}], ids=str)
def test_a_hostile_link_shows_the_starting_values_and_one_quiet_sentence(visit, query):
    at = visit(FRAME, **query)
    assert words(at).count("Part of this link cannot be shown") == 1
    assert scene(at)["curves"]["p"]["values"] == {"loc": -1.0, "scale": 0.8}
