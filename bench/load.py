"""How many people one process holds: each changes something once a second, over the real protocol.

    python -m bench load
    python -m bench.load --page beta --people 20 40 --seconds 10 --port 8501 --pid 4242

The visitors run in this process and share the cores with the server; what they cost is theirs, the processor time per run is the
server's alone.
"""

import argparse
import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from bench.processor import processor_seconds, wait_for_rest
from bench.rows import Row, p95, subject
from bench.visitor import Visitor
from tests.server import free_port, serving, streamlit_run

SECONDS = 8.0
BREAK = 5.0
"""Seconds for which a browser leaves a route alone that has told it to come again (`pages/shared/answers.js`)."""
GENTLY = 0.05
"""Seconds between two tabs that open while nothing is measured."""


async def _pair(tab: Visitor, chance: random.Random) -> None:
    """As the browser does it: the route and the page are asked at once. Where the route has too much to do, it is left alone."""
    values = {"loc": chance.uniform(-3, 3), "scale": chance.uniform(0.5, 2)}
    moved = tab.settle("two_distributions_picture", {"curve": "q", "values": values, "partial": False, "question": 0})
    if tab.pauses_until > time.perf_counter():
        await moved
        return
    p, q = {"family": "Normal", "values": {"loc": -1.0, "scale": 0.8}}, {"family": "Normal", "values": values}
    question = {"unit": "nats", "names": None, "moved": {"curve": "q", "names": ["loc", "scale"]}, "p": p, "q": q}
    answer, _ = await asyncio.gather(tab.ask("pair", question), moved)
    if "numbers" not in answer:
        tab.pauses_until = time.perf_counter() + BREAK


async def _beta(tab: Visitor, chance: random.Random) -> None:
    await tab.settle("beta_answer", {"beta": 10 ** chance.uniform(-2, 0)})


async def _fit(tab: Visitor, chance: random.Random) -> None:
    start = [{"loc": chance.uniform(-3, 3), "scale": chance.uniform(0.5, 2)}]
    await tab.settle("playground_canvas", {"start": start, "question": 0, "partial": False}, "act")


async def _target(tab: Visitor, chance: random.Random) -> None:
    hills = {"weights": [0.5, 0.5], "locs": [chance.uniform(-4, -1), chance.uniform(1, 4)], "scales": [0.8, 1.1]}
    await tab.settle("playground_canvas", {"hills": hills, "question": 0, "partial": False}, "act")


async def _by_the_route(tab: Visitor, chance: random.Random) -> None:
    """As the browser does it: the route answers, then the page writes the link. Where the route is busy, the page answers."""
    start = [{"loc": chance.uniform(-3, 3), "scale": chance.uniform(0.5, 2)}]
    answer = await tab.ask("playground", {"link": {}, "unit": "nats", "message": {"start": start}})
    act = {"link": answer["link"], "seen": True, "question": 1} if "link" in answer else {"start": start, "question": 1, "partial": False}
    await tab.settle("playground_canvas", act, "act")


async def _probe(tab: Visitor, chance: random.Random) -> None:
    await tab.settle("latent", {"z": [chance.uniform(-2, 2), chance.uniform(-2, 2)]})


PAGES: dict[str, tuple[str, Callable[[Visitor, random.Random], Awaitable[None]], int, tuple[int, ...]]] = {
    "two_distributions": ("two_distributions", _pair, 100, (20, 50, 100)),
    "beta": ("beta", _beta, 60, (20, 60)),
    "forward_reverse": ("forward_reverse", _by_the_route, 60, (20, 60)),
    "forward_reverse, without the route": ("forward_reverse", _fit, 0, (20,)),
    "forward_reverse, the target": ("forward_reverse", _target, 0, (20,)),
    "vae": ("vae", _probe, 60, (20, 60)),
}
"""What is shown: its page, what a visitor does on it, how many people are promised, how many are tried."""


