"""The questions on paper: one HTML file that holds all it needs, with answers or without, its numbers computed now."""

import re
from functools import lru_cache
from html import escape
from pathlib import Path

from ...shared.values import ChosenDistribution
from . import QUESTIONS
from .drawing import drawn_distributions, number_line
from .pictures import Picture
from .prediction import Choice, Drag, Slide
from .question import Question

_CSS = "".join(Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("style.css", "sheet.css"))


@lru_cache(maxsize=2)
def sheet(answers: bool) -> str:
    """The whole file. answers: with the true answer, and why, below each question."""
    title = "KL divergence: predict, then look" + (" — answers" if answers else "")
    body, subject = [], None
    for at, question in enumerate(QUESTIONS, 1):
        if question.subject != subject:
            subject = question.subject
            body.append(f"<h2>{escape(subject)}</h2>")
        body.append(_question(at, question, answers))
    about = (
        "Every number was computed when this sheet was made, in nats unless it says otherwise. KL(P‖Q) averages over P, KL(Q‖P) over Q."
        if answers
        else "Predict first: make a mark or a sketch. Then look: every question is also on the explorer’s page “Practice”."
    )
    who = "" if answers else '<p class="who">Name <span></span> Date <span></span></p>'
    return (
        f'<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><title>{title}</title>'
        f"<style>{_CSS}</style></head><body><main><h1>{title}</h1>{who}<p>{about}</p>{''.join(body)}</main></body></html>\n"
    )


def _question(at: int, question: Question, answers: bool) -> str:
    parts = [f'<p class="ask"><b>{at}.</b> {_html(question.told(question.ask))}</p>', _predict(question, answers)]
    if answers:
        parts.append(f'<p class="why">{_html(question.told(question.why))}</p>')
    return f'<section><div class="words">{"".join(parts)}</div>{_drawing(question, answers)}</section>'


def _predict(question: Question, answers: bool) -> str:
    match question.prediction:
        case Choice() as choice:
            rows = [
                f'<li class="{"is" if answers and i == choice.right else ""}">{_html(question.told(option.text))}</li>'
                for i, option in enumerate(choice.options)
            ]
            return f'<ul class="options">{"".join(rows)}</ul>'
        case Slide() as slide:
            return number_line(slide, None, float(question.facts[slide.truth]) if answers else None)
        case Drag() as drag:
            return f"<p>{_html(question.told(drag.right[:1].upper() + drag.right[1:]))}</p>" if answers else ""


def _drawing(question: Question, answers: bool) -> str:
    """What a question is about, where that is two distributions; a distribution to sketch on where one is to be dragged."""
    prediction, picture = question.prediction, question.picture
    if isinstance(prediction, Drag):
        return f"<figure>{_to_sketch(prediction, answers)}</figure>"
    drawn = dict(picture.moves.curves) if isinstance(picture, Picture) and (picture.given or answers and picture.families) else {}
    if not drawn:
        return ""
    names = picture.names if isinstance(picture, Picture) else None
    return f"<figure>{drawn_distributions({role: (role.upper(), chosen) for role, chosen in drawn.items()}, names)}</figure>"


def _to_sketch(drag: Drag, answers: bool) -> str:
    given = {"p": ("P", drag.backdrop)} if drag.backdrop else {"q": ("T = 1", drag.start)}
    if answers and drag.truth:
        given |= {"p": ("true", drag.truth())} if not drag.backdrop else {"q": ("Q", drag.truth())}
    return drawn_distributions(
        {role: (name, chosen) for role, (name, chosen) in given.items() if isinstance(chosen, ChosenDistribution)}, drag.names
    )


def _html(words: str) -> str:
    """The little Markdown that questions use."""
    words = re.sub(r"`(.+?)`", r"<code>\1</code>", escape(words, quote=False))
    return re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", words)
