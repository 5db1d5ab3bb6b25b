"""The ELBO of a one-dimensional diffusion, term by term, against integrals worked out with numpy and scipy alone."""

import math

import numpy as np
import pytest
import scipy.integrate
import scipy.stats
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kl_core.vaes.diffusion import MixtureData, diffusion_elbo, level_of, step_kl, step_of
from kl_core.vaes.diffusion_paths import forward_path, generated, steps_along, true_step_density
from kl_core.vaes.diffusion_schedules import HIGHEST, LOWEST, best_schedule, cosine_schedule, drawn_schedule, linear_schedule

HILLS = MixtureData((0.7, 0.3), (-0.6, 1.3), (0.3, 0.2))
GAUSSIAN = MixtureData((1.0,), (0.6,), (0.5,))
STANDARD = MixtureData((1.0,), (0.0,), (1.0,))
X = np.linspace(-8, 8, 1601)
DX = X[1] - X[0]


def normal(x, mean, variance):
    return np.exp(-((x - mean) ** 2) / (2 * variance)) / np.sqrt(2 * np.pi * variance)


def marginal(data, alpha_bar, x=X):
    parts = zip(data.weights, data.means, data.scales, strict=True)
    return sum(w * normal(x, math.sqrt(alpha_bar) * m, alpha_bar * s * s + 1 - alpha_bar) for w, m, s in parts)


def posterior_moments(data, alpha_bar, x_t):
    """E[x_0|x_t] and Var(x_0|x_t) by summing over x_0, without the mixture's closed form."""
    weight = marginal(data, 1.0) * normal(x_t[:, None], math.sqrt(alpha_bar) * X, 1 - alpha_bar)
    weight /= weight.sum(1, keepdims=True)
    mean = weight @ X
    return mean, weight @ X**2 - mean**2


@pytest.mark.parametrize("alpha_bar", [0.95, 0.5, 0.03])
def test_entropy_and_what_the_best_denoiser_leaves_are_their_integrals(alpha_bar):
    level = level_of(HILLS, torch.tensor([alpha_bar], dtype=torch.float64))
    surprise = lambda x: -marginal(HILLS, alpha_bar, x) * math.log(marginal(HILLS, alpha_bar, x))
    assert float(level.entropy) == pytest.approx(scipy.integrate.quad(surprise, -7, 7, limit=300, epsabs=1e-12)[0], abs=1e-10)
    _, variance = posterior_moments(HILLS, alpha_bar, X[::2])
    assert float(level.mmse) == pytest.approx((marginal(HILLS, alpha_bar, X[::2]) * variance).sum() * 2 * DX, abs=1e-10)


def test_information_falls_by_half_the_error_per_snr():
    """dI/dSNR = ½·mmse (Guo, Shamai & Verdú 2005)."""
    snr = torch.tensor([1.0 - 1e-4, 1.0, 1.0 + 1e-4], dtype=torch.float64)
    level = level_of(HILLS, snr / (1 + snr))
    assert float(level.information[2] - level.information[0]) / 2e-4 == pytest.approx(float(level.mmse[1]) / 2, rel=1e-7)


@pytest.mark.parametrize("variance", ["small", "large", "best"])
def test_a_step_is_the_kl_of_two_normals_averaged_over_the_data_and_its_noise(variance):
    before, after = 0.8, 0.55
    got = step_kl(
        step_of(*torch.tensor([[before], [after]], dtype=torch.float64)),
        level_of(HILLS, torch.tensor([after], dtype=torch.float64)).mmse,
        variance,
    )
    alpha = after / before
    forward = 1 - alpha
    small = (1 - before) * forward / (1 - after)
    guess, spread = posterior_moments(HILLS, after, X[::2])
    left = (math.sqrt(before) * forward / (1 - after)) ** 2 * spread  # E[(mean of q − mean of p)²|x_t]
    density = marginal(HILLS, after, X[::2])
    v = {"small": small, "large": forward, "best": small + (density * left).sum() * 2 * DX}[variance]
    kl = 0.5 * (small / v + left / v - 1 + math.log(v / small))
    assert float(got) == pytest.approx((density * kl).sum() * 2 * DX, abs=1e-8)


