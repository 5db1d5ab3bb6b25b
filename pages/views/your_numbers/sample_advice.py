"""Which method takes two samples: by their dimension, their size and their equal points. One place, so that no advice leads in a circle."""

from dataclasses import dataclass

import torch
from torch import Tensor

from kl_core.estimates.empirical import GROUPS, kl_from_histograms, same_data

NEIGHBOURS, HISTOGRAM, COUNTS = "Samples, by neighbours", "Samples, by histogram", "Counts"
MOST_NEIGHBOUR = 20
"""The farthest neighbour that the page lets one choose."""
USUAL_NEIGHBOUR = 5
LEAST_POINTS = 2 * GROUPS + 1
"""Of each sample, for the nearest neighbour alone."""


@dataclass(frozen=True)
class Advice:
    """sentence: what to do. kind: the kind of numbers that takes these, and option: its number; None where other data are needed."""

    sentence: str
    kind: str | None = None
    option: int | None = None


class RefusedSamplesError(ValueError):
    """What is wrong in one sentence, with the advice after it."""

    def __init__(self, problem: str, advice: Advice) -> None:
        super().__init__(f"{problem}. {advice.sentence}")
        self.advice = advice


def advise(x: Tensor, y: Tensor, without: str) -> Advice:
    """What to do with samples x (n, d) and y (m, d) that the method `without` refuses as they are. It never names what would refuse too."""
    if same_data(x, y):
        return Advice("Give a second sample, drawn apart from the first.")
    if len(torch.cat([x, y]).unique(dim=0)) < 2:
        return Advice("All points are equal: give samples of a quantity that varies.")
    k = usable_neighbour(x, y)
    if without == NEIGHBOURS and k is not None:
        return Advice(f"With neighbour {k} they do.", NEIGHBOURS, k)
    if without == NEIGHBOURS and histogram_takes(x, y):
        return Advice(f"“{HISTOGRAM}” takes them.", HISTOGRAM)
    if without == HISTOGRAM and k is not None:
        return Advice(f"“{NEIGHBOURS}” takes them.", NEIGHBOURS, k)
    if repeats(x, y):
        return Advice(f"Points repeat, so this is no continuous quantity: count how often each occurs, and choose “{COUNTS}”.", COUNTS)
    return Advice(f"At least {LEAST_POINTS if x.shape[1] > 1 else 2} points in each sample are needed.")


def usable_neighbour(x: Tensor, y: Tensor) -> int | None:
    """A neighbour, the usual one if possible, whose distance is 0 nowhere and for which there are points enough; None if there is none."""
    rows = torch.cat([x, y]).unique(dim=0, return_inverse=True)[1]
    mine, theirs = (part.bincount(minlength=int(rows.max()) + 1) for part in (rows[: len(x)], rows[len(x) :]))
    if not bool(((mine > 0) & (theirs == 0)).any() and ((theirs > 0) & (mine == 0)).any()):
        return None
    shared = (mine > 0) & (theirs > 0)
    across = int(torch.maximum(mine, theirs)[shared].max()) + 1 if bool(shared.any()) else 1
    least, most = max(int(mine.max()), int(theirs.max()), across), min(MOST_NEIGHBOUR, len(x) - 2 * GROUPS, len(y) - 2 * GROUPS)
    return min(max(least, USUAL_NEIGHBOUR), most) if least <= most else None


def histogram_takes(x: Tensor, y: Tensor, bins: int = 12) -> bool:
    """Whether the library makes a histogram of them."""
    if x.shape[1] != 1:
        return False
    try:
        kl_from_histograms(x, y, bins)
    except ValueError:
        return False
    return True


def repeats(x: Tensor, y: Tensor) -> bool:
    """Whether some point occurs twice."""
    points = torch.cat([x, y])
    return len(points.unique(dim=0)) < len(points)
