"""The playground: a hill under the hand, a drawn target, and Gaussians in the plane."""

from collections.abc import Iterator
from contextlib import ExitStack

import torch

from bench.live_picture import FRAME, MOVES, Subject, drag_times, opened, served
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
        url, _ = served(running, PLAYGROUND)
        times = drag_times(opened(browser, url, PLAYGROUND), PLAYGROUND)
    inside = [whole - before for whole, before in times]
    note = f"{len(inside)} of {MOVES} moves painted; from when the page hears of the move"
    yield Row("pointer to painted P, p95", p95(inside), "ms", limit=FRAME, note=note)
