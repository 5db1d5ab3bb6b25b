"""What two dimensions give to take along: a short program that finds the same fits, and the minima as CSV."""

import csv
import io

from .plane_fits import DIRECTIONS, minima_of
from .plane_state import PlaneState


def plane_code(state: PlaneState) -> str:
    """A program that fits Q in both directions and prints every minimum."""
    weights = [hill[0] for hill in state.hills]
    locs = [list(hill[1:3]) for hill in state.hills]
    covariances = [[[xx, xy], [xy, yy]] for *_, xx, xy, yy in state.hills]
    lines = [
        "import torch",
        "from kl_core.fits.plane import fit_plane_forward, fit_plane_reverse",
        "from kl_core.fits.plane_nodes import plane_mixture",
        "",
        f"weights, locs = torch.tensor({weights}), torch.tensor({locs})",
        f"target = plane_mixture(weights, locs, torch.tensor({covariances}))",
        f'forward = fit_plane_forward(target, "{state.covariance}")  # the target\'s mean and covariance',
        'print(f"KL(P‖Q) = {forward.kl:.6g} nats at {forward.loc.tolist()}, {forward.covariance.tolist()}")',
        f'for fit in fit_plane_reverse(target, "{state.covariance}"):  # every minimum, the lowest first',
        '    print(f"KL(Q‖P) = {fit.kl:.6g} nats at {fit.loc.tolist()}, {fit.covariance.tolist()}")',
        "",
    ]
    return "\n".join(lines)


def plane_csv(state: PlaneState) -> str:
    """direction, KL in nats, then Q's mean and covariance; a row for each minimum."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["direction", "nats", "x", "y", "xx", "xy", "yy"])
    for direction in DIRECTIONS:
        for fit in minima_of(state.hills, state.covariance, direction):
            matrix = fit.covariance.tolist()
            writer.writerow([direction, fit.kl, *fit.loc.tolist(), matrix[0][0], matrix[0][1], matrix[1][1]])
    return table.getvalue()
