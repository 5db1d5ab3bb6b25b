"""Who answers which pictures without a script run and who makes tables for them, by the name that they ask for; which questions of a
page a class can be asked, and who judges what it has dragged."""

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import parse_qsl

from .forward_reverse import canvas_view, for_class, plane_view
from .two_distributions import released
from .vae import drawing_table

ANSWERS: dict[str, Callable[[dict], dict]] = {
    "playground": canvas_view.CANVAS.answer,
    "plane": plane_view.CANVAS.answer,
    released.ROUTE: released.answer,
}

TABLES: dict[str, tuple[Callable[[], str], Callable[[], bytes]]] = {
    "glyphs": (drawing_table.glyph_table_version, drawing_table.glyph_table)
}
"""Files too large to travel with every answer, each with its version: fetched once, kept by the browser."""


def questions_at(address: str) -> Mapping[str, Callable[[], dict]]:
    """The questions about what stands on a page at this address, by their words; each makes the message that asks it."""
    page, _, query = address.partition("?")
    link = dict(parse_qsl(query))
    on_canvas = page == for_class.ROOM and link.get("view", "Fit") == "Fit"
    return for_class.questions_at(link) if on_canvas else {}


def judged(judge: str, said: Sequence[tuple[float, ...]]) -> Mapping[str, Sequence[tuple[float, ...]]]:
    """Which answers did what. judge: the name of a practice question, or as the playground's question says; ValueError for another."""
    if judge.startswith(f"{for_class.ROOM} "):
        return for_class.camps(judge, said)
    from .practice import QUESTIONS
    from .practice.for_class import camps

    question = next((question for question in QUESTIONS if question.name == judge), None)
    if question is None:
        raise ValueError(f"No question is called {judge}.")
    return camps(question, said)
