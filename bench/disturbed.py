"""What one visitor can do to the others: somebody moves a handle twice a second, alone and while others do their worst.

    python -m bench disturbed

The promise: 95 % of the moves take less than twice as long as alone.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator

from bench.load import _pair
from bench.rows import Row, p95, subject
from bench.visitor import Visitor
from tests.server import free_port, serving, streamlit_run

SECONDS, PAUSE = 6.0, 0.5
PASTED = 150_000


async def _moves(port: int, over: asyncio.Event) -> list[float]:
    """Seconds of each move until the disturbance is over, at least for SECONDS."""
    chance, waits, begun = random.Random(0), [], time.perf_counter()
    async with Visitor(port) as tab:
        await tab.open("two_distributions")
        while not over.is_set() or time.perf_counter() - begun < SECONDS:
            asked = time.perf_counter()
            await _pair(tab, chance)
            waits.append(time.perf_counter() - asked)
            await asyncio.sleep(max(PAUSE - waits[-1], 0))
    return waits


async def _nothing(port: int) -> None:
    await asyncio.sleep(SECONDS)


async def _paste(port: int) -> None:
    chance = random.Random(1)
    async with Visitor(port) as tab:
        await tab.open("your_numbers")
        for key in ("p_numbers", "q_numbers"):
            await tab.type(key, "\n".join(f"{chance.random():.6f}" for _ in range(PASTED)))


async def _targets(port: int) -> None:
    chance = random.Random(2)
    async with Visitor(port) as tab:
        await tab.open("forward_reverse")
        await asyncio.gather(*(_soon(n / 30, tab, chance) for n in range(30)))


async def _soon(seconds: float, tab: Visitor, chance: random.Random) -> None:
    """A message that nobody waits for, as a hand that goes on moving sends them."""
    await asyncio.sleep(seconds)
    hills = {"weights": [0.5, 0.5], "locs": [chance.uniform(-4, -1), chance.uniform(1, 4)], "scales": [0.8, 1.1]}
    await tab.tell("playground_canvas", {"hills": hills, "question": 0, "partial": False}, "act")


async def _worlds(port: int) -> None:
    async def tab(n: int) -> None:
        async with Visitor(port) as visitor:
            await visitor.open("beta", f"world_seed={n + 100}")

    await asyncio.gather(*(tab(n) for n in range(8)))


async def _sockets(port: int) -> None:
    for _ in range(120):
        async with Visitor(port) as tab:
            await tab.begin("two_distributions")


async def _visits(port: int) -> None:
    async def tab(n: int) -> None:
        async with Visitor(port) as visitor:
            await visitor.open("vae", f"view=Train+your+own&vae_seed={n}&trained=own")

    await asyncio.gather(*(tab(n) for n in range(60)))


DISTURBANCES: dict[str, Callable[[int], Awaitable[None]]] = {
    "nobody else": _nothing,
    f"{PASTED:,} numbers pasted, twice": _paste,
    "30 moves of a target in a second": _targets,
    "8 tabs with a new world of β each": _worlds,
    "120 tabs opened and closed at once": _sockets,
    "60 visits to a training's address": _visits,
}


async def _disturbed(port: int, disturb: Callable[[int], Awaitable[None]]) -> list[float]:
    over = asyncio.Event()
    moves = asyncio.create_task(_moves(port, over))
    await asyncio.sleep(1)
    try:
        await disturb(port)
    finally:
        over.set()
    return await moves


@subject
def disturbed() -> Iterator[Row]:
    port = free_port()
    with serving(streamlit_run(port), port):
        asyncio.run(_disturbed(port, _nothing))  # warm
        yield from rows(port)


def rows(port: int) -> Iterator[Row]:
    alone = 0.0
    for name, disturb in DISTURBANCES.items():
        slowest = p95(asyncio.run(_disturbed(port, disturb)))
        alone = alone or slowest
        yield Row(f"a move, 95 % within, beside {name}", 1e3 * slowest, "ms", 1e3 * alone, "alone", least_ratio=0.5)


if __name__ == "__main__":
    import sys

    for row in rows(int(sys.argv[1])):
        print(f"{row.what:<70} {row.ours:8.0f} {row.unit}  {row.ours / row.other:.2f} × alone", flush=True)
