"""What the view of the separation gives to take along: a short program and its minima as CSV."""

import csv
import io
from math import isnan

import torch

from .separation import minima, separations


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


def separation_csv() -> str:
    """m, then loc, scale and KL(Q‖P) in nats of each reverse minimum, a row each."""
    return _minima_csv("m", separations(), minima(), "kl_reverse")


def _minima_csv(along: str, places: torch.Tensor, tables: dict[str, torch.Tensor], cost: str) -> str:
    """tables: loc, scale and kl of each minimum at each place, (minima, places), NaN where there is none."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow([along, "loc", "scale", cost])
    for k, place in enumerate(places.tolist()):
        rows = torch.stack([tables[name][:, k] for name in ("loc", "scale", "kl")], -1).tolist()
        writer.writerows([[place, *row] for row in rows if not isnan(row[0])])
    return table.getvalue()
