"""Every page that is dragged: from a move to its painted picture, on the desktop, beside a bare page and the stock page."""

from collections.abc import Iterator
from contextlib import ExitStack

from bench.live_picture import BARE, FRAME, OURS, STOCK, Subject, drag_times, key_times, opened, served
from bench.playground import PLAYGROUND
from bench.processor import wait_for_rest
from bench.rows import Row, p95, subject
from tests.browser.chromium import chromium

_DRAWN = "(root) => root.getAttribute('d')"
DRAGGED = {
    "two_distributions": OURS,
    "forward_reverse": PLAYGROUND,
    "beta": Subject(
        path="/beta",
        script=None,
        knob="input[aria-label^='β, the price of KL']",
        ready=".beta-screen output",
        curve_in=".beta-screen",
        curve="(root) => root.querySelector('output').textContent + root.querySelector('input[type=range]').value",
    ),
    "distillation": Subject(
        path="/distillation",
        script=None,
        knob="input[aria-label='Temperature T']",
        ready="output[data-quantity=entropy][data-state=settled]",
        curve_in="path[data-curve=p]",
        curve=_DRAWN,
    ),
    "vae": Subject(
        path="/vae",
        script=None,
        knob=".plot.latent .handle .knob",
        ready="output[data-quantity=rate][data-state=settled]",
        curve_in=".plot.latent .handle",
        curve="(root) => root.getAttribute('transform')",
    ),
    "sample_estimates": Subject(
        path="/sample_estimates?view=The+gradient",
        script=None,
        knob="[role=slider][aria-label='π probability of outcome 1'] .knob",
        ready="path[data-curve=p]",
        curve_in="path[data-curve=p]",
        curve=_DRAWN,
        upright=True,
    ),
}
"""By page: what a hand takes, and what it moves."""


@subject
def dragged() -> Iterator[Row]:
    with ExitStack() as running:
        url, pid = served(running, OURS)
        stock_url, _ = served(running, STOCK)
        browser = running.enter_context(chromium())
        bare, stock = opened(browser, BARE.path, BARE), opened(browser, stock_url, STOCK)
        keys = p95(key_times(stock))
        for name, its in DRAGGED.items():
            page = opened(browser, url.removesuffix(OURS.path) + its.path, its)
            wait_for_rest(pid)
            yield from _rows(name, drag_times(page, its), drag_times(bare, BARE), keys)
            page.context.close()


def _rows(name: str, moves: list[tuple[float, float]], bare: list[tuple[float, float]], keys: float) -> Iterator[Row]:
    inside, bare_inside = (p95([whole - before for whole, before in times]) for times in (moves, bare))
    late = p95([before for _, before in moves])
    note = f"{len(moves)} moves painted; from when the page hears of the move, of which the browser tells it up to {late:.0f} ms late"
    yield Row(f"{name}: pointer to painted curve, p95", inside, "ms", bare_inside, "one line and nothing else", limit=FRAME, note=note)
    yield Row("  the same against a key on the stock page", inside, "ms", keys, "stock page")
