"""What a run's log tells besides its KL, against plain NumPy and against the exact answer of a known policy."""

import numpy as np
import pytest
import torch

from kl_core.estimates.estimators import k1, k3
from kl_core.estimates.run_report import (
    RatioDiagnostics,
    even_groups,
    kl_by_group,
    preferred_estimator,
    ratio_diagnostics,
    sampler_mismatch,
)
from kl_core.estimates.token_kl import token_kl


def drawn(n: int, p: list[float], q: list[float], seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    p, q = torch.tensor(p, dtype=torch.float64), torch.tensor(q, dtype=torch.float64)
    token = torch.multinomial(p, n, replacement=True, generator=torch.Generator().manual_seed(seed))
    return p.log()[token], q.log()[token]


def test_the_effective_share_and_the_mean_ratio_are_those_of_the_weights():
    log_p, log_q = drawn(5000, [0.6, 0.3, 0.1], [0.3, 0.3, 0.4])
    r = np.exp((log_q - log_p).numpy())
    ratios = ratio_diagnostics(log_p, log_q)
    assert ratios.effective == pytest.approx(r.sum() ** 2 / (r**2).sum() / len(r), rel=1e-12)
    assert ratios.mean_ratio == pytest.approx(1.0, abs=0.05)


def test_one_impossible_looking_token_makes_k3_heavy_and_k1_the_one_to_believe():
    log_p, log_q = drawn(400, [0.6, 0.3, 0.1], [0.5, 0.3, 0.2])
    sequence = torch.arange(400) // 10
    calm = ratio_diagnostics(log_p, log_q)
    assert preferred_estimator(token_kl(log_p, log_q, sequence), calm) == "k3"
    log_p[7], log_q[7] = -12.0, -0.1
    wild = ratio_diagnostics(log_p, log_q)
    assert wild.top_share > 0.9 and wild.effective < 0.1
    assert preferred_estimator(token_kl(log_p, log_q, sequence), wild) == "k1"
    log_p[7] = -900.0
    assert ratio_diagnostics(log_p, log_q).top_share == 1.0


def test_grouped_means_and_errors_are_token_kl_s_where_there_is_one_group():
    log_p, log_q = drawn(900, [0.6, 0.3, 0.1], [0.3, 0.3, 0.4])
    sequence = torch.arange(900) // 7
    by = kl_by_group(k1(log_p, log_q), torch.zeros(900, dtype=torch.long), sequence)
    whole = token_kl(log_p, log_q, sequence).per_token["k1"]
    assert (float(by.mean[0]), float(by.error[0])) == pytest.approx((whole.mean, whole.error), rel=1e-9)
    group = torch.arange(900) % 3
    by = kl_by_group(k3(log_p, log_q), group, sequence)
    for i in range(3):
        assert float(by.mean[i]) == pytest.approx(float(k3(log_p, log_q)[group == i].mean()), rel=1e-12)


def test_the_error_of_a_group_is_the_spread_over_many_repeats():
    means, errors = [], []
    for seed in range(300):
        log_p, log_q = drawn(200, [0.6, 0.3, 0.1], [0.3, 0.3, 0.4], seed)
        by = kl_by_group(k1(log_p, log_q), torch.zeros(200, dtype=torch.long), torch.arange(200) // 5)
        means.append(float(by.mean[0]))
        errors.append(float(by.error[0]))
    assert np.mean(errors) == pytest.approx(np.std(means), rel=0.15)


def test_a_sampler_that_is_the_policy_has_no_mismatch():
    log_p, _ = drawn(50, [0.6, 0.4], [0.5, 0.5])
    sequence = torch.arange(50) // 5
    same = sampler_mismatch(log_p, log_p, sequence)
    assert same.effective == pytest.approx(1.0) and same.largest == 0.0 and same.kl["k3"].mean == 0.0
    other = sampler_mismatch(log_p, log_p + 0.01 * torch.randn(50, dtype=torch.float64).abs() - 0.02, sequence)
    assert other.effective < 1.0 and other.kl["k1"].mean > 0.0
    assert isinstance(ratio_diagnostics(log_p, log_p), RatioDiagnostics)


def test_groups_are_ranges_of_about_as_many_tokens_and_equal_numbers_stay_together():
    number = torch.tensor([1] * 30 + list(range(2, 32)))
    group, names = even_groups(number, most=4)
    assert names[0] == "1" and names[-1].endswith("–31") and len(names) <= 4
    assert (group[:30] == group[0]).all() and (group[1:] >= group[:-1]).all()
    counts = torch.bincount(group)
    assert counts[0] == 30 and counts[1:].max() - counts[1:].min() <= 1
    assert even_groups(torch.tensor([7, 2, 7]))[1] == ["2", "7"]
