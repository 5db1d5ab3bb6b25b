"""The live picture against a stock page of the same curves, in a real Chromium, in turns in one run.

A third page, bare.html, moves one line with the pointer and does nothing else: what it takes, no page can save.
"""

import os
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import NamedTuple

from playwright.sync_api import Browser, Page

from bench.processor import wait_for_rest
from bench.rows import Row, p95, subject
from tests.browser.chromium import chromium
from tests.server import free_port, serving, streamlit_run

HERE = Path(__file__).parent
WATCH = (HERE / "watch.js").read_text(encoding="utf-8")
FRAME = 16.7  # ms: one frame of a 60 Hz display
ROUNDS = 4  # the pages take turns, so that a busy moment falls on all
MOVES = 60  # a round; a whole way to and fro
KEYS = 10  # a round
SETTLES = 10  # a round
IDLE_SECONDS = 5
VISITORS = 6


class Subject(NamedTuple):
    """A page under test: where it is, what is grabbed, and how its curve and its number are read inside the page."""

    path: str
    script: Path | None
    ready: str
    knob: str
    curve_in: str
    curve: str
    slider: str = ""
    number_in: str = ""
    number: str = ""
    upright: bool = False  # dragged up and down


# The live picture keeps its elements, so they are watched; the stock page replaces its chart, so the page is.
OURS = Subject(
    path="/two_distributions",
    script=None,
    knob="[role=slider][aria-label='P mean μ'] .knob",
    slider="[role=slider][aria-label='P mean μ']",
    ready="output[data-quantity=kl_pq][data-state=settled]",
    curve_in="path[data-curve=p]",
    curve="(root) => root.getAttribute('d')",
    number_in="output[data-quantity=kl_pq]",
    number="(root) => root.dataset.state === 'settled' ? root.dataset.value : null",
)
STOCK = Subject(
    path="/",
    script=HERE / "stock" / "page.py",  # not beside cuda.py, which torch would take for NVIDIA's package
    knob=".st-key-p_loc div:has(> div > input[type=range])",
    slider=".st-key-p_loc input[type=range]",
    ready=".scatterlayer path.js-line",
    curve_in="body",
    curve="(root) => root.querySelector('.scatterlayer path.js-line')?.getAttribute('d') ?? null",
    number_in="body",
    number="(root) => root.querySelector('[data-testid=stMetricValue]')?.textContent ?? null",
)
BARE = Subject(
    path=(HERE / "bare.html").as_uri(),
    script=None,
    ready="path[data-curve=p]",
    knob="rect",
    curve_in="path[data-curve=p]",
    curve="(root) => root.getAttribute('d')",
)


class Settled(NamedTuple):
    """Of one round: milliseconds from letting go to the number, the round's length in seconds, CPU in milliseconds."""

    times: list[float]
    seconds: float
    cpu: float | None


@subject
def live_picture() -> Iterator[Row]:
    """Pointer to painted curve, release to exact number, and the server's work for it."""
    with ExitStack() as running:
        browser = running.enter_context(chromium())
        ours, stock = (served(running, one) for one in (OURS, STOCK))
        visits, stock_visits = (_visits(browser, url, one.ready) for one, (url, _) in ((OURS, ours), (STOCK, stock)))
        page, stock_page, bare_page = (opened(browser, *one) for one in ((ours[0], OURS), (stock[0], STOCK), (BARE.path, BARE)))
        wait_for_rest(ours[1])
        idle, stock_idle = (_idle(pid) for _, pid in (ours, stock))

        drags, bare_drags, keys, settles, reruns = [], [], [], [], []
        for _ in range(ROUNDS):
            drags += drag_times(page, OURS)
            keys += key_times(stock_page)
            bare_drags += drag_times(bare_page, BARE)
            settles.append(_settles(page, OURS, ours[1]))
            reruns.append(_settles(stock_page, STOCK, stock[1]))

    yield from _painted(drags, bare_drags, keys)
    yield from _answered(settles, reruns, idle, stock_idle)
    yield Row("first visitor, from address to first result", visits[0], "ms", stock_visits[0], "stock page")
    yield Row("later visitors, median", median(visits[1:]), "ms", median(stock_visits[1:]), "stock page")


def _painted(drags: list[tuple[float, float]], bare_drags: list[tuple[float, float]], keys: list[float]) -> Iterator[Row]:
    """Drags are (from the event's own timestamp to the paint, of that before the page heard of the event)."""
    whole, bare = ([one for one, _ in times] for times in (drags, bare_drags))
    inside, bare_inside = ([one - before for one, before in times] for times in (drags, bare_drags))
    count = f"{len(whole)} of {ROUNDS * MOVES} moves painted"
    yield Row("pointer to painted curve, median", median(inside), "ms", median(keys), "key to curve on the stock page", note=count)
    yield Row(
        "pointer to painted curve, p95",
        p95(inside),
        "ms",
        p95(keys),
        "stock page",
        limit=FRAME,
        least_ratio=10,
        note="from when the page hears of the move",
    )
    yield Row("  the same against a bare page, p95", p95(inside), "ms", p95(bare_inside), "one line and nothing else")
    yield Row(
        "  with the browser's own delay before it, p95",
        p95(whole),
        "ms",
        p95(bare),
        "bare page",
        note="it hands a move over with its next frame, after up to 16.7 ms",
    )


