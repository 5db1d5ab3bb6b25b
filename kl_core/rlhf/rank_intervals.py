"""Which KL on the new question predicts forgetting, with intervals: Spearman's rank correlation over runs, bootstrapped by training.

Runs that are stages of one training are not independent, so whole trainings are drawn again (the cluster bootstrap: Davison & Hinkley,
"Bootstrap Methods and their Application", 1997, section 3.8).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from .forgetting import Moment, predictors

__all__ = ["Correlation", "RankIntervals", "rank_intervals"]


@dataclass(frozen=True)
class Correlation:
    """Spearman's rank correlation with what was forgotten, and the ends of its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class RankIntervals:
    """kl: of KL(π‖π_ref), under π; kl_from_reference: of KL(π_ref‖π), under π_ref. runs, trainings: how many there were."""

    kl: Correlation
    kl_from_reference: Correlation
    runs: int
    trainings: int

    @property
    def better(self) -> str:
        """ "kl" or "kl_from_reference", whichever correlates more; "" where their intervals overlap."""
        if self.kl.low > self.kl_from_reference.high:
            return "kl"
        return "kl_from_reference" if self.kl_from_reference.low > self.kl.high else ""


def rank_intervals(
    moments: Sequence[Moment], trainings: Sequence[str], level: float = 0.95, draws: int = 2000, seed: int = 0
) -> RankIntervals:
    """Both correlations over all moments with percentile intervals at that level; the same for the same seed.

    trainings: for each moment, the training it is a stage of; each has equally many. ValueError for fewer than three of them.
    """
    names = sorted(set(trainings))
    members = [[i for i, training in enumerate(trainings) if training == name] for name in names]
    if len(moments) != len(trainings) or len(names) < 3 or len({len(group) for group in members}) != 1:
        raise ValueError(f"{len(moments)} moments of {len(names)} trainings; there must be at least 3, each with equally many")
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; it lies between 0 and 1")
    chosen = np.random.default_rng(seed).integers(len(names), size=(draws, len(names)))
    drawn = np.array(members)[chosen].reshape(draws, -1)
    all_of = predictors(moments)
    forgotten = np.array([moment.forgotten for moment in moments])[drawn]
    tails = [50 * (1 - level), 50 * (1 + level)]

    def interval(name: str) -> Correlation:
        values = np.array([getattr(moment, name) for moment in moments])[drawn]
        return Correlation(getattr(all_of, name), *map(float, np.nanpercentile(_rank_correlation(values, forgotten), tails)))

    return RankIntervals(interval("kl"), interval("kl_from_reference"), len(moments), len(names))


def _rank_correlation(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(draws,) Spearman's coefficient of each pair of rows (draws, n), ties by their mean rank; NaN where all are alike."""
    left, right = (rankdata(values, axis=-1) for values in (first, second))
    left, right = (ranks - ranks.mean(-1, keepdims=True) for ranks in (left, right))
    with np.errstate(invalid="ignore", divide="ignore"):
        return (left * right).sum(-1) / np.sqrt((left**2).sum(-1) * (right**2).sum(-1))
