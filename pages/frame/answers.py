"""Answers to a hand without a script run: POST answers/<name>, a JSON object in, a JSON object out.

While a hand moves something, its picture asks here several times a second; a script run of Streamlit would cost the browser more
than the answer itself. Nothing is remembered from one question to the next, so any process may answer. Answers take turns with
script runs, and where too many wait, or one address asks too often, the browser is told so and goes Streamlit's way.
"""

import json
import time
from collections.abc import Callable
from functools import cache, partial

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..shared.gate import GATE
from .posts import NO_STORE, Refused, json_object, refusal, who
from .room.limits import Rate

LONGEST_QUESTION = 16_000
"""Bytes."""
PER_SECOND, BURST = 150.0, 450
"""Questions from one address, behind which there may be a whole class."""
AT_ONCE = 8
"""Answers that may stand in the line of script runs."""
MOST_WAITING = 40
"""Questions beyond which the next is told to come again."""

Answerer = Callable[[dict], dict]
"""question → answer; ValueError with one sentence for a question that cannot be answered."""
Named = Callable[[str], Answerer | None]
"""Who answers by a name; None for nobody."""


@cache
def _threads() -> CapacityLimiter:
    """Threads of their own: those of Starlette bring files, which need not wait for an answer."""
    return CapacityLimiter(AT_ONCE)


class _Answers:
    def __init__(self, named: Named, clock: Callable[[], float]) -> None:
        self._named, self._rate, self._waiting = named, Rate(PER_SECOND, BURST, clock), 0

    async def __call__(self, request: Request) -> Response:
        try:
            if not self._rate.allows(who(request)):
                raise Refused(429, "That was too many questions at once.")
            question = await json_object(request, LONGEST_QUESTION, "A question")
            if self._waiting >= MOST_WAITING:
                raise Refused(503, "Too many questions are waiting. Ask again in a moment.")
            self._waiting += 1
            try:
                work = partial(self._answered, request.path_params["name"], question)
                text = await to_thread.run_sync(work, limiter=_threads())
            finally:
                self._waiting -= 1
        except Refused as problem:
            return refusal(problem)
        return Response(text, media_type="application/json", headers=NO_STORE)

    def _answered(self, name: str, question: dict) -> bytes:
        with GATE.turn():
            answerer = self._named(name)
            if answerer is None:
                raise Refused(404, "Nothing answers to this name.")
            try:
                answer = answerer(question)
            except ValueError as problem:
                raise Refused(400, str(problem)) from None
            return json.dumps(answer, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def answer_route(named: Named, prefix: str = "", clock: Callable[[], float] = time.monotonic) -> Route:
    """The route below `prefix`/answers/."""
    return Route(f"{prefix}/answers/{{name}}", _Answers(named, clock).__call__, methods=["POST"])
