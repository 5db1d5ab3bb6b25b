"""A practice question as data: its words hold {names}, and the numbers that stand there are computed when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .pictures import Code, Picture
from .prediction import Facts, Prediction, in_words


@dataclass(frozen=True)
class Question:
    """A question, how it is predicted, what decides it, and why.

    name: for tests and keys. claim: what it is about, in a list. ask: one or two sentences. compute: every number in the
    words, in nats unless they say otherwise. picture: what decides it. why: two sentences.
    """

    name: str
    subject: str
    claim: str
    ask: str
    prediction: Prediction
    compute: Callable[[], Mapping[str, float | str]]
    picture: Picture | Code
    why: str

    @cached_property
    def facts(self) -> Facts:
        """Computed by kl_core when the question is first answered."""
        return self.compute()

    def told(self, words: str, **more: str) -> str:
        """The words with their numbers."""
        written = {name: value if isinstance(value, str) else in_words(value) for name, value in self.facts.items()}
        return words.format(**written, **more) if "{" in words else words

    def is_right(self, said: Any) -> bool:
        return self.prediction.is_right(said, self.facts)

    def reply(self, said: Any) -> str:
        """What the picture shows to whoever predicted this."""
        return self.told(self.prediction.reply(said, self.facts), said=self.prediction.words(said))
