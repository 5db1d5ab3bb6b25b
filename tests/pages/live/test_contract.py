"""A scene that breaks the contract says what is wrong with it, in a sentence."""

import re

import pytest

from kl_core.families import FAMILIES
from pages.shared.live import scene
from pages.shared.live.checking import _is_plain, check, problems

NORMAL = FAMILIES["normal"]


def chart_only() -> dict:
    """A whole scene without a curve."""
    return {
        "unit": {"name": "nats", "per_nat": 1.0},
        "panels": [{"kind": "chart", "name": "course", "label": "Course", "series": [{"style": "p", "label": "P"}]}],
        "numbers": {"kl": scene.number("kl", (), 0.5)},
        "charts": {"course": {"x_range": [0.0, 1.0], "y_range": (0, 2), "series": [{"x": "", "y": ""}]}},
        "readouts": [{"quantity": "kl", "title": "KL"}],
    }


def pair() -> dict:
    """A whole scene with curves."""
    curves = {role: scene.curve(role.upper(), role, NORMAL, {"loc": 0.0, "scale": 1.0}) for role in "pq"}
    return chart_only() | {
        "kind": "continuous",
        "view": [-4.0, 4.0],
        "curves": curves,
        "panels": [
            {"kind": "curves", "curves": ["p", "q"], "label": "P and Q"},
            {"kind": "integrand", "p": "p", "q": "q", "quantity": "kl", "title": "KL(P‖Q)", "note": "under P"},
        ],
    }


def test_whole_scenes_have_no_problem():
    for whole in (chart_only(), pair()):
        check(whole)
        assert problems(whole) == []


BROKEN = [
    (chart_only() | {"panels": [{"kind": "chart", "name": "x", "label": "X", "series": []}]}, "The chart panel “X” has nothing to draw"),
    (chart_only() | {"panels": [{"kind": "chart", "label": "X", "series": []}]}, "Panel[0] of kind chart has no 'name'"),
    (chart_only() | {"panels": [{"kind": "pie"}]}, "Panel[0] has the kind 'pie', which no panel has"),
    (chart_only() | {"panels": [3]}, "Panel[0] has the kind None"),
    (chart_only() | {"panels": None}, "Panel is None, which is not a list"),
    (chart_only() | {"panels": [{"kind": "dials", "label": "λ"}]}, "The dials panel “λ” has nothing to draw"),
    (chart_only() | {"panels": [{"kind": "dials", "label": "λ", "half": True}]}, "has 'half', which a DialsPanel does not have"),
    (chart_only() | {"panels": [{"kind": "sentences", "title": "Said"}]}, "The sentences panel “Said” has nothing to draw"),
    (chart_only() | {"readouts": [{"quantity": "js", "title": "JS"}]}, "The number 'js' is to be shown"),
    ({name: part for name, part in chart_only().items() if name != "numbers"}, "The scene has no 'numbers'"),
    (pair() | {"curves": {"p": pair()["curves"]["p"]}}, "The curves panel “P and Q” needs the curve 'q'"),
    (pair() | {"numbers": {}, "readouts": []}, "The integrand panel “KL(P‖Q)” needs the number 'kl'"),
    ({name: part for name, part in pair().items() if name != "view"}, "A scene with curves needs a kind and a view"),
    (pair() | {"live": ["r"]}, "The curve 'r' is named"),
]


@pytest.mark.parametrize("broken, sentence", BROKEN, ids=[sentence for _, sentence in BROKEN])
def test_a_panel_that_lacks_what_it_needs_is_refused_with_a_sentence(broken, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        check(broken)


MISTYPED = [
    (chart_only() | {"law": {}}, "The scene has 'law', which a Scene does not have."),
    (chart_only() | {"hint": None}, "The scene.hint is None, which it cannot be."),
    (chart_only() | {"unit": {"name": "nats"}}, "The scene.unit has no 'per_nat'."),
    (chart_only() | {"unit": {"name": "nats", "per_nat": True}}, "The scene.unit.per_nat is True, which it cannot be."),
    (chart_only() | {"charts": {"course": {"x_range": [0, 1], "y_range": [0, 1], "series": [{"x": ""}]}}}, "series[0] has no 'y'."),
    (pair() | {"kind": "mixed"}, "The scene.kind is 'mixed', which it cannot be."),
]


@pytest.mark.parametrize("broken, sentence", MISTYPED, ids=[sentence for _, sentence in MISTYPED])
def test_every_key_has_its_type(broken, sentence):
    assert any(sentence in problem for problem in problems(broken)), problems(broken)


def test_a_whole_number_is_no_text_and_no_yes():
    assert [_is_plain(value, int) for value in (3, True, "3", 3.0)] == [True, False, False, False]
