"""Sampled best-of-n against what is known of it, and fits of Gao et al.'s forms."""

import itertools
import math

import pytest
import torch

from kl_core.rlhf.overoptimisation import GainFit, _won_without_replacement, fit_gain, sample_best_of_n
from kl_core.rlhf.policy import reference
from kl_core.rlhf.single_step import best_of_n_bound
from kl_core.rlhf.world import betas, build_world

WORLD = build_world()
FOUND = sample_best_of_n(WORLD, [1, 2, 4, 16, 64], samples=10_000)


def test_the_best_of_one_is_the_reference():
    plain = WORLD.measure(reference(WORLD.chain))
    assert abs(float(FOUND.proxy[0] - plain.proxy)) < 4 * float(FOUND.proxy_error[0])
    assert abs(float(FOUND.gold[0] - plain.gold)) < 4 * float(FOUND.gold_error[0])
    assert float(FOUND.kl[0]) == pytest.approx(0, abs=1e-12)


def test_best_of_n_pays_less_than_the_bound_and_gains_no_more_than_the_optimum_at_its_divergence():
    assert bool((FOUND.kl <= best_of_n_bound(FOUND.n) + 1e-12).all())
    exact = WORLD.measure(WORLD.optimum(betas(400, 0.05, 1e4)))
    for kl, proxy, error in zip(FOUND.kl[1:], FOUND.proxy[1:], FOUND.proxy_error[1:], strict=True):
        frontier = exact.proxy[exact.kl >= kl].min()  # no policy has more proxy reward at this KL
        assert float(proxy) < float(frontier) + 4 * float(error)


def test_a_small_sample_is_not_biased_at_the_largest_n_it_allows():
    large = sample_best_of_n(WORLD, [20], samples=40_000, seed=1)
    runs = [sample_best_of_n(WORLD, [20], samples=2000, seed=seed) for seed in range(12)]
    proxy = torch.stack([run.proxy[0] for run in runs])
    assert abs(float(proxy.mean() - large.proxy[0])) < 4 * float(proxy.std()) / math.sqrt(12)
    assert float(runs[0].kl[0]) == pytest.approx(float(large.kl[0]), abs=0.02)


def test_choices_without_replacement_are_those_of_every_subset():
    ties, n = torch.tensor([2, 1, 3]), 3
    level = [0, 0, 1, 2, 2, 2]
    subsets = list(itertools.combinations(range(6), n))
    expected = [sum(max(level[i] for i in one) == j for one in subsets) / len(subsets) for j in range(3)]
    assert _won_without_replacement(ties, n).tolist() == pytest.approx(expected, abs=1e-14)


def test_the_standard_errors_are_the_spread_of_repeated_estimates():
    runs = [sample_best_of_n(WORLD, [8], samples=2000, seed=seed) for seed in range(20)]
    for name in ("proxy", "gold"):
        spread = torch.stack([getattr(run, name)[0] for run in runs]).std()
        error = torch.stack([getattr(run, f"{name}_error")[0] for run in runs]).mean()
        assert 0.6 < float(error / spread) < 1.7


@pytest.mark.parametrize(("form", "peak"), [("best_of_n", 1.25), ("rl", math.exp(1.5))])
def test_a_curve_of_the_form_gives_its_coefficients_and_its_peak_back(form, peak):
    kl = torch.linspace(0, 9, 50, dtype=torch.float64)
    fit = fit_gain(kl, GainFit(form, 2.0, 0.8, 0.0)(kl), form)
    assert (fit.alpha, fit.beta) == pytest.approx((2.0, 0.8), rel=1e-10) and fit.rms < 1e-12
    assert fit.peak == pytest.approx(peak)
    near = torch.tensor([(fit.peak - 0.01) ** 2, fit.peak**2, (fit.peak + 0.01) ** 2], dtype=torch.float64)
    assert int(fit(near).argmax()) == 1


def test_the_forms_fitted_to_this_world_turn_down():
    exact = WORLD.measure(WORLD.optimum(betas()))
    fit = fit_gain(exact.kl, exact.gold - exact.gold[-1], "rl")
    assert fit.beta > 0 and fit.rms < 1.0
    assert GainFit("rl", 1.0, -0.5, 0.0).peak == math.inf


@pytest.mark.parametrize(
    "call",
    [
        lambda: fit_gain(torch.zeros(3), torch.zeros(3)),
        lambda: fit_gain(torch.ones(3), torch.ones(3), "ppo"),
        lambda: sample_best_of_n(WORLD, [0]),
        lambda: sample_best_of_n(WORLD, [500], samples=1000),
    ],
)
def test_bad_arguments_are_named(call):
    with pytest.raises(ValueError, match=r"^(kl|form|ns) (is|has)"):
        call()
