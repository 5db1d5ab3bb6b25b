"""A practice question as a live room asks it."""

from .prediction import Choice, Slide
from .question import Question


def for_class(question: Question) -> dict | None:
    """None where the answer is a curve or bars to drag, which a room does not ask."""
    said = {"ask": question.told(question.ask), "why": question.told(question.why)}
    prediction = question.prediction
    if isinstance(prediction, Choice):
        return said | {
            "kind": "choice",
            "options": [question.told(option.text) for option in prediction.options],
            "truth": prediction.right,
        }
    if isinstance(prediction, Slide):
        truth = float(question.facts[prediction.truth])
        return said | {"kind": "slide", "places": list(prediction.values), "unit": prediction.unit, "truth": truth, "near": prediction.near}
    return None
