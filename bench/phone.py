"""Drags as on a phone: a narrow screen, and a processor slowed 4 × as Chromium's developer tools set it."""

from collections.abc import Iterator
from contextlib import ExitStack

from bench.dragged import DRAGGED
from bench.first_picture import SLOWED
from bench.live_picture import OURS, WATCH, drag_times, served
from bench.processor import wait_for_rest
from bench.rows import Row, p95, subject
from tests.browser.chromium import chromium

LIMIT = 33.3  # ms: two frames of a 60 Hz display


@subject
def phone() -> Iterator[Row]:
    with ExitStack() as running:
        url, pid = served(running, OURS)
        browser = running.enter_context(chromium())
        for name, its in DRAGGED.items():
            page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
            page.add_init_script(WATCH)
            page.goto(url.removesuffix(OURS.path) + its.path)
            page.locator(its.ready).first.wait_for(state="attached")
            wait_for_rest(pid)
            page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
            times = drag_times(page, its)
            page.context.close()
            yield Row(
                f"{name}: pointer to painted curve as on a phone, p95",
                p95([whole - before for whole, before in times]),
                "ms",
                limit=LIMIT,
                note=f"{len(times)} moves painted; from when the page hears of the move",
            )
