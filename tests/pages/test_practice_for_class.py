"""Practice's questions as a live room asks them, and what it says of what a class has dragged."""

import pytest

from pages.frame.room.rules import question_of, said_of
from pages.frame.room.stage import picture_of
from pages.views.answers import judged
from pages.views.practice import QUESTIONS
from pages.views.practice.for_class import for_class
from pages.views.practice.prediction import Drag

DRAGGED = [question for question in QUESTIONS if isinstance(question.prediction, Drag)]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_every_question_can_be_asked_in_a_room(question):
    message = for_class(question)
    asked = question_of(message)
    assert "{" not in asked.ask + asked.why + "".join(asked.options)
    if isinstance(question.prediction, Drag):
        assert question.is_right(question.prediction.placed(asked.truth))
        assert set(picture_of(message)["scene"]["curves"]) <= {"p", "q"}
        return
    right = [value for value in (asked.places or range(len(asked.options))) if question.is_right(value)]
    at = min(range(len(asked.places)), key=lambda i: abs(asked.places[i] - asked.truth)) if asked.places else None
    near = [asked.truth] if at is None else list(asked.places[max(at - asked.near, 0) : at + asked.near + 1])
    assert right == near


@pytest.mark.parametrize("question", DRAGGED, ids=lambda question: question.name)
def test_a_room_accepts_what_the_page_itself_would_take_for_an_answer(question):
    asked, drag = question_of(for_class(question)), question.prediction
    code = drag.encode(drag.start.values)
    on_the_grid = said_of(
        [axis[min(range(len(axis)), key=lambda i: abs(axis[i] - value))] for axis, value in zip(asked.axes, asked.truth, strict=True)]
    )
    assert asked.accepts(on_the_grid)
    assert len(code) == len(asked.axes) == len(asked.names) == len(asked.keys)


def test_what_a_class_dragged_is_judged_by_the_question_itself():
    question = next(question for question in DRAGGED if question.name == "reverse_picks_a_mode")
    hill, other_hill, middle = (2.2, 1.0), (-1.8, 1.0), tuple(question_of(for_class(question)).truth)
    verdicts = judged("reverse_picks_a_mode", [hill, other_hill, middle])
    assert verdicts == {"put Q on a hill": [hill, other_hill], "had it right": [middle]}


def test_bars_count_by_their_shares_and_bars_of_0_had_nothing_right():
    flatter, same, nothing = (0.4, 0.34, 0.26), (0.8, 0.54, 0.34), (0.0, 0.0, 0.0)
    verdicts = judged("temperature_five", [flatter, same, nothing])
    assert flatter in verdicts["made the bars more equal"] and flatter in verdicts["had it right"]
    assert all(nothing not in members for members in verdicts.values())


@pytest.mark.parametrize("judge", ["", "nobody", "which_seeks"])
def test_nobody_else_judges(judge):
    with pytest.raises(ValueError):
        judged(judge, [(0.0,)])
