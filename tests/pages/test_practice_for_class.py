"""Practice's questions as a live room asks them."""

import pytest

from pages.frame.room.rules import question_of
from pages.views.practice import QUESTIONS
from pages.views.practice.for_class import for_class
from pages.views.practice.prediction import Drag


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_every_question_but_those_to_drag_can_be_asked_in_a_room(question):
    message = for_class(question)
    if isinstance(question.prediction, Drag):
        assert message is None
        return
    asked = question_of(message)
    assert "{" not in asked.ask + asked.why + "".join(asked.options)
    right = [value for value in (asked.places or range(len(asked.options))) if question.is_right(value)]
    at = min(range(len(asked.places)), key=lambda i: abs(asked.places[i] - asked.truth)) if asked.places else None
    near = [asked.truth] if at is None else list(asked.places[max(at - asked.near, 0) : at + asked.near + 1])
    assert right == near
