"""Who answers which pictures without a script run and who makes tables for them, by the name that they ask for, and who judges what a class
has dragged."""

from collections.abc import Callable, Mapping, Sequence

from .forward_reverse import canvas_view, plane_view
from .vae import drawing_table

ANSWERS: dict[str, Callable[[dict], dict]] = {"playground": canvas_view.CANVAS.answer, "plane": plane_view.CANVAS.answer}

TABLES: dict[str, tuple[Callable[[], str], Callable[[], bytes]]] = {
    "glyphs": (drawing_table.glyph_table_version, drawing_table.glyph_table)
}
"""Files too large to travel with every answer, each with its version: fetched once, kept by the browser."""


def judged(judge: str, said: Sequence[tuple[float, ...]]) -> Mapping[str, Sequence[tuple[float, ...]]]:
    """Which answers to a practice question did what. judge: its name; ValueError for another."""
    from .practice import QUESTIONS
    from .practice.for_class import camps

    question = next((question for question in QUESTIONS if question.name == judge), None)
    if question is None:
        raise ValueError(f"No question is called {judge}.")
    return camps(question, said)
