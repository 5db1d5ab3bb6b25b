"""What happens in rooms: the teacher moves and asks, phones follow and answer.

Whoever reads a room gets all that is to be shown, never a change of it: so the last state comes first, a slow phone misses
what has been overtaken, and a phone that slept is at once where the others are.
"""

import asyncio
import hashlib
import hmac
import json
import secrets
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import asdict, replace

from .channels import Channels
from .limits import Rate
from .pages import Judge, Questions, no_questions, nobody
from .rules import Question, Refused, Said, address_of, code_of, live_of, new_code, phone_of, question_of, said_of, stored_question
from .stage import compressed, packed, picture_of, spread, stage_of
from .store import Store

MOST_ROOMS, MOST_READERS, MOST_READERS_A_ROOM, MOST_QUESTIONS = 200, 2000, 500, 50
BEAT = 15.0
"""Seconds: a reader hears something at least as often, and a phone counts as here for three beats."""


class Hub:
    """clock: Unix seconds."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], float] = time.time,
        beat: float = BEAT,
        judge: Judge = nobody,
        questions: Questions = no_questions,
    ) -> None:
        self._store, self._clock, self._beat, self._judge, self._questions = store, clock, beat, judge, questions
        self._channels = Channels(self._text, beat)
        self._listening: asyncio.Task | None = None
        self._leaving: set[asyncio.Task] = set()
        self.store_errors = store.errors
        self._opens = Rate(0.5, 20, clock)
        self._wrong = Rate(1.0, 60, clock)
        self._moves = Rate(30.0, 60, clock)
        self._answers = Rate(2.0, 20, clock)

    async def open(self, address: object, who: str) -> tuple[str, str]:
        """A new room: its code, and the key without which nobody moves it."""
        address = address_of(address)
        if not self._opens.allows(who):
            raise Refused(429, "Too many rooms were opened from here. Wait a minute.")
        if await self._store.count() >= MOST_ROOMS:
            raise Refused(503, "All rooms are taken. Close one, or try again later.")
        key = secrets.token_urlsafe(24)
        texts = {"key": _digest(key), "address": address, "move": "1", "asked": "0", "shown": "", "revealed": ""}
        for _ in range(20):
            code = new_code()
            if await self._store.create(code, texts):
                return code, key
        raise Refused(503, "All rooms are taken. Close one, or try again later.")

    async def move(self, code: str, key: str, address: object, who: str, live: object = None) -> None:
        """Phones show this address, and in its picture what the teacher's hand has moved since."""
        address, moved = address_of(address), live_of(live)
        code, texts = await self._led(code, key, who)
        if address != texts["address"]:
            await self._change(code, address=address, live=moved, move=str(int(texts["move"]) + 1))
        elif moved != texts.get("live", ""):
            await self._change(code, live=moved)

    async def show(self, code: str, key: str, message: Mapping, who: str) -> None:
        """Phones draw what the teacher's page shows at this address, for as long as the teacher is there."""
        address, stage = stage_of(message)
        code, texts = await self._led(code, key, who)
        number = int(texts.get("stages", "0")) + 1
        await self._store.keep(code, "stage", await asyncio.to_thread(packed, stage | {"number": number}))
        await self._change(code, stages=str(number), staged=address)

    async def stage(self, code: str, who: str) -> bytes:
        """JSON, compressed by gzip."""
        return await self._kept(code, "stage", who)

    async def picture(self, code: str, number: int, who: str) -> bytes:
        """What the picture of a question is told, and its style sheet: JSON, compressed by gzip."""
        return await self._kept(code, f"picture:{number}", who)

    async def _kept(self, code: str, name: str, who: str) -> bytes:
        code, _ = await self._room(code, who)
        text = await self._store.kept(code, name)
        if not text:
            raise Refused(404, "This room has no such picture.")
        return compressed(text)

    async def lock(self, code: str, key: str, locked: bool, who: str) -> None:
        """Locked phones stay with the teacher."""
        code, _ = await self._led(code, key, who)
        await self._change(code, locked="1" if locked else "")

    async def ask(self, code: str, key: str, message: Mapping, who: str) -> int:
        """Shows a question to everybody; returns its number."""
        question, picture = question_of(message), picture_of(message)
        code, texts = await self._led(code, key, who)
        number = int(texts["asked"]) + 1
        if number > MOST_QUESTIONS:
            raise Refused(409, f"A room takes {MOST_QUESTIONS} questions. Open a new one to ask more.")
        if picture:
            await self._store.keep(code, f"picture:{number}", packed(picture))
        await self._change(code, **{f"question {number}": question.text(), "asked": str(number), "shown": str(number), "revealed": ""})
        return number

    async def offered(self, code: str, key: str, address: object, who: str) -> list[str]:
        """The words of the questions about what stands at this address."""
        await self._led(code, key, who)
        return list(await asyncio.to_thread(self._questions, address_of(address)))

    async def ask_of_page(self, code: str, key: str, address: object, words: object, who: str) -> int:
        """Asks one of them."""
        await self._led(code, key, who)
        make = (await asyncio.to_thread(self._questions, address_of(address))).get(str(words))
        if make is None:
            raise Refused(400, "This page has no such question.")
        return await self.ask(code, key, await asyncio.to_thread(make), who)

    async def reveal(self, code: str, key: str, who: str) -> None:
        """Ends the answers and shows them, with the truth, to everybody."""
        code, texts = await self._led(code, key, who)
        if not texts["shown"]:
            return
        await self._store.put(code, {"revealed": "1"})  # no answer comes after those that are judged
        name = f"question {texts['shown']}"
        question = await self._judged(code, int(texts["shown"]), stored_question(texts[name]))
        await self._change(code, **{name: question.text()})

    async def _judged(self, code: str, number: int, question: Question) -> Question:
        """With what the class did, where there is somebody to say so."""
        if not question.judge:
            return question
        tally = await self._tally(code, number)
        try:
            verdicts = await asyncio.to_thread(self._judge, question.judge, list(tally))
        except ValueError:
            return question
        camps = tuple((words, sum(tally[said] for said in members)) for words, members in verdicts.items())
        return replace(question, camps=camps)

    async def clear(self, code: str, key: str, who: str) -> None:
        """Takes the question off the screens."""
        code, _ = await self._led(code, key, who)
        await self._change(code, shown="", revealed="")

    async def close(self, code: str, key: str, who: str) -> None:
        code, _ = await self._led(code, key, who)
        await self._store.delete(code)
        await self._publish(f"all {code}")

    async def answer(self, code: str, phone: object, number: object, value: object, who: str) -> None:
        """Replaces the phone's earlier answer to the same question."""
        phone, value = phone_of(phone), said_of(value)
        code, texts = await self._room(code, who)
        if not self._answers.allows(f"{code} {phone}"):
            raise Refused(429, "That was too fast. Wait a second.")
        if not texts["shown"] or number != int(texts["shown"]) or texts["revealed"]:
            raise Refused(409, "This question is over.")
        if not stored_question(texts[f"question {number}"]).accepts(value):
            raise Refused(400, "This is no answer to the question.")
        if not await self._store.answer(code, int(texts["shown"]), phone, json.dumps(value)):
            raise Refused(503, "No more phones can answer this question.")
        await self._publish(f"teacher {code}")

    async def view(self, code: str, key: str | None, who: str, phone: str | None = None) -> dict:
        """What a phone shows or, with the key, what the teacher sees. phone: one that asks again and again, since its events are
        blocked: it is here too."""
        code, texts = await (self._room(code, who) if key is None else self._led(code, key, who))
        if phone:
            since = self._clock() - 3 * self._beat
            before = await self._store.here(code, since)
            await self._store.seen(code, [phone], self._clock())
            if await self._store.here(code, since) != before:
                await self._publish(f"teacher {code}")
        return await self._view(code, texts, teacher=key is not None)

    async def record(self, code: str, key: str, who: str) -> list[tuple[Question, Counter[Said]]]:
        """All that was asked, each with how many gave which answer."""
        code, texts = await self._led(code, key, who)
        numbers = range(1, int(texts["asked"]) + 1)
        return [(stored_question(texts[f"question {number}"]), await self._tally(code, number)) for number in numbers]

    async def follow(self, code: str, key: str | None, phone: str | None, who: str) -> AsyncGenerator[str, None]:
        """The view as JSON, now and whenever it changes; "" after each beat. Ends with the room."""
        code, _ = await (self._room(code, who) if key is None else self._led(code, key, who))
        await self._listen()
        if self._channels.readers >= MOST_READERS or self._channels.readers_of(code) >= MOST_READERS_A_ROOM:
            raise Refused(503, "This room is full.")
        return self._states(code, key is not None, phone)

    async def _states(self, code: str, teacher: bool, phone: str | None) -> AsyncGenerator[str, None]:
        with self._channels.reading(code, phone) as channel:
            try:
                if phone:
                    await self._store.seen(code, [phone], self._clock())
                    await self._publish(f"teacher {code}")
                async with aclosing(channel.states(teacher)) as states:
                    async for text in states:
                        if not text and (phones := channel.unseen()):
                            await self._store.seen(code, phones, self._clock())
                        yield text
                        if text == "null":
                            return
            finally:
                if phone:  # a task of its own, because a reader that is cancelled may wait for nothing more
                    task = asyncio.create_task(self._left(code, phone))
                    self._leaving.add(task)
                    task.add_done_callback(self._leaving.discard)

    async def _left(self, code: str, phone: str) -> None:
        with suppress(*self.store_errors):
            await self._store.gone(code, phone)
            await self._publish(f"teacher {code}")

    async def _text(self, code: str, teacher: bool) -> str:
        """ "null": the room is closed."""
        texts = await self._store.read(code)
        return json.dumps(await self._view(code, texts, teacher) if "key" in texts else None)

    async def _view(self, code: str, texts: dict[str, str], teacher: bool) -> dict:
        view: dict = {"code": code, "address": texts["address"], "move": int(texts["move"]), "question": None}
        view |= {"live": json.loads(texts.get("live") or "null"), "locked": bool(texts.get("locked"))}
        view["stage"] = int(texts["stages"]) if texts.get("staged") == texts["address"] else 0
        here = await self._store.here(code, self._clock() - 3 * self._beat)
        view |= {"here": here, "asked": int(texts["asked"])} if teacher else {"spread": spread(here)}
        if texts["shown"]:
            view["question"] = await self._question(code, int(texts["shown"]), texts, teacher)
        return view

    async def _question(self, code: str, number: int, texts: dict[str, str], teacher: bool) -> dict:
        """A phone learns neither the truth nor what the others said before both are revealed."""
        revealed = bool(texts["revealed"])
        question = asdict(stored_question(texts[f"question {number}"])) | {"number": number, "revealed": revealed}
        if not (teacher or revealed):
            return question | {"truth": None, "why": "", "tally": None}
        tally = await self._tally(code, number)
        return question | {"tally": [[value, count] for value, count in sorted(tally.items())]}

    async def _tally(self, code: str, number: int) -> Counter[Said]:
        return Counter(said_of(json.loads(text)) for text in await self._store.answers(code, number))

    async def _room(self, code: str, who: str) -> tuple[str, dict[str, str]]:
        """Refused where there is none; whoever guesses codes waits."""
        try:
            code = code_of(code)
            texts = await self._store.read(code)
            if "key" not in texts:
                raise Refused(404, f"There is no room {code}. It may be closed, or a letter is wrong.")
        except Refused:
            if not self._wrong.allows(who):
                raise Refused(429, "Too many wrong codes came from here. Wait a minute.") from None
            raise
        return code, texts

    async def _led(self, code: str, key: str, who: str) -> tuple[str, dict[str, str]]:
        code, texts = await self._room(code, who)
        if not hmac.compare_digest(texts["key"], _digest(key)):
            if not self._wrong.allows(who):
                raise Refused(429, "Too many wrong keys came from here. Wait a minute.")
            raise Refused(403, "Only the teacher who opened this room can do that.")
        if not self._moves.allows(code):
            raise Refused(429, "That was too fast. Wait a second.")
        return code, texts

    async def _change(self, code: str, **texts: str) -> None:
        await self._listen()
        await self._store.put(code, texts, f"all {code}")

    async def _publish(self, message: str) -> None:
        await self._listen()
        await self._store.publish(message)

    async def _listen(self) -> None:
        """Once, and not before there is an event loop."""
        if self._listening is None:
            self._listening = asyncio.create_task(self._store.listen(self._channels.heard))
        await asyncio.shield(self._listening)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