def test_what_a_step_leaves_out_is_the_kl_of_the_true_step_from_the_models():
    """E KL(q(x_{t−1}|x_t)‖p(x_{t−1}|x_t)), over a grid of both states."""
    alpha_bar = torch.tensor([0.9, 0.5, 0.1], dtype=torch.float64)
    elbo = diffusion_elbo(HILLS, alpha_bar, "large")
    before, after = 0.9, 0.5
    state = X[::8]
    joint = marginal(HILLS, before) * normal(state[:, None], math.sqrt(after / before) * X, 1 - after / before)
    true = joint / (joint.sum(1, keepdims=True) * DX)
    guess, _ = posterior_moments(HILLS, after, state)
    of_data, of_state = math.sqrt(before) * (1 - after / before) / (1 - after), math.sqrt(after / before) * (1 - before) / (1 - after)
    model = normal(X, (of_data * guess + of_state * state)[:, None], 1 - after / before)
    kl = np.where(true > 1e-300, true * np.log(np.maximum(true, 1e-300) / np.maximum(model, 1e-300)), 0).sum(1) * DX
    assert float(elbo.left_out[1]) == pytest.approx((marginal(HILLS, after, state) * kl).sum() * 8 * DX, abs=1e-8)
    at = torch.from_numpy(X)
    shown = true_step_density(HILLS, alpha_bar[0], alpha_bar[1], torch.tensor(state[90], dtype=torch.float64), at)
    np.testing.assert_allclose(shown.numpy(), true[90], atol=1e-9)


def test_the_terms_are_the_entropy_and_what_is_left_out():
    elbo = diffusion_elbo(HILLS, cosine_schedule(9))
    data = marginal(HILLS, 1.0)
    assert elbo.entropy == pytest.approx(-(data[data > 0] * np.log(data[data > 0])).sum() * DX, abs=1e-9)
    assert elbo.total == pytest.approx(elbo.entropy + elbo.gap, abs=1e-12)
    assert len(elbo.terms) == 10 and elbo.error < 1e-12 and float(elbo.left_out.min()) >= 0


def test_gaussian_data_is_told_exactly_by_the_right_variance():
    """The true step back is then a normal: nothing is left out but what x_T keeps of the data."""
    alpha_bar = cosine_schedule(6)
    elbo = diffusion_elbo(GAUSSIAN, alpha_bar, "best")
    last = float(alpha_bar[-1])
    variance, mean = last * 0.25 + 1 - last, math.sqrt(last) * 0.6
    assert elbo.gap == pytest.approx(0.5 * (variance + mean**2 - 1 - math.log(variance)), abs=1e-13)
    assert diffusion_elbo(STANDARD, linear_schedule(5), "large").gap < 1e-13
    assert diffusion_elbo(GAUSSIAN, alpha_bar, "small").gap > 0.1


