"""Rank correlations with intervals: against SciPy's coefficient and its bootstrap."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.stats import bootstrap, spearmanr

from kl_core.rlhf.rank_intervals import rank_intervals


@dataclass(frozen=True)
class Measured:
    kl: float
    kl_from_reference: float
    forgotten: float
    new_quality: float = 0.5


def measured(count: int, noise: float) -> list[Measured]:
    generator = np.random.default_rng(3)
    lost = generator.uniform(size=count)
    return [Measured(*map(float, (value + noise * generator.normal(), value, value))) for value in lost]


def test_an_interval_is_the_percentile_bootstrap_of_scipy():
    moments = measured(30, 0.3)
    kl, lost = ([getattr(each, name) for each in moments] for name in ("kl", "forgotten"))
    ranks = rank_intervals(moments, [str(i) for i in range(30)], draws=4000)
    assert ranks.kl.value == pytest.approx(spearmanr(kl, lost).statistic)
    spearman = lambda a, b: spearmanr(a, b).statistic
    scipys = bootstrap((kl, lost), spearman, paired=True, vectorized=False, n_resamples=1000, method="percentile", random_state=0)
    assert (ranks.kl.low, ranks.kl.high) == pytest.approx(scipys.confidence_interval, abs=0.05)
    assert ranks.better == "kl_from_reference" and ranks.kl_from_reference.low == pytest.approx(1)


def test_stages_of_one_training_tell_no_more_than_one():
    moments = measured(12, 0.3)
    alone = rank_intervals(moments, [str(i) for i in range(12)])
    thrice = rank_intervals([each for each in moments for _ in range(3)], [str(i) for i in range(12) for _ in range(3)])
    assert (thrice.runs, thrice.trainings) == (36, 12)
    assert (thrice.kl.low, thrice.kl.high) == pytest.approx((alone.kl.low, alone.kl.high), abs=0.05)


@pytest.mark.parametrize("trainings", [["a"] * 4, ["a", "b", "c"], ["a", "b", "c", "c"]])
def test_what_has_no_interval_is_refused(trainings):
    with pytest.raises(ValueError, match="trainings"):
        rank_intervals(measured(4, 0.1), trainings)


def test_a_level_is_a_share():
    with pytest.raises(ValueError, match="level"):
        rank_intervals(measured(4, 0.1), list("abcd"), level=95)
