"""Practice: predict, then look. The questions in the order of a course."""

from . import directions, distillation, estimates, penalty, vae, what_kl_is
from .question import Question

_COURSE = (what_kl_is, directions, estimates, penalty, distillation, vae)
QUESTIONS: tuple[Question, ...] = tuple(question for subject in _COURSE for question in subject.QUESTIONS)
