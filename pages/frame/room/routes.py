"""How browsers reach rooms: JSON by POST, the state by server-sent events, and by asking where events are blocked."""

import asyncio
import gzip
import os
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from ..posts import NO_STORE, Refused, json_object, refusal, who
from .hub import Hub
from .own_bars import own_bars
from .pages import Judge, Questions, no_questions, nobody
from .record import record_csv, record_html
from .rules import phone_of
from .stage import LONGEST_STAGE
from .store import MemoryStore, Store

LONGEST_BODY, LONGEST_QUESTION = 16_000, 400_000
"""Bytes. A question to drag brings its picture."""
Handler = Callable[[Hub, Request], Awaitable[Response]]


def new_hub(judge: Judge = nobody, questions: Questions = no_questions) -> Hub:
    """Rooms in Redis if REDIS_URL names one, as several processes need it; else in this process."""
    url = os.environ.get("REDIS_URL")
    if not url:
        return Hub(MemoryStore(time.time), judge=judge, questions=questions)
    from .redis_store import RedisStore

    store: Store = RedisStore(url, time.time)
    return Hub(store, judge=judge, questions=questions)


def room_routes(hub: Hub, prefix: str = "") -> list[Route]:
    """The routes below `prefix`/room/."""
    posts: dict[str, Handler] = {"state": _state, "question": _question, "answer": _answer, "close": _close, "lock": _lock, "stage": _show}
    gets: dict[str, Handler] = {"state": _view, "events": _events, "stage": _stage, "record.csv": _record, "record.html": _record}
    return [
        Route(f"{prefix}/room/{{code}}/picture/{{number:int}}", _handled(hub, _picture), methods=["GET"]),
        Route(f"{prefix}/room/open", _handled(hub, _open), methods=["POST"]),
        *(Route(f"{prefix}/room/{{code}}/{name}", _handled(hub, handler), methods=["POST"]) for name, handler in posts.items()),
        *(Route(f"{prefix}/room/{{code}}/{name}", _handled(hub, handler), methods=["GET"]) for name, handler in gets.items()),
    ]


def _handled(hub: Hub, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        try:
            return await handler(hub, request)
        except Refused as problem:
            return refusal(problem)
        except hub.store_errors:
            return JSONResponse({"problem": "The rooms cannot be reached at the moment. Try again."}, 503, headers=NO_STORE)

    return handle


async def _body(request: Request) -> dict:
    return await json_object(request, LONGEST_BODY, "A message to a room")


def _code(request: Request) -> str:
    return request.path_params["code"]


def _key(request: Request) -> str | None:
    """The teacher's key travels in a header: addresses are written into logs."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key if scheme == "Bearer" else None


def _phone(request: Request) -> str | None:
    """The one that asks; None for the teacher's window."""
    phone = request.query_params.get("phone")
    return phone_of(phone) if phone else None


def _needed_key(request: Request) -> str:
    return _key(request) or ""


def _done(**values: object) -> Response:
    return JSONResponse(values, headers=NO_STORE)


async def _open(hub: Hub, request: Request) -> Response:
    code, key = await hub.open((await _body(request)).get("address"), who(request))
    return _done(code=code, key=key)


async def _state(hub: Hub, request: Request) -> Response:
    message = await _body(request)
    await hub.move(_code(request), _needed_key(request), message.get("address"), who(request), message.get("live"))
    return _done()


async def _show(hub: Hub, request: Request) -> Response:
    message = await json_object(request, LONGEST_STAGE, "A page")
    await hub.show(_code(request), _needed_key(request), message, who(request))
    return _done()


async def _stage(hub: Hub, request: Request) -> Response:
    return _packed(request, await hub.stage(_code(request), who(request)))


async def _picture(hub: Hub, request: Request) -> Response:
    return _packed(request, await hub.picture(_code(request), request.path_params["number"], who(request)))


def _packed(request: Request, body: bytes) -> Response:
    headers = NO_STORE
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers = NO_STORE | {"Content-Encoding": "gzip"}
    else:
        body = gzip.decompress(body)
    return Response(body, media_type="application/json", headers=headers)


async def _lock(hub: Hub, request: Request) -> Response:
    await hub.lock(_code(request), _needed_key(request), (await _body(request)).get("locked") is True, who(request))
    return _done()


async def _question(hub: Hub, request: Request) -> Response:
    message, led = await json_object(request, LONGEST_QUESTION, "A question"), (_code(request), _needed_key(request))
    if message.get("act") == "reveal":
        await hub.reveal(*led, who(request))
    elif message.get("act") == "clear":
        await hub.clear(*led, who(request))
    elif message.get("act") == "offered":
        return _done(asks=await hub.offered(*led, message.get("address"), who(request)))
    elif message.get("kind") == "page":
        return _done(number=await hub.ask_of_page(*led, message.get("address"), message.get("ask"), who(request)))
    else:
        if message.get("kind") == "bars":
            message = await asyncio.to_thread(own_bars, message)
        return _done(number=await hub.ask(*led, message, who(request)))
    return _done()


async def _answer(hub: Hub, request: Request) -> Response:
    message = await _body(request)
    await hub.answer(_code(request), message.get("phone"), message.get("number"), message.get("value"), who(request))
    return _done()


async def _close(hub: Hub, request: Request) -> Response:
    await hub.close(_code(request), _needed_key(request), who(request))
    return _done()


async def _view(hub: Hub, request: Request) -> Response:
    return _done(**await hub.view(_code(request), _key(request), who(request), _phone(request)))


async def _record(hub: Hub, request: Request) -> Response:
    record = await hub.record(_code(request), _needed_key(request), who(request))
    if request.url.path.endswith(".csv"):
        return PlainTextResponse(record_csv(record), media_type="text/csv", headers=NO_STORE)
    return PlainTextResponse(record_html(record), media_type="text/html", headers=NO_STORE)


async def _events(hub: Hub, request: Request) -> Response:
    states = await hub.follow(_code(request), _key(request), _phone(request), who(request))
    headers = NO_STORE | {"X-Accel-Buffering": "no"}  # nginx would wait for more before it passes an event on
    return StreamingResponse(_told(hub, states), media_type="text/event-stream", headers=headers)


async def _told(hub: Hub, states: AsyncGenerator[str, None]) -> AsyncIterator[bytes]:
    """Ends where the rooms cannot be reached: the browser comes again."""
    with suppress(*hub.store_errors):
        async with aclosing(states):
            async for state in states:
                yield f"data: {state}\n\n".encode() if state else b": still here\n\n"
