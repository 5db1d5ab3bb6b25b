"""How soon an opened link shows its first curve, on a warm server: with this machine's processor and network, and as on a phone.

As on a phone means a processor slowed 4 ×, 80 ms of latency and 1.2 MB/s, as Chromium's developer tools set them.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from statistics import median
from typing import NamedTuple

from playwright.sync_api import Browser, CDPSession, Page

from bench.live_picture import served
from bench.rows import Row, subject
from bench.story import STORY
from tests.browser.chromium import chromium, settle

PHONE = {"offline": False, "latency": 80, "downloadThroughput": 1.2e6, "uploadThroughput": 1.2e6}
SLOWED = 4
VISITS = 3
LIMIT, PHONE_LIMIT = 600, 1500  # ms
LIVE = ".live svg :is(path, rect, line)"
FIRST_MARKS = {
    "": ".story svg.picture :is(path, rect)",
    "two_distributions": "path[data-curve=p]",
    "forward_reverse": ".playground path.line.p",
    "beta": ".beta-screen svg :is(path, rect, line, circle)",
    "distillation": LIVE,
    "vae": LIVE,
    "sample_estimates": LIVE,
    "your_numbers": LIVE,
    "practice": LIVE,
}
"""By page: what of its picture has to be on screen."""
# The first frame in which one of the marks has an extent. Pictures stand in shadow roots, which a selector does not enter.
WATCH = """(marks => {
  const roots = new Set([document]);
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (...options) {
    const root = attach.apply(this, options);
    roots.add(root);
    return root;
  };
  const drawn = (mark) => {
    const { width, height } = mark.getBoundingClientRect();
    return width + height > 8 && mark.getAttribute("d") !== "";
  };
  const look = () => {
    for (const { shadowRoot } of document.querySelectorAll("body > *")) if (shadowRoot) roots.add(shadowRoot);
    const there = [...roots].some((root) => [...root.querySelectorAll(marks)].some(drawn));
    if (!there) return requestAnimationFrame(look);
    const painted = new MessageChannel();
    painted.port1.onmessage = () => { window.firstMark = performance.now(); };
    painted.port2.postMessage(null);
  };
  requestAnimationFrame(look);
})"""


class Visit(NamedTuple):
    """Milliseconds from the address to the first curve, and thousands of bytes received until the page was at rest."""

    time: float
    received: float


@subject
def first_picture() -> Iterator[Row]:
    with ExitStack() as running:
        browser = running.enter_context(chromium())
        address = served(running, STORY)[0].partition("?")[0]
        for page in FIRST_MARKS:
            _visit(browser, address, page)  # the page's modules are imported once, not for each visitor
            yield from _rows(browser, address, page)


def _rows(browser: Browser, address: str, page: str) -> Iterator[Row]:
    quiet, phone = ([_visit(browser, address, page, phone) for _ in range(VISITS)] for phone in (False, True))
    name, note = page or "start", f"{median(visit.received for visit in quiet):,.0f} kB received"
    yield Row(f"{name}: address to first curve", median(visit.time for visit in quiet), "ms", limit=LIMIT, note=note)
    yield Row(f"{name}: the same as on a phone", median(visit.time for visit in phone), "ms", limit=PHONE_LIMIT)


def _visit(browser: Browser, address: str, name: str, phone: bool = False) -> Visit:
    """A visitor with an empty cache."""
    size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 900}
    context = browser.new_context(viewport=size, has_touch=phone, bypass_csp=True)  # the policy forbids to wait for a function
    page = context.new_page()
    page.set_default_timeout(90_000)
    tools = context.new_cdp_session(page)
    tools.send("Network.enable")
    if phone:
        tools.send("Network.emulateNetworkConditions", PHONE)
        tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    received = _counted(tools)
    page.add_init_script(f"{WATCH}({FIRST_MARKS[name]!r})")
    page.goto(address + name, wait_until="commit")
    time = _first_mark(page)
    settle(page)
    context.close()
    return Visit(time, sum(received) / 1000)


def _counted(tools: CDPSession) -> list[float]:
    received: list[float] = []
    tools.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    return received


def _first_mark(page: Page) -> float:
    return page.wait_for_function("window.firstMark").json_value()