@dataclass(frozen=True)
class Held:
    """What came out: seconds to the end of each change's run, the server's processor seconds per run and its load in cores."""

    waits: list[float]
    per_run: float
    cores: float
    missing: int


async def changes(port: int, pid: int, name: str, people: int, seconds: float = SECONDS) -> Held:
    """People who each change something once a second; who waits longer than that changes again when the answer is there."""
    page, change, _, _ = PAGES[name]
    waits: list[float] = []
    missing = 0
    ready, start = asyncio.Barrier(people + 1), asyncio.Event()

    async def person(n: int) -> None:
        nonlocal missing
        chance = random.Random(n)
        await asyncio.sleep(n * GENTLY)
        async with Visitor(port) as tab:
            await tab.open(page)
            await ready.wait()
            await start.wait()
            begun = time.perf_counter() + n / people
            for turn in range(int(seconds)):
                await asyncio.sleep(max(begun + turn - time.perf_counter(), 0))
                asked = time.perf_counter()
                try:
                    await change(tab, chance)
                    waits.append(time.perf_counter() - asked)
                except TimeoutError:
                    missing += 1

    tasks = [asyncio.create_task(person(n)) for n in range(people)]
    await ready.wait()
    before, begun = processor_seconds(pid), time.perf_counter()
    start.set()
    await asyncio.gather(*tasks)
    used = processor_seconds(pid) - before
    return Held(waits, used / max(len(waits), 1), used / (time.perf_counter() - begun), missing)


async def opened(port: int, count: int = 100, page: str = "two_distributions") -> list[float]:
    """Tabs opened within one second: seconds until each has its page."""

    async def tab(n: int) -> float:
        await asyncio.sleep(n / count)
        begun = time.perf_counter()
        async with Visitor(port) as visitor:
            await visitor.open(page)
            return time.perf_counter() - begun

    return list(await asyncio.gather(*(tab(n) for n in range(count))))


def _row(name: str, people: int, promised: int, held: Held) -> Row:
    note = f"{1e3 * held.per_run:.0f} ms of processor per run, {held.cores:.2f} cores"
    return Row(
        f"{name}: {people} people, 95 % within",
        1e3 * p95(held.waits),
        "ms",
        limit=500 if people <= promised else None,
        note=note + (f", {held.missing} without an answer" if held.missing else ""),
    )


@subject
def load() -> Iterator[Row]:
    port = free_port()
    with serving(streamlit_run(port), port) as server:
        asyncio.run(_warm(port, server.pid))
        for name, (_, _, promised, tried) in PAGES.items():
            for people in tried:
                yield _row(name, people, promised, asyncio.run(changes(port, server.pid, name, people)))
        yield Row("100 tabs opened in one second, 95 % within", 1e3 * p95(asyncio.run(opened(port))), "ms", limit=1000)


async def _warm(port: int, pid: int) -> None:
    """Every page once, and then until the server has nothing left to prepare."""
    for page, _, _, _ in PAGES.values():
        async with Visitor(port) as tab:
            await tab.open(page)
    await asyncio.to_thread(wait_for_rest, pid)


def main() -> None:
    parser = argparse.ArgumentParser(description="People on a server that runs already, on this machine.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--pid", type=int, default=0)
    parser.add_argument("--page", choices=[*PAGES], action="append")
    parser.add_argument("--people", type=int, nargs="+", default=[20])
    parser.add_argument("--seconds", type=float, default=SECONDS)
    asked = parser.parse_args()
    asyncio.run(_warm(asked.port, asked.pid))
    for name in asked.page or PAGES:
        for people in asked.people:
            held = asyncio.run(changes(asked.port, asked.pid, name, people, asked.seconds))
            print(_row(name, people, 0, held), flush=True)
    print(f"100 tabs: p95 {1e3 * p95(asyncio.run(opened(asked.port))):.0f} ms")


if __name__ == "__main__":
    main()
