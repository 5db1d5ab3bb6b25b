"""What each view gives to take along: a short program behind its picture, and its data as CSV."""

import csv
import io
from math import isnan

import torch

from ...shared.values import Law
from .between import ride
from .fits import SIDES, Descent, descents
from .separation import minima, separations


def fit_code(target: Law, descent: Descent) -> str:
    """A program that fits Q both ways and descends to it."""
    start = (descent.start["loc"], descent.start["scale"])
    return "\n".join(
        [
            "import torch",
            "from kl_core.fits.descent import descend",
            "from kl_core.families.gaussian_mixture import gaussian_mixture",
            "from kl_core.fits.fitting import fit_forward, fit_reverse",
            "",
            "torch.set_default_dtype(torch.float64)",
            _target(target),
            "",
            "best = fit_forward(target)",
            'print(f"forward: loc {best.loc:.6g}, scale {best.scale:.6g}, KL(P‖Q) = {best.kl:.6g} nats")',
            "for fit in fit_reverse(target):  # every local minimum, the best first",
            '    print(f"reverse: loc {fit.loc:.6g}, scale {fit.scale:.6g}, KL(Q‖P) = {fit.kl:.6g} nats")',
            "",
            f'path = descend(target, "reverse", {start}, "{descent.optimiser}", '
            f"steps={descent.steps}, learning_rate={descent.learning_rate:g})",
            'print(f"descent: loc {path.loc[-1]:.6g}, scale {path.scale[-1]:.6g}, KL(Q‖P) = {path.kl[-1]:.6g} nats")',
            "",
        ]
    )


def _target(target: Law) -> str:
    values = ", ".join(f"torch.tensor({list(target.values[name])})" for name in ("weights", "locs", "scales"))
    return f"target = gaussian_mixture({values})  # weights, locs, scales: a torch distribution"


def separation_code() -> str:
    """A program that finds both thresholds and the minima on either side of the first."""
    return "\n".join(
        [
            "from kl_core.fits.fitting import fit_reverse",
            "from kl_core.fits.thresholds import exchange_separation, fold_separation, two_bells",
            "",
            'print(f"three minima from m = {fold_separation():.10f}, the modes are best from m = {exchange_separation():.10f}")',
            "for m in (2.0, 2.6, 3.0):",
            "    for fit in fit_reverse(two_bells(m)):  # ½N(−m, 1) + ½N(m, 1); the best first",
            '        print(f"m = {m}: loc {fit.loc:.6g}, scale {fit.scale:.6g}, KL(Q‖P) = {fit.kl:.6g} nats")',
            "",
        ]
    )


def alpha_code(target: Law) -> str:
    """A program that finds every minimum of the α-divergence from reverse to forward."""
    return "\n".join(
        [
            "import torch",
            "from kl_core.fits.alpha import fit_alpha",
            "from kl_core.families.gaussian_mixture import gaussian_mixture",
            "",
            "torch.set_default_dtype(torch.float64)",
            _target(target),
            "",
            "alphas = torch.linspace(0, 1, 11)  # 0: KL(Q‖P), reverse; 1: KL(P‖Q), forward",
            "for alpha, fits in zip(alphas, fit_alpha(target, alphas)):",
            "    for fit in fits:  # every local minimum, the best first",
            '        print(f"α = {alpha:.1f}: loc {fit.loc:.6g}, scale {fit.scale:.6g}, D_α(P‖Q) = {fit.divergence:.6g} nats")',
            "",
        ]
    )


def separation_csv() -> str:
    """m, then loc, scale and KL(Q‖P) in nats of each reverse minimum, a row each."""
    return _minima_csv("m", separations(), minima(), "kl_reverse")


def alpha_csv(target: Law) -> str:
    """α, then loc, scale and D_α(P‖Q) in nats of each minimum, a row each."""
    found = ride(target)
    return _minima_csv("alpha", found.alphas, {"loc": found.loc, "scale": found.scale, "kl": found.divergence}, "divergence")


def _minima_csv(along: str, places: torch.Tensor, found: dict[str, torch.Tensor], cost: str) -> str:
    """found: loc, scale and kl of each minimum at each place, (minima, places), NaN where there is none."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow([along, "loc", "scale", cost])
    for k, place in enumerate(places.tolist()):
        rows = torch.stack([found[name][:, k] for name in ("loc", "scale", "kl")], -1).tolist()
        writer.writerows([[place, *row] for row in rows if not isnan(row[0])])
    return table.getvalue()


def path_csv(target: Law, descent: Descent) -> str:
    """Step, then loc, scale and KL in nats of both descents; empty from where one has diverged."""
    paths = descents(target, descent)
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["step", *(f"{side}_{name}" for side in SIDES for name in ("loc", "scale", "kl"))])
    columns = torch.stack([getattr(paths[side], name) for side in SIDES for name in ("loc", "scale", "kl")], -1)
    writer.writerows([[step, *("" if isnan(value) else value for value in row)] for step, row in enumerate(columns.tolist())])
    return table.getvalue()
