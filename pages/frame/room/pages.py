"""What a room asks of the explorer's pages, which it does not know."""

from collections.abc import Callable, Mapping, Sequence

from .rules import Said

Judge = Callable[[str, Sequence[Said]], Mapping[str, Sequence[Said]]]
"""Which of some dragged answers did what, by what they did in words: judge, answers → words → answers. ValueError for no judge."""


def nobody(judge: str, said: Sequence[Said]) -> Mapping[str, Sequence[Said]]:
    """Judges nothing."""
    return {}


Questions = Callable[[str], Mapping[str, Callable[[], dict]]]
"""What a class can be asked about a page: its address → the message that asks it, made when it is asked, by its words."""


def no_questions(address: str) -> Mapping[str, Callable[[], dict]]:
    """Of no page."""
    return {}