def test_many_steps_leave_out_little_and_the_small_variance_costs_half_the_snr_times_the_error():
    gaps = [diffusion_elbo(HILLS, cosine_schedule(steps), "best").gap for steps in (20, 40, 80)]
    assert gaps[0] > 1.6 * gaps[1] > 1.6**2 * gaps[2]
    alpha_bar = cosine_schedule(6)
    snr, mmse = alpha_bar / (1 - alpha_bar), level_of(HILLS, alpha_bar).mmse
    torch.testing.assert_close(diffusion_elbo(HILLS, alpha_bar).terms[1:-1], 0.5 * (snr[:-1] - snr[1:]) * mmse[1:], rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("wrong", [[], [0.5, 0.5], [0.2, 0.4], [1.0, 0.5], [0.5, 0.0], [float("nan")]])
def test_a_schedule_that_does_not_fall_between_its_ends_is_refused(wrong):
    with pytest.raises(ValueError, match="alpha_bar"):
        diffusion_elbo(HILLS, torch.tensor(wrong, dtype=torch.float64))


@pytest.mark.parametrize(
    "wrong", [((1.0,), (0.0,), (0.0,)), ((0.5, 0.6), (0.0, 1.0), (1.0, 1.0)), ((1.0,), (0.0, 1.0), (1.0,)), ((), (), ())]
)
def test_data_that_is_no_mixture_is_refused(wrong):
    with pytest.raises(ValueError, match="weights|scales"):
        MixtureData(*wrong)


@given(st.lists(st.floats(2e-5, 0.99), min_size=4, max_size=4, unique=True), st.integers(1, 40))
@settings(max_examples=60)
def test_a_drawn_schedule_falls_through_its_levels(levels, steps):
    levels = sorted(levels, reverse=True)
    alpha_bar = drawn_schedule(tuple(levels), 4 * steps)
    assert bool((alpha_bar.diff() <= 0).all()) and 0 < float(alpha_bar[-1]) <= float(alpha_bar[0]) < 1
    assert alpha_bar[steps - 1 :: steps].tolist() == pytest.approx(levels, rel=1e-9)


@pytest.mark.parametrize("levels", [(0.5, 0.4, 0.3), (0.5, 0.6, 0.3, 0.1), (1.0, 0.5, 0.2, 0.1), (0.5, 0.4, 0.3, 0.0)])
def test_levels_that_do_not_fall_are_refused(levels):
    with pytest.raises(ValueError, match="levels"):
        drawn_schedule(levels, 8)


def test_a_schedule_drawn_through_a_named_ones_levels_is_close_to_it():
    for schedule in (linear_schedule, cosine_schedule):
        torch.testing.assert_close(drawn_schedule(tuple(schedule(4).tolist()), 24), schedule(24), rtol=0, atol=0.02)


def test_named_schedules_are_their_formulas():
    assert float(linear_schedule(4)[1]) == pytest.approx(math.exp(-0.25 * 9.95 - 0.05), rel=1e-12)
    assert float(cosine_schedule(4)[1]) == pytest.approx(
        math.cos(0.5 * math.pi * 0.508 / 1.008) ** 2 / math.cos(0.5 * math.pi * 0.008 / 1.008) ** 2, rel=1e-12
    )


@pytest.mark.parametrize("variance", ["small", "best"])
def test_no_schedule_of_two_steps_on_the_grid_beats_the_best(variance):
    chosen = diffusion_elbo(HILLS, best_schedule(HILLS, 2, variance), variance).total
    ends = [math.log(level / (1 - level)) for level in (HIGHEST, LOWEST)]
    grid = torch.linspace(*ends, 321, dtype=torch.float64).sigmoid()[::10]
    pairs = [diffusion_elbo(HILLS, torch.stack([grid[i], grid[j]]), variance).total for i in range(0, 33, 3) for j in range(i + 1, 33, 3)]
    assert chosen <= min(pairs) + 1e-12
    for schedule in (linear_schedule, cosine_schedule):
        for steps in (2, 7):
            least = diffusion_elbo(HILLS, best_schedule(HILLS, steps, variance), variance).total
            assert least < diffusion_elbo(HILLS, schedule(steps), variance).total


def test_a_walk_has_the_data_at_one_end_and_noise_at_the_other():
    alpha_bar = linear_schedule(12)
    walks = torch.stack([forward_path(GAUSSIAN, alpha_bar, seed) for seed in range(400)])
    assert scipy.stats.kstest(walks[:, 0], "norm", (0.6, 0.5)).pvalue > 1e-3
    assert scipy.stats.kstest(walks[:, -1], "norm").pvalue > 1e-3
    steps = steps_along(HILLS, alpha_bar, forward_path(HILLS, alpha_bar, 3))
    kl = torch.distributions.kl_divergence(
        torch.distributions.Normal(steps.mean_q, steps.sd_q), torch.distributions.Normal(steps.mean_p, steps.sd_p)
    )
    torch.testing.assert_close(steps.kl, kl)


def test_what_is_generated_is_the_data_where_the_model_is_exact_and_nearly_it_with_many_steps():
    exact = generated(STANDARD, cosine_schedule(5), "large", count=2000)
    assert all(scipy.stats.kstest(row, "norm").pvalue > 1e-3 for row in exact)
    many = generated(HILLS, cosine_schedule(200), "best", count=4000)[0].numpy()
    spread = lambda x: np.interp(x, X, np.cumsum(marginal(HILLS, 1.0)) * DX)
    assert scipy.stats.kstest(many, spread).statistic < 0.03
