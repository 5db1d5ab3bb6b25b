"""Who reads which room in this process, and when to wake them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager


class Channel:
    """The readers of one room. Phones are woken by what all see, the teacher by every answer too."""

    def __init__(self) -> None:
        self.readers = 0
        self._version = {False: 1, True: 1}
        self._bell = {False: asyncio.Event(), True: asyncio.Event()}
        self._made: dict[bool, asyncio.Task[str]] = {}

    def ring(self, teacher: bool) -> None:
        self._version[teacher] += 1
        self._made.pop(teacher, None)
        bell, self._bell[teacher] = self._bell[teacher], asyncio.Event()
        bell.set()

    async def changes(self, teacher: bool, beat: float) -> AsyncIterator[bool]:
        """True at once and after each change, however many have come meanwhile; False after a beat without one."""
        seen = 0
        while True:
            bell = self._bell[teacher]
            if self._version[teacher] == seen:
                try:
                    await asyncio.wait_for(bell.wait(), beat)
                except TimeoutError:
                    yield False
                continue
            seen = self._version[teacher]
            yield True

    async def shared(self, teacher: bool, make: Callable[[], Awaitable[str]]) -> str:
        """What `make` gives for the present version, computed once however many readers ask."""
        if teacher not in self._made:
            self._made[teacher] = asyncio.ensure_future(make())
        return await asyncio.shield(self._made[teacher])


class Channels:
    """All rooms that somebody reads here."""

    def __init__(self) -> None:
        self._channels: dict[str, Channel] = {}

    @property
    def readers(self) -> int:
        return sum(channel.readers for channel in self._channels.values())

    def readers_of(self, code: str) -> int:
        return self._channels[code].readers if code in self._channels else 0

    @contextmanager
    def reading(self, code: str) -> Iterator[Channel]:
        channel = self._channels.setdefault(code, Channel())
        channel.readers += 1
        try:
            yield channel
        finally:
            channel.readers -= 1
            if not channel.readers:
                self._channels.pop(code, None)

    def heard(self, message: str) -> None:
        """ "all CODE": everybody is to read again; "teacher CODE": only the teacher; "*": every room, after a gap."""
        whom, _, code = message.partition(" ")
        for channel in list(self._channels.values()) if message == "*" else filter(None, [self._channels.get(code)]):
            channel.ring(True)
            if whom != "teacher":
                channel.ring(False)
