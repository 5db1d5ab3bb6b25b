"""A class in a live room over the real protocol, on loopback: 200 phones that follow and answer.

The phones run in this process, beside the server: both share the cores.
"""

import asyncio
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from bench.processor import processor_seconds, wait_for_rest
from bench.rows import Row, p95, subject
from tests.pages.redis_server import program, running_redis
from tests.server import free_port, serving, streamlit_run

PHONES, MOVES, MOVES_PER_SECOND, PATIENCE = 200, 60, 10, 60
CHOICE = {"kind": "choice", "ask": "Which is larger?", "options": ["KL(P‖Q)", "KL(Q‖P)"]}


class Client:
    """Speaks to the rooms of one server."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def send(self, method: str, path: str, message: object = None, key: str = "", accept: str = "") -> asyncio.StreamReader:
        """The answer, read up to its body."""
        body = b"" if message is None else json.dumps(message).encode()
        reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        head = f"{method} {path} HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        head += (f"Authorization: Bearer {key}\r\n" if key else "") + (f"Accept-Encoding: {accept}\r\n" if accept else "")
        self.writer.write(f"{head}\r\n".encode() + body)
        status = await reader.readline()
        if b" 200 " not in status:
            raise RuntimeError(f"{method} {path}: {status.decode()}")
        while await reader.readline() != b"\r\n":
            pass
        return reader

    async def tell(self, path: str, message: object, key: str = "") -> dict:
        reader = await self.send("POST", path, message, key)
        text = await reader.read()
        self.writer.close()
        return json.loads(text)


async def events(port: int, path: str, key: str = ""):
    client = Client(port)  # which keeps the connection open
    reader = await client.send("GET", path, key=key)
    while line := await reader.readline():
        if line.startswith(b"data: "):
            yield json.loads(line[6:])


def phone_name(n: int) -> str:
    return f"phone-of-the-bench-{n:04d}"


async def _follow(port: int, code: str, n: int, sent: dict[str, float], waits: list[float], ready: asyncio.Semaphore) -> None:
    """Ends with the last move. A move that was overtaken before it was read is not counted: nobody needs it."""
    first = True
    async for view in events(port, f"/room/{code}/events?phone={phone_name(n)}"):
        if first:
            first = False
            ready.release()
        elif view["address"] in sent:
            waits.append(time.perf_counter() - sent[view["address"]])
        if view["address"].endswith(f"={MOVES - 1}"):
            return


async def _moves(ports: Sequence[int], code: str, key: str) -> list[float]:
    """Seconds from the teacher's message, to the first port, to each phone that heard it; phones are at all ports in turn."""
    port, sent, waits, ready = ports[0], {}, [], asyncio.Semaphore(0)
    phones = [asyncio.create_task(_follow(ports[n % len(ports)], code, n, sent, waits, ready)) for n in range(PHONES)]
    for _ in phones:
        await ready.acquire()
    for n in range(MOVES):
        address = f"two_distributions?p_loc={n}"
        sent[address] = time.perf_counter()
        await Client(port).tell(f"/room/{code}/state", {"address": address}, key)
        await asyncio.sleep(max(sent[address] + 1 / MOVES_PER_SECOND - time.perf_counter(), 0))
    await asyncio.gather(*phones)
    return waits


async def _answers(port: int, code: str, key: str) -> tuple[list[float], float]:
    """All phones answer within one second: seconds of each answer, and until the teacher has read all of them."""
    number = (await Client(port).tell(f"/room/{code}/question", CHOICE, key))["number"]
    start = time.perf_counter()

    async def answer(n: int) -> float:
        await asyncio.sleep(n / PHONES)
        begun = time.perf_counter()
        await Client(port).tell(f"/room/{code}/answer", {"phone": phone_name(n), "number": number, "value": n % 2})
        return time.perf_counter() - begun

    answers = asyncio.gather(*(answer(n) for n in range(PHONES)))
    async for view in events(port, f"/room/{code}/events", key):
        if sum(count for _, count in view["question"]["tally"]) == PHONES:
            break
    whole = time.perf_counter() - start
    return await answers, whole


async def _lesson(port: int, pid: int) -> list[Row]:
    opened = await Client(port).tell("/room/open", {"address": ""})
    before, start = processor_seconds(pid), time.perf_counter()
    waits = await _moves([port], **opened)
    load = (processor_seconds(pid) - before) / (time.perf_counter() - start)
    answers, whole = await _answers(port, **opened)
    await Client(port).tell(f"/room/{opened['code']}/close", {}, opened["key"])
    heard = f"{len(waits)} of {PHONES * MOVES} heard before the next"
    return [
        Row(f"a move on {PHONES} phones, {MOVES_PER_SECOND} a second, median", 1e3 * sorted(waits)[len(waits) // 2], "ms", note=heard),
        Row("the same, 95 % of phones within", 1e3 * p95(waits), "ms"),
        Row("the same, processor of the server", load, "cores"),
        Row(f"{PHONES} answers in one second, 95 % within", 1e3 * p95(answers), "ms"),
        Row("the same, until the teacher has read all", whole, "s"),
    ]


async def _two(ports: Sequence[int], pids: Sequence[int]) -> list[Row]:
    opened = await Client(ports[0]).tell("/room/open", {"address": ""})
    before, start = sum(map(processor_seconds, pids)), time.perf_counter()
    waits = await _moves(ports, **opened)
    load = (sum(map(processor_seconds, pids)) - before) / (time.perf_counter() - start)
    await Client(ports[1]).tell(f"/room/{opened['code']}/close", {}, opened["key"])
    return [
        Row(f"two processes over Redis, a move on {PHONES} phones, median", 1e3 * sorted(waits)[len(waits) // 2], "ms"),
        Row("the same, 95 % of phones within", 1e3 * p95(waits), "ms"),
        Row("the same, processor of both", load, "cores"),
    ]


@subject
def room_replicas() -> Iterator[Row]:
    """Two processes of the app that share their rooms in a Redis of their own."""
    if not program():
        yield Row("two processes over Redis", None, "ms", note="neither redis-server nor valkey-server is installed here")
        return
    with tempfile.TemporaryDirectory() as folder, running_redis(Path(folder)) as url, ExitStack() as servers:
        ports = [free_port(), free_port()]
        pids = [servers.enter_context(serving(streamlit_run(port), port, REDIS_URL=url)).pid for port in ports]
        wait_for_rest(*pids)
        yield from asyncio.run(asyncio.wait_for(_two(ports, pids), PATIENCE))


@subject
def room() -> Iterator[Row]:
    port = free_port()
    with serving(streamlit_run(port), port) as server:
        wait_for_rest(server.pid)
        yield from asyncio.run(asyncio.wait_for(_lesson(port, server.pid), PATIENCE))
