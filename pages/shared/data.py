"""The numbers behind a picture, as CSV."""

import csv
import io
from math import ceil, floor, isnan

import torch
from torch import Tensor
from torch.distributions import Distribution

from kl_core.law import log_density

from .controls import Law
from .fit_scene import SIDES, Descent, descents

ROWS = 401


def places(view: list[float], kind: str) -> Tensor:
    """The xs of a picture's table: every outcome, or an even grid over the view."""
    low, high = view
    if kind == "discrete":
        return torch.arange(ceil(low), floor(high) + 1, dtype=torch.float64)
    return torch.linspace(low, high, ROWS, dtype=torch.float64)


def pair_csv(p: Distribution, q: Distribution, view: list[float], kind: str) -> str:
    """x, p, q, log-ratio and both contributions in nats (per unit of x where x is continuous)."""
    xs = places(view, kind)
    log_p, log_q = log_density(p, xs), log_density(q, xs)
    ratio = log_p - log_q
    nothing = torch.zeros_like(xs)
    to_pq = torch.where(log_p.isneginf(), nothing, log_p.exp() * ratio)
    to_qp = torch.where(log_q.isneginf(), nothing, log_q.exp() * -ratio)
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["x", "p", "q", "log_p_minus_log_q", "contribution_to_kl_pq", "contribution_to_kl_qp"])
    rows = torch.stack([xs, log_p.exp(), log_q.exp(), ratio, to_pq, to_qp], -1).tolist()
    # Where neither law has mass there is no log-ratio: an empty cell.
    writer.writerows([["" if isnan(value) else value for value in row] for row in rows])
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