def _answered(settles: list[Settled], reruns: list[Settled], idle: float | None, stock_idle: float | None) -> Iterator[Row]:
    """From letting go to the exact number, and what it costs the server beyond what it costs to be there."""
    times, stock_times = ([time for one in rounds for time in one.times] for rounds in (settles, reruns))
    yield Row("release to exact number, median", median(times), "ms", median(stock_times), "stock page's rerun", least_ratio=1)
    yield Row("release to exact number, p95", p95(times), "ms", p95(stock_times), "stock page's rerun", least_ratio=1)
    if idle is None:
        yield Row("CPU of one settle on the server", None, "ms", note="no /proc here")
        return
    cost, stock_cost = _cost(settles, idle), _cost(reruns, stock_idle)
    yield Row(
        "CPU of one settle on the server",
        cost,
        "ms",
        stock_cost,
        "stock page",
        limit=15,
        note=f"mean of {len(times)}, less what an idle server takes: {idle:.2g} ms a second, stock {stock_idle:.2g}",
    )


def _cost(rounds: list[Settled], idle: float) -> float:
    """Mean CPU of one settle, in milliseconds."""
    return sum(one.cpu - idle * one.seconds for one in rounds) / sum(len(one.times) for one in rounds)


def _idle(pid: int) -> float | None:
    """Milliseconds of CPU a second that a server takes while nobody does anything."""
    before = cpu_ms(pid)
    time.sleep(IDLE_SECONDS)
    return None if before is None else (cpu_ms(pid) - before) / IDLE_SECONDS


def served(running: ExitStack, subject: Subject) -> tuple[str, int]:
    """The address of a page on a server of its own, and that server's process."""
    port = free_port()
    command = streamlit_run(port, subject.script) if subject.script else streamlit_run(port)
    process = running.enter_context(serving(command, port))
    return f"http://localhost:{port}{subject.path}", process.pid


def _visits(browser: Browser, url: str, ready: str) -> list[float]:
    """Milliseconds from the address to the first result, the very first visitor of a fresh server first."""
    times = []
    for _ in range(VISITORS):
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        start = time.perf_counter()
        page.goto(url)
        page.locator(ready).first.wait_for(state="attached")
        times.append((time.perf_counter() - start) * 1e3)
        context.close()
    return times


def opened(browser: Browser, url: str, subject: Subject) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.add_init_script(WATCH)
    page.goto(url)
    page.locator(subject.ready).first.wait_for(state="attached")
    page.wait_for_timeout(2000)  # scripts end, fonts and icons arrive
    return page


def watch(page: Page, root: str, reading: str, kind: str) -> None:
    """From now on, times from an event of a kind to the paint of a new reading (watch.js)."""
    page.locator(root).first.evaluate(f"(root) => watch.until(root, () => ({reading})(root))")
    page.evaluate(f"watch.from('{kind}')")


def until_counted(page: Page, count: int) -> None:
    """Waits for so many times."""
    page.wait_for_function("count => watch.times.length >= count", arg=count)


def _middle(page: Page, knob: str) -> tuple[float, float]:
    box = page.locator(knob).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag_times(page: Page, subject: Subject) -> list[tuple[float, float]]:
    """A hand moves to and fro at no fixed beat: times from a move to the paint that shows it, and delays (watch.js)."""
    page.bring_to_front()
    x, y = _middle(page, subject.knob)
    along = lambda far: page.mouse.move(x, y + far) if subject.upright else page.mouse.move(x + far, y)
    along(0)
    page.mouse.down()
    along(8)
    page.wait_for_timeout(100)
    watch(page, subject.curve_in, subject.curve, "pointermove")
    pauses = random.Random(0)
    for i in range(MOVES):
        along(_to_and_fro(i))
        time.sleep(pauses.uniform(0.004, 0.03))
    page.wait_for_timeout(100)
    times, delays = page.evaluate("[watch.times, watch.delays]")
    page.mouse.up()
    page.wait_for_timeout(1000)  # the server answers, the axes come to rest
    return list(zip(times, delays, strict=True))


def _to_and_fro(i: int, stride: int = 4, turns_at: int = 120) -> int:
    """12, 16 … 120, 116 … 0, 4 …: every move shows another value."""
    steps = turns_at // stride
    at = (i + 3) % (2 * steps)
    return stride * (at if at <= steps else 2 * steps - at)


def key_times(page: Page) -> list[float]:
    """The stock page's nearest to live: a key on its slider, then the curve."""
    page.bring_to_front()
    page.locator(STOCK.slider).focus()
    watch(page, STOCK.curve_in, STOCK.curve, "keydown")
    for i in range(KEYS):
        page.keyboard.press("ArrowRight" if i % 2 else "ArrowLeft")
        until_counted(page, i + 1)
    return page.evaluate("watch.times")


def _settles(page: Page, subject: Subject, pid: int) -> Settled:
    """From letting go of a dragged knob to the number computed for it, and the server's CPU meanwhile."""
    page.bring_to_front()
    watch(page, subject.number_in, subject.number, "pointerup")
    start, before = time.perf_counter(), cpu_ms(pid)
    for i in range(SETTLES):
        x, y = _middle(page, subject.knob)
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + (40 if i % 2 else -40), y, steps=4)
        page.mouse.up()
        until_counted(page, i + 1)
        page.wait_for_timeout(400)  # the axes come to rest, as between two moves of a hand
    after, seconds = cpu_ms(pid), time.perf_counter() - start
    return Settled(page.evaluate("watch.times"), seconds, None if before is None else after - before)


def cpu_ms(pid: int) -> float | None:
    """CPU that a process has used, in milliseconds; None where there is no /proc."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")
