"""The live picture against a stock page of the same curves, in a real Chromium, one after the other in one run."""

import os
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import NamedTuple

from playwright.sync_api import Browser, Locator, Page

from tests.browser.chromium import chromium, settle
from tests.server import free_port, serving, streamlit_run

from .rows import Row, p95, subject

HERE = Path(__file__).parent
WATCH = (HERE / "watch.js").read_text(encoding="utf-8")
FRAME = 16.7  # ms: one frame of a 60 Hz display
MOVES = 240
KEYS = 40
SETTLES = 40
VISITORS = 6


class Subject(NamedTuple):
    """A page under test: where it is, what is grabbed, and how its curve and its number are read inside the page."""

    path: str
    script: Path | None
    knob: str
    slider: str
    ready: str
    curve_in: str
    curve: str
    number_in: str
    number: str


# The live picture keeps its elements, so they are watched; the stock page replaces its chart, so the page is.
OURS = Subject(
    path="/two_distributions", script=None,
    knob="[role=slider][aria-label='P mean μ'] .knob", slider="[role=slider][aria-label='P mean μ']",
    ready="output[data-quantity=kl_pq][data-state=settled]",
    curve_in="path[data-curve=p]", curve="(root) => root.getAttribute('d')",
    number_in="output[data-quantity=kl_pq]",
    number="(root) => root.dataset.state === 'settled' ? root.dataset.value : null",
)
STOCK = Subject(
    path="/", script=HERE / "stock_page.py",
    knob=".st-key-p_loc div:has(> div > input[type=range])", slider=".st-key-p_loc input[type=range]",
    ready=".scatterlayer path.js-line",
    curve_in="body", curve="(root) => root.querySelector('.scatterlayer path.js-line')?.getAttribute('d') ?? null",
    number_in="body", number="(root) => root.querySelector('[data-testid=stMetricValue]')?.textContent ?? null",
)


@subject
def live_picture() -> Iterator[Row]:
    """Pointer to painted curve, release to exact number, and the server's work for it."""
    with ExitStack() as running:
        browser = running.enter_context(chromium())
        ours, stock = (_served(running, one) for one in (OURS, STOCK))
        visits, stock_visits = (_visits(browser, url, one.ready) for one, (url, _) in ((OURS, ours), (STOCK, stock)))
        page, stock_page = (_open(browser, url, one.ready) for one, (url, _) in ((OURS, ours), (STOCK, stock)))

        moves, delays = _drag_times(page)
        keys = _key_times(stock_page)
        page.bring_to_front()
        settles, cpu = _settles(page, OURS, ours[1])
        stock_page.bring_to_front()
        reruns, stock_cpu = _settles(stock_page, STOCK, stock[1])

    painted = f"{len(moves)} of {MOVES} moves painted"
    yield Row("pointer to painted curve, median", median(moves), "ms", median(keys), "key to curve on the stock page", note=painted)
    yield Row("pointer to painted curve, p95", p95(moves), "ms", p95(keys), "stock page", limit=FRAME, least_ratio=10)
    inside = [whole - delay for whole, delay in zip(moves, delays, strict=True)]
    yield Row("  of that since the page heard of it, median", median(inside), "ms")
    yield Row("  of that since the page heard of it, p95", p95(inside), "ms", note="before, the browser holds a move until its next frame")
    yield Row("release to exact number, median", median(settles), "ms", median(reruns), "stock page's rerun", least_ratio=1)
    yield Row("release to exact number, p95", p95(settles), "ms", p95(reruns), "stock page's rerun", least_ratio=1)
    if cpu is not None:
        yield Row("CPU of one settle on the server", cpu, "ms", stock_cpu, "stock page", limit=15, note=f"mean of {SETTLES}")
    yield Row("first visitor, from address to first result", visits[0], "ms", stock_visits[0], "stock page")
    yield Row("later visitors, median", median(visits[1:]), "ms", median(stock_visits[1:]), "stock page")


def _served(running: ExitStack, one: Subject) -> tuple[str, int]:
    """The address of a page on a server of its own, and that server's process."""
    port = free_port()
    command = streamlit_run(port, one.script) if one.script else streamlit_run(port)
    process = running.enter_context(serving(command, port))
    return f"http://localhost:{port}{one.path}", process.pid


def _visits(browser: Browser, url: str, ready: str) -> list[float]:
    """Milliseconds from the address to the first result, the very first visitor of a fresh server first."""
    found = []
    for _ in range(VISITORS):
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        start = time.perf_counter()
        page.goto(url)
        page.locator(ready).first.wait_for(state="attached")
        found.append((time.perf_counter() - start) * 1e3)
        context.close()
    return found


def _open(browser: Browser, url: str, ready: str) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.add_init_script(WATCH)
    page.goto(url)
    page.locator(ready).first.wait_for(state="attached")
    settle(page)
    page.wait_for_timeout(500)  # fonts and icons arrive
    return page


def _watch(page: Page, root: str, reading: str, kind: str) -> None:
    page.locator(root).first.evaluate(f"(root) => watch.until(root, () => ({reading})(root))")
    page.evaluate(f"watch.from('{kind}')")


def _until_counted(page: Page, count: int) -> None:
    page.wait_for_function("count => watch.times.length >= count", arg=count)


def _middle(page: Page, knob: str) -> tuple[float, float]:
    box = page.locator(knob).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _drag_times(page: Page) -> tuple[list[float], list[float]]:
    """A hand moves to and fro at no fixed beat: times from a move to the paint that shows it, and delays (watch.js)."""
    x, y = _middle(page, OURS.knob)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 8, y)
    page.wait_for_timeout(100)
    _watch(page, OURS.curve_in, OURS.curve, "pointermove")
    pauses = random.Random(0)
    for i in range(MOVES):
        page.mouse.move(x + _to_and_fro(i), y)
        time.sleep(pauses.uniform(0.004, 0.03))
    page.wait_for_timeout(100)
    found = page.evaluate("[watch.times, watch.delays]")
    page.mouse.up()
    settle(page)
    return tuple(found)


def _to_and_fro(i: int, stride: int = 4, turns_at: int = 120) -> int:
    """12, 16 … 120, 116 … 0, 4 …: every move shows another value."""
    steps = turns_at // stride
    at = (i + 3) % (2 * steps)
    return stride * (at if at <= steps else 2 * steps - at)


def _key_times(page: Page) -> list[float]:
    """The stock page's nearest to live: a key on its slider, then the curve."""
    page.locator(STOCK.slider).focus()
    _watch(page, STOCK.curve_in, STOCK.curve, "keydown")
    for i in range(KEYS):
        page.keyboard.press("ArrowRight" if i % 20 < 10 else "ArrowLeft")
        _until_counted(page, i + 1)
    return page.evaluate("watch.times")


def _settles(page: Page, one: Subject, pid: int) -> tuple[list[float], float | None]:
    """From letting go of a dragged knob to the number computed for it, and the server's CPU for one of these."""
    _watch(page, one.number_in, one.number, "pointerup")
    before = cpu_ms(pid)
    for i in range(SETTLES):
        x, y = _middle(page, one.knob)
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + (40 if i % 2 else -40), y, steps=4)
        page.mouse.up()
        _until_counted(page, i + 1)
        page.wait_for_timeout(400)  # the axes come to rest, as between two moves of a hand
    after = cpu_ms(pid)
    return page.evaluate("watch.times"), None if before is None else (after - before) / SETTLES


def cpu_ms(pid: int) -> float | None:
    """CPU that a process has used, in milliseconds; None where there is no /proc."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")
