"""What the playground gives to take along: a short program that makes the same fits, and the runs as CSV."""

import csv
import io
from math import isnan

from .canvas_fits import run_of, start_of
from .canvas_scene import divergences_of
from .canvas_state import STEPS, CanvasState, Hills


def canvas_code(state: CanvasState) -> str:
    """A program that finds every minimum of the divergences on screen, and runs the same optimiser from the same start."""
    divergences = ", ".join(_divergence(name) for name in divergences_of(state))
    lines = [
        "import torch",
        *_imports(state),
        "",
        f"target = {_target(state)}  # a torch distribution",
        f"model = {_model(state)}  # coordinates: log scales, so that every Q is allowed",
        f"start = torch.tensor({[round(value, 6) for value in start_of(state).tolist()]}, dtype=torch.float64)",
        f"for divergence in ({divergences},):",
        "    problem = Problem(target, model, divergence)",
        "    for minimum in minima(problem, start):  # every local minimum, the lowest first",
        '        print(f"{divergence.label}: minimum {minimum.value:.6g} nats at {minimum.coords.tolist()}")',
        f'    path = run(problem, start, "{state.rule}", learning_rate={state.rate:g}, steps={STEPS})',
        '    print(f"{divergence.label}: the run ends at {path.values[-1]:.6g} nats, {path.coords[-1].tolist()}")',
        "",
    ]
    return "\n".join(lines)


def _imports(state: CanvasState) -> list[str]:
    integrands = "alpha_between" if any(name.startswith("alpha") for name in divergences_of(state)) else "DIVERGENCES"
    source = (
        "from kl_core.fits.drawing import drawing_from_text"
        if state.drawing
        else "from kl_core import gaussian_mixture"
        if isinstance(state.target, Hills)
        else "from kl_core.fits.targets import TARGETS"
    )
    return [
        source,
        f"from kl_core.fits.integrands import {integrands}",
        "from kl_core.fits.minima import minima",
        f"from kl_core.fits.models import {_model(state).partition('[')[0].partition('(')[0]}",
        "from kl_core.fits.problem import Problem",
        "from kl_core.fits.runs import run",
    ]


def _target(state: CanvasState) -> str:
    if state.drawing:
        return f'drawing_from_text("{state.drawing}")'
    if isinstance(state.target, Hills):
        columns = ", ".join(f"torch.tensor({list(column)}, dtype=torch.float64)" for column in state.target.values.values())
        return f"gaussian_mixture({columns})"
    return f'TARGETS["{state.target}"].build()'


def _model(state: CanvasState) -> str:
    return f"student_t({state.df:g})" if state.family == "student-t" else f'MODELS["{state.family}"]'


def _divergence(name: str) -> str:
    return f"alpha_between({name.removeprefix('alpha ')})" if name.startswith("alpha ") else f'DIVERGENCES["{name}"]'


def runs_csv(state: CanvasState) -> str:
    """divergence, step, its value in nats, then Q's coordinates; empty from where a run has left all bounds."""
    table = io.StringIO()
    writer = csv.writer(table)
    names = divergences_of(state)
    writer.writerow(["divergence", "step", "nats", *state.model.coordinates])
    for name in names:
        path = run_of(state, name)
        for step, (value, row) in enumerate(zip(path.values.tolist(), path.coords.tolist(), strict=True)):
            writer.writerow([name, step, *("" if isnan(number) else number for number in (value, *row))])
    return table.getvalue()
