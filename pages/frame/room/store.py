"""Where rooms are remembered: in this process, or in Redis (`redis_store.py`) if several processes serve one class."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Protocol

IDLE = 2 * 60 * 60
"""Seconds without an act after which a room is gone."""
MOST_PHONES = 1000
"""Per question."""


class Store(Protocol):
    """A room is a few named texts, the answers to each question, and which phones were heard of lately."""

    errors: tuple[type[Exception], ...]
    """What is raised while it cannot be reached."""

    async def create(self, code: str, texts: dict[str, str]) -> bool:
        """False if there is such a room."""

    async def read(self, code: str) -> dict[str, str]:
        """Empty if there is no such room."""

    async def put(self, code: str, texts: dict[str, str], news: str = "") -> None:
        """news: what is published then."""

    async def keep(self, code: str, name: str, text: str) -> None:
        """A long text, in place of the earlier one of this name: what the teacher's page shows, or what a question's picture is told."""

    async def kept(self, code: str, name: str) -> str:
        """Empty if there is none."""

    async def answer(self, code: str, number: int, phone: str, value: str) -> bool:
        """Replaces the phone's earlier answer; False where too many phones have answered."""

    async def answers(self, code: str, number: int) -> list[str]: ...

    async def seen(self, code: str, phones: Collection[str], now: float) -> None: ...

    async def gone(self, code: str, phone: str) -> None: ...

    async def here(self, code: str, since: float) -> int: ...

    async def delete(self, code: str) -> None: ...

    async def count(self) -> int: ...

    async def listen(self, heard: Callable[[str], None]) -> None:
        """From now on calls `heard` with what any process publishes, and with "*" after a gap."""

    async def publish(self, message: str) -> None: ...


@dataclass
class _Room:
    texts: dict[str, str]
    touched: float
    answers: dict[int, dict[str, str]] = field(default_factory=dict)
    phones: dict[str, float] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)


class MemoryStore:
    """For one process."""

    errors: tuple[type[Exception], ...] = ()

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._rooms: dict[str, _Room] = {}
        self._heard: Callable[[str], None] = lambda _: None

    def _room(self, code: str, touch: bool = False) -> _Room | None:
        room = self._rooms.get(code)
        if room and self._clock() - room.touched > IDLE:
            del self._rooms[code]
            return None
        if room and touch:
            room.touched = self._clock()
        return room

    async def create(self, code: str, texts: dict[str, str]) -> bool:
        if self._room(code):
            return False
        self._rooms[code] = _Room(dict(texts), self._clock())
        return True

    async def read(self, code: str) -> dict[str, str]:
        room = self._room(code)
        return dict(room.texts) if room else {}

    async def put(self, code: str, texts: dict[str, str], news: str = "") -> None:
        if room := self._room(code, touch=True):
            room.texts.update(texts)
        if news:
            self._heard(news)

    async def keep(self, code: str, name: str, text: str) -> None:
        if room := self._room(code):
            room.kept[name] = text

    async def kept(self, code: str, name: str) -> str:
        room = self._room(code)
        return room.kept.get(name, "") if room else ""

    async def answer(self, code: str, number: int, phone: str, value: str) -> bool:
        room = self._room(code, touch=True)
        answers = room.answers.setdefault(number, {}) if room else {}
        if phone not in answers and len(answers) >= MOST_PHONES:
            return False
        answers[phone] = value
        return True

    async def answers(self, code: str, number: int) -> list[str]:
        room = self._room(code)
        return list(room.answers.get(number, {}).values()) if room else []

    async def seen(self, code: str, phones: Collection[str], now: float) -> None:
        if room := self._room(code):
            room.phones.update(dict.fromkeys(phones, now))

    async def gone(self, code: str, phone: str) -> None:
        if room := self._room(code):
            room.phones.pop(phone, None)

    async def here(self, code: str, since: float) -> int:
        room = self._room(code)
        return sum(time >= since for time in room.phones.values()) if room else 0

    async def delete(self, code: str) -> None:
        self._rooms.pop(code, None)

    async def count(self) -> int:
        return sum(self._room(code) is not None for code in list(self._rooms))

    async def listen(self, heard: Callable[[str], None]) -> None:
        self._heard = heard

    async def publish(self, message: str) -> None:
        self._heard(message)
