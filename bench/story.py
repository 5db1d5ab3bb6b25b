"""The story: how soon its first scene can be used, what is sent of it, and whether scroll and drag keep up with the display."""

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from statistics import median
from urllib.request import Request, urlopen

from playwright.sync_api import Browser, Page

from bench.live_picture import FRAME, MOVES, VISITORS, Subject, drag_times, opened, served
from bench.processor import wait_for_rest
from bench.rows import Row, p95, subject
from tests.browser.chromium import chromium

# Scene 8: the left hill has the whole way to the middle.
STORY = Subject(
    path="/?scene=8",
    script=None,
    knob=".handle[aria-hidden='true'] .knob",
    ready=".stMain .story[data-ready]",
    curve_in=".picture path.p.line",
    curve="(root) => root.getAttribute('d')",
)
WHEEL = 90  # pixels a notch, so that a scene takes about nine
# From when the page hears of a scroll to the paint of that frame, as the story draws with the next frame.
SCROLLS = """() => {
  const channel = new MessageChannel();
  let heard = null;
  window.scrolls = [];
  channel.port1.onmessage = () => { window.scrolls.push(performance.now() - heard); heard = null; };
  addEventListener("scroll", () => {
    if (heard !== null) return;
    heard = performance.now();
    requestAnimationFrame(() => channel.port2.postMessage(null));
  }, true);
}"""


@subject
def story() -> Iterator[Row]:
    with ExitStack() as running:
        browser = running.enter_context(chromium())
        url, server = served(running, STORY)
        address = url.partition("?")[0]
        yield from _sent(address)
        wait_for_rest(server)
        visits = [_first_scene(browser, address) for _ in range(VISITORS)]
        page = opened(browser, url, STORY)
        drags = [whole - before for whole, before in drag_times(page, STORY)]
        scrolls = _scroll_times(opened(browser, address, STORY))
    note = f"median of {len(visits)} visitors with an empty cache, on a warm server"
    yield Row("first scene can be used", median(visits), "ms", limit=1500, note=note)
    yield Row("drag: pointer to painted picture, p95", p95(drags), "ms", limit=FRAME, note=f"{len(drags)} of {MOVES} moves painted")
    yield Row("scroll to painted picture, p95", p95(scrolls), "ms", limit=FRAME, note=f"{len(scrolls)} frames, all scenes but the last")


def _sent(address: str) -> Iterator[Row]:
    for name, limit in (("tables", 300), ("script", None)):
        with urlopen(Request(f"{address}story/{name}", headers={"Accept-Encoding": "gzip"}), timeout=120) as answer:
            yield Row(f"the story's {name}, compressed", len(answer.read()) / 1000, "kB", limit=limit)


def _first_scene(browser: Browser, address: str) -> float:
    """Milliseconds from the address to a first scene that can be dragged."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    start = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.locator(".story[data-ready] [role=slider]").first.wait_for(state="attached")
    taken = (time.perf_counter() - start) * 1e3
    context.close()
    return taken


def _scroll_times(page: Page) -> list[float]:
    """A wheel turned from the first scene to the ninth, at no fixed beat."""
    page.bring_to_front()
    page.evaluate(SCROLLS)
    page.mouse.move(900, 500)
    pauses = random.Random(0)
    for _ in range(8 * 840 // WHEEL):
        page.mouse.wheel(0, WHEEL)
        time.sleep(pauses.uniform(0.004, 0.04))
    page.wait_for_timeout(300)
    return page.evaluate("window.scrolls")
