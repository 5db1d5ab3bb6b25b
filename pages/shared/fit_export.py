"""A fit to take along: a short program that fits and descends, and both descents as CSV."""

import csv
import io
from math import isnan

import torch

from .controls import Law
from .fit_scene import SIDES, Descent, descents


def fit_code(target: Law, descent: Descent) -> str:
    """A program that fits Q both ways and descends to it."""
    values = ", ".join(f"torch.tensor({list(target.values[name])})" for name in ("weights", "locs", "scales"))
    start = (descent.start["loc"], descent.start["scale"])
    return "\n".join([
        "import torch",
        "from kl_core.descent import descend",
        "from kl_core.families.gaussian_mixture import gaussian_mixture",
        "from kl_core.fitting import fit_forward, fit_reverse",
        "",
        "torch.set_default_dtype(torch.float64)",
        f"target = gaussian_mixture({values})  # weights, locs, scales: a torch distribution",
        "",
        "best = fit_forward(target)",
        'print(f"forward: loc {best.loc:.6g}, scale {best.scale:.6g}, KL(P‖Q) = {best.kl:.6g} nats")',
        "for fit in fit_reverse(target):  # every local minimum, the best first",
        '    print(f"reverse: loc {fit.loc:.6g}, scale {fit.scale:.6g}, KL(Q‖P) = {fit.kl:.6g} nats")',
        "",
        f'path = descend(target, "reverse", {start}, "{descent.optimiser}", steps={descent.steps}, learning_rate={descent.learning_rate:g})',
        'print(f"descent: loc {path.loc[-1]:.6g}, scale {path.scale[-1]:.6g}, KL(Q‖P) = {path.kl[-1]:.6g} nats")',
        "",
    ])


def path_csv(target: Law, descent: Descent) -> str:
    """Step, then loc, scale and KL in nats of both descents; empty from where one has diverged."""
    paths = descents(target, descent)
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["step", *(f"{side}_{name}" for side in SIDES for name in ("loc", "scale", "kl"))])
    columns = torch.stack([getattr(paths[side], name) for side in SIDES for name in ("loc", "scale", "kl")], -1)
    writer.writerows([[step, *("" if isnan(value) else value for value in row)] for step, row in enumerate(columns.tolist())])
    return table.getvalue()
