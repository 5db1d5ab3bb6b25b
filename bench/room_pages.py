"""A teacher opens another page, and 200 phones follow: by a script run each, and by what the teacher's page shows.

The phones run in this process, beside the server: both share the cores. Without a browser nothing is drawn; what is timed ends with
the last byte that a phone needs to draw the page.
"""

import asyncio
import gzip
import json
import random
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack

from bench.processor import wait_for_rest
from bench.room import PHONES, Client, events, phone_name
from bench.rows import Row, p95, subject
from bench.visitor import Visitor
from tests.server import free_port, serving, streamlit_run

START, NEXT = "beta", "two_distributions"
LIVE = "shared/live/main.js"
PATIENCE, LIMIT = 400, 3.0


async def _all_run(phones: list[Visitor], page: str) -> float:
    """Seconds until the last of all phones has had a script run of its own, if all ask at once."""
    start = time.perf_counter()
    await asyncio.gather(*(phone.open(page) for phone in phones))
    return time.perf_counter() - start


async def _follow(phone: Visitor, port: int, room: str, n: int, shown: list[float], whole: list[float], ready: asyncio.Semaphore) -> None:
    """What a phone does: it fetches what is shown, and runs by itself when it is its turn."""
    turn, first = random.random(), True
    async for view in events(port, f"/room/{room}/events?phone={phone_name(n)}"):
        if first:
            first = False
            ready.release()
        if view["stage"] and view["address"] == NEXT:
            client = Client(port)  # which keeps the connection open
            packed = await (await client.send("GET", f"/room/{room}/stage", accept="gzip")).read()
            client.writer.close()
            assert json.loads(gzip.decompress(packed))["parts"]
            shown.append(time.perf_counter())
            await asyncio.sleep(0.25 + turn * view["spread"])
            await phone.open(NEXT)
            whole.append(time.perf_counter())
            return


async def _shown(phones: list[Visitor], teacher: Visitor, port: int) -> tuple[list[float], float]:
    """Seconds from the teacher's click, whose own run is the first part of them, to each phone that has what it draws; and until the
    last phone has had its own run."""
    code, key = (await Client(port).tell("/room/open", {"address": START})).values()
    shown, whole, ready = [], [], asyncio.Semaphore(0)
    following = [asyncio.create_task(_follow(phone, port, code, n, shown, whole, ready)) for n, phone in enumerate(phones)]
    for _ in phones:
        await ready.acquire()
    start = time.perf_counter()
    await teacher.open(NEXT)
    await Client(port).tell(f"/room/{code}/state", {"address": NEXT}, key)
    parts = [{"script": LIVE, "data": data, "style": ""} for data in teacher.pictures("kl_live")]
    await Client(port).tell(f"/room/{code}/stage", {"address": NEXT, "title": "", "words": "", "parts": parts}, key)
    await asyncio.gather(*following)
    return [at - start for at in shown], max(whole) - start


async def _lesson(port: int) -> list[Row]:
    async with AsyncExitStack() as tabs:
        teacher, *phones = [await tabs.enter_async_context(Visitor(port)) for _ in range(PHONES + 1)]
        for tab in (teacher, *phones):
            await tab.open(START)
        at_once = await _all_run(phones, NEXT)
        await _all_run(phones, START)
        shown, whole = await _shown(phones, teacher, port)
    return [
        Row(f"another page on {PHONES} phones, until the last", max(shown), "s", other=at_once, against="a script run each", limit=LIMIT),
        Row("the same, median", sorted(shown)[len(shown) // 2], "s"),
        Row("the same, 95 % of phones within", p95(shown), "s"),
        Row("until the last has had its own run as well", whole, "s"),
    ]


@subject
def room_pages() -> Iterator[Row]:
    port = free_port()
    with serving(streamlit_run(port), port) as server:
        wait_for_rest(server.pid)
        yield from asyncio.run(asyncio.wait_for(_lesson(port), PATIENCE))
