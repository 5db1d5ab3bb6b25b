"""Who reads which room in this process, and when they are told.

What is told is made once, however many read it, and a reader waits for nothing but the next of it: at ten moves a second, two hundred
phones take two thousand states a second.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial

PAUSE, TEACHER_PAUSE = 0.02, 0.1
"""Seconds between two states; what changes meanwhile is told as one."""
Make = Callable[[str, bool], Awaitable[str]]
"""What the phones of a room are told now, or its teacher (True): code, teacher → JSON, "null" once it is closed."""


class Side:
    """All who are told the same of a room: its phones, or the windows of its teacher."""

    def __init__(self, make: Callable[[], Awaitable[str]], pause: float) -> None:
        self._make, self._pause = make, pause
        self._version = 1
        self.told = (0, "")
        """The newest state that was made, and its version."""
        self._told_at = float("-inf")
        self._rung = False
        self._waiting: list[asyncio.Future[bool]] = []
        self._making: asyncio.Task[None] | None = None
        self._telling: asyncio.Task[None] | None = None

    def ring(self) -> None:
        """Something has changed."""
        self._version += 1
        self._rung = True
        if self._telling is None:
            self._telling = asyncio.create_task(self._tell())

    async def newest(self) -> None:
        """Makes what is to be told now, unless it is made or somebody makes it already."""
        while self.told[0] != self._version:
            if self._making is None:
                self._making = asyncio.create_task(self._made(self._version))
            await asyncio.shield(self._making)

    async def change(self) -> bool:
        """Waits for the next state; False if it is a beat that comes."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        return await future

    def wake(self, changed: bool, problem: Exception | None = None) -> None:
        """Everybody who waits, less those whose connection is lost."""
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done() and problem:
                future.set_exception(problem)
            elif not future.done():
                future.set_result(changed)

    async def _made(self, version: int) -> None:
        try:
            self.told = (version, await self._make())
        finally:
            self._making = None

    async def _tell(self) -> None:
        clock = asyncio.get_running_loop().time
        try:
            while self._rung:
                await asyncio.sleep(self._told_at + self._pause - clock())
                self._rung, self._told_at, problem = False, clock(), None
                try:
                    await self.newest()
                except Exception as raised:  # the store's: the readers end, and their browsers come again
                    problem = raised
                self.wake(True, problem)
        finally:
            self._telling = None


class Channel:
    """The readers of one room. beat: seconds after which a reader hears something, whether anything has changed or not."""

    def __init__(self, code: str, make: Make, beat: float) -> None:
        self.readers = 0
        self._phones: list[str] = []
        self._unseen: set[str] = set()
        self._beat = beat
        self._sides = {False: Side(partial(make, code, False), PAUSE), True: Side(partial(make, code, True), TEACHER_PAUSE)}
        self._timer = asyncio.get_running_loop().call_later(beat, self._beaten)

    def ring(self, teacher: bool) -> None:
        self._sides[teacher].ring()

    def unseen(self) -> set[str]:
        """The phones that read, once for each beat."""
        phones, self._unseen = self._unseen, set()
        return phones

    async def states(self, teacher: bool) -> AsyncGenerator[str, None]:
        """The state at once and after each change, however many have come meanwhile; "" after a beat."""
        side = self._sides[teacher]
        await side.newest()
        seen = 0
        while True:
            if side.told[0] != seen:
                seen, state = side.told
                yield state
            elif not await side.change():
                yield ""

    @contextmanager
    def reading(self, phone: str | None) -> Iterator[None]:
        """Counts as a reader meanwhile."""
        self.readers += 1
        if phone:
            self._phones.append(phone)
        try:
            yield
        finally:
            self.readers -= 1
            if phone:
                self._phones.remove(phone)

    def end(self) -> None:
        self._timer.cancel()

    def _beaten(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._beat, self._beaten)
        self._unseen = set(self._phones)
        for side in self._sides.values():
            side.wake(False)


class Channels:
    """All rooms that somebody reads here."""

    def __init__(self, make: Make, beat: float) -> None:
        self._make, self._beat = make, beat
        self._channels: dict[str, Channel] = {}

    @property
    def readers(self) -> int:
        return sum(channel.readers for channel in self._channels.values())

    def readers_of(self, code: str) -> int:
        return self._channels[code].readers if code in self._channels else 0

    @contextmanager
    def reading(self, code: str, phone: str | None) -> Iterator[Channel]:
        channel = self._channels.get(code)
        if channel is None:
            channel = self._channels[code] = Channel(code, self._make, self._beat)
        try:
            with channel.reading(phone):
                yield channel
        finally:
            if not channel.readers:
                channel.end()
                self._channels.pop(code, None)

    def heard(self, message: str) -> None:
        """ "all CODE": everybody is to be told anew; "teacher CODE": only the teacher; "*": every room, after a gap."""
        whom, _, code = message.partition(" ")
        for channel in list(self._channels.values()) if message == "*" else filter(None, [self._channels.get(code)]):
            channel.ring(True)
            if whom != "teacher":
                channel.ring(False)
