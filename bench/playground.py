"""The playground: a hill under the hand, a drawn target, and Gaussians in the plane."""

import math
import time
from collections.abc import Iterator
from contextlib import ExitStack
from statistics import median

import torch
from playwright.sync_api import Page

from bench.live_picture import BARE, FRAME, MOVES, Subject, drag_times, opened, served, until_counted, watch
from bench.processor import wait_for_rest
from bench.rows import Row, alternately, p95, subject
from kl_core.fits.drawing import drawn
from kl_core.fits.fitting import fit_reverse
from kl_core.fits.integrands import DIVERGENCES
from kl_core.fits.minima import minima
from kl_core.fits.models import MODELS
from kl_core.fits.plane import fit_plane_forward, fit_plane_reverse
from kl_core.fits.plane_targets import PLANE_TARGETS
from kl_core.fits.problem import Problem
from kl_core.fits.runs import run
from kl_core.fits.target_nodes import TargetNodes
from kl_core.fits.thresholds import two_bells
from tests.browser.chromium import chromium

PLAYGROUND = Subject(
    path="/forward_reverse",
    script=None,
    knob="[role=slider][aria-label='P first hill mean'] .knob",
    ready=".playground output[data-quantity=kl_reverse][data-state=settled]",
    curve_in=".playground .line.p",
    curve="(root) => root.getAttribute('d')",
)


@subject
def playground() -> Iterator[Row]:
    yield from _fits()
    yield from _painted()


def _milliseconds(call) -> float:
    return 1e3 * alternately(call, lambda: None, rounds=7)[0]


def _fits() -> Iterator[Row]:
    torch.set_num_threads(1)
    model, kinds = MODELS["gaussian"], [DIVERGENCES["forward"], DIVERGENCES["reverse"]]
    near = {"forward": torch.tensor([0.0, 1.15]).double(), "reverse": torch.tensor([2.98, 0.02]).double()}

    def follow() -> None:
        nodes = TargetNodes(two_bells(3.02), model.reach)
        for name in near:
            run(Problem(nodes.target, model, DIVERGENCES[name], nodes), near[name], "newton", 1.0, 12)

    yield Row("a dragged hill: both fits follow", _milliseconds(follow), "ms", limit=125, note="8 a second")
    heights = [max(0.1, 1 - abs(place - 30) / 8, 0.7 - abs(place - 66) / 12) for place in range(97)]

    def settle() -> None:
        nodes = TargetNodes(drawn(heights), model.reach)
        for divergence in kinds:
            minima(Problem(nodes.target, model, divergence, nodes))

    yield Row("a drawn P: every minimum of both directions", _milliseconds(settle), "ms", limit=150)
    yield Row("½N(±3, 1): every reverse minimum", _milliseconds(lambda: fit_reverse(two_bells(3.0))), "ms")
    for name, target in PLANE_TARGETS.items():
        p = target.build()
        yield Row(f"plane, {name}: forward", _milliseconds(lambda p=p: fit_plane_forward(p)), "ms", limit=2)
        yield Row(f"plane, {name}: every reverse minimum", _milliseconds(lambda p=p: fit_plane_reverse(p)), "ms", limit=500)


def _painted() -> Iterator[Row]:
    with ExitStack() as running:
        browser = running.enter_context(chromium())
        url, server = served(running, PLAYGROUND)
        page, bare = opened(browser, url, PLAYGROUND), opened(browser, BARE.path, BARE)
        wait_for_rest(server)
        _ran(page)
        drags, bare_drags, follows = drag_times(page, PLAYGROUND), drag_times(bare, BARE), _followed(page)
        strokes, settles = zip(*(_drawn(page, rise) for rise in (0.5, 0.6, 0.7, 0.8, 0.9)), strict=True)
    for what, moves in (("P dragged", drags), ("P drawn", [move for stroke in strokes for move in stroke])):
        inside, bare_inside = ([whole - before for whole, before in times] for times in (moves, bare_drags))
        note = f"{len(inside)} moves painted; from when the page hears of the move"
        yield Row(
            f"pointer to painted curve, {what}, p95",
            p95(inside),
            "ms",
            p95(bare_inside),
            "one line and nothing else",
            limit=FRAME,
            note=note,
        )
    yield Row(
        "between answers while a hill is dragged, mean",
        1e3 / follows,
        "ms",
        limit=125,
        note=f"both fits follow {follows:.1f} times a second",
    )
    yield Row("pen up to both fits of the drawing, median", median(settles), "ms", limit=150)


def _ran(page: Page) -> None:
    """Run, to its end: the fits follow a hand only after it."""
    page.get_by_role("button", name="Run", exact=True).click()
    page.locator(".playground .step-words", has_text="step 180 of 180").wait_for()


_FIT = "(root) => root.dataset.state === 'settled' ? root.dataset.value : null"
_WHERE = ".playground [data-pane=kl_reverse] .parameters"  # of Q: only an answer changes them
_FITS = ".playground output[data-quantity=kl_reverse]"


def _followed(page: Page, seconds: float = 4) -> float:
    """How often a second the fits of a hill under the hand come new from torch."""
    box = page.locator(PLAYGROUND.knob).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    watch(page, _WHERE, "(root) => root.textContent", "pointermove")
    start, moves = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        moves += 1
        page.mouse.move(x + 4 * (moves % 25), y)
        time.sleep(0.016)
    answers = page.evaluate("watch.times.length")
    page.mouse.up()
    page.wait_for_timeout(1000)
    return answers / seconds


def _drawn(page: Page, rise: float) -> tuple[list[tuple[float, float]], float]:
    """P drawn as two bumps: from each move of the pen to its paint, with delays, and from pen up to both fits."""
    page.get_by_role("radio", name="Draw your own").click()
    box = page.locator(".playground .curves").first.bounding_box()
    place = lambda part, height: (box["x"] + box["width"] * part, box["y"] + box["height"] * (1 - height))
    page.mouse.move(*place(0.05, 0.03))
    page.mouse.down()
    watch(page, PLAYGROUND.curve_in, PLAYGROUND.curve, "pointermove")
    for i in range(1, MOVES):
        part = 0.05 + 0.9 * i / MOVES
        height = 0.03 + rise * math.exp(-(((part - 0.3) / 0.08) ** 2)) + 0.4 * math.exp(-(((part - 0.7) / 0.1) ** 2))
        page.mouse.move(*place(part, height))
        time.sleep(0.016)
    moves = list(zip(*page.evaluate("[watch.times, watch.delays]"), strict=True))
    watch(page, _FITS, _FIT, "pointerup")
    page.mouse.up()
    until_counted(page, 1)
    settled = page.evaluate("watch.times[0]")
    page.wait_for_timeout(4000)  # the run that follows comes to rest
    return moves, settled
