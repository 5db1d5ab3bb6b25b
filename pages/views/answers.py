"""Who answers which pictures without a script run, by the name that they ask for, and who judges what a class has dragged."""

from collections.abc import Callable, Mapping, Sequence

from .forward_reverse import canvas_view, plane_view

ANSWERS: dict[str, Callable[[dict], dict]] = {"playground": canvas_view.CANVAS.answer, "plane": plane_view.CANVAS.answer}


def judged(judge: str, said: Sequence[tuple[float, ...]]) -> Mapping[str, Sequence[tuple[float, ...]]]:
    """Which answers to a practice question did what. judge: its name; ValueError for another."""
    from .practice import QUESTIONS
    from .practice.for_class import camps

    question = next((question for question in QUESTIONS if question.name == judge), None)
    if question is None:
        raise ValueError(f"No question is called {judge}.")
    return camps(question, said)
