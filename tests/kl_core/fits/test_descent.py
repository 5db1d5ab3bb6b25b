"""Landscapes, basins, descents and the α family between the two directions."""

import pytest
import torch
from torch.distributions import Normal

from kl_core import alpha_divergence, hellinger, kl
from kl_core.families.gaussian_mixture import gaussian_mixture
from kl_core.fits.alpha import fit_alpha
from kl_core.fits.basins import basins
from kl_core.fits.descent import OPTIMISERS, descend
from kl_core.fits.fitting import fit_forward, fit_reverse
from kl_core.fits.landscape import landscape


def vector(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


TARGET = gaussian_mixture(vector(0.5, 0.5), vector(-3, 3), vector(1, 1))
SPIKE = gaussian_mixture(vector(0.2, 0.8), vector(-1, 2), vector(0.01, 2))


@pytest.mark.parametrize("target", [TARGET, SPIKE], ids=["two modes", "a spike and a hump"])
@pytest.mark.parametrize("direction", ["forward", "reverse"])
def test_a_landscape_holds_the_divergence_of_each_of_its_gaussians(target, direction):
    locs, log_scales = torch.linspace(-5, 5, 7, dtype=torch.float64), torch.linspace(-4, 2, 5, dtype=torch.float64)
    table = landscape(target, direction, locs, log_scales)
    for i, loc in enumerate(locs):
        for j, log_scale in enumerate(log_scales):
            q = Normal(loc, log_scale.exp())
            expected = kl(target, q) if direction == "forward" else kl(q, target)
            assert float(table[i, j]) == pytest.approx(float(expected), rel=1e-9)


def test_every_place_of_a_basin_descends_to_its_minimum():
    locs, log_scales = torch.linspace(-5, 5, 5, dtype=torch.float64), torch.linspace(-1, 1.5, 3, dtype=torch.float64)
    fits, reached = fit_reverse(TARGET), basins(TARGET, locs, log_scales)
    for i, loc in enumerate(locs):
        for j, log_scale in enumerate(log_scales):
            path = descend(TARGET, "reverse", (float(loc), float(log_scale.exp())), "natural gradient", 200, 0.1)
            assert float(path.loc[-1]) == pytest.approx(float(fits[int(reached[i, j])].loc), abs=1e-2)


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("direction", ["forward", "reverse"])
def test_every_optimiser_comes_to_a_fit(optimiser, direction):
    path = descend(TARGET, direction, (2.0, 1.5), optimiser, 600 if optimiser in ("gradient descent", "adam") else 120, 0.2)
    fits = [fit_forward(TARGET)] if direction == "forward" else fit_reverse(TARGET)
    assert min(abs(float(path.loc[-1] - fit.loc)) + abs(float(path.scale[-1] - fit.scale)) for fit in fits) < 1e-2
    assert path.diverged_at is None


def test_the_numbers_of_a_path_are_the_divergences_of_its_gaussians():
    for direction in ("forward", "reverse"):
        path = descend(TARGET, direction, (1.0, 0.7), "adam", 20, 0.1)
        for step in (0, 7, 20):
            q = Normal(path.loc[step], path.scale[step])
            expected = kl(TARGET, q) if direction == "forward" else kl(q, TARGET)
            assert float(path.kl[step]) == pytest.approx(float(expected), rel=1e-10)


def test_newton_never_ends_above_its_start():
    for start in ((0.5, 0.3), (-4.0, 3.0), (6.0, 1.0)):
        path = descend(TARGET, "reverse", start, "newton", 50, 1.0)
        assert path.kl[-1] <= path.kl[0] + 1e-12


def test_a_silly_learning_rate_diverges_and_says_where():
    path = descend(TARGET, "forward", (0.5, 0.2), "gradient descent", 50, 10.0)
    assert path.diverged_at is not None
    assert path.kl[: path.diverged_at].isfinite().all()
    assert path.kl[path.diverged_at :].isnan().all()


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"direction": "sideways"}, "direction"),
        ({"optimiser": "luck"}, "optimiser"),
        ({"start": (0.0, -1.0)}, "start"),
        ({"steps": 0}, "steps"),
        ({"learning_rate": 0.0}, "learning_rate"),
        ({"learning_rate": float("nan")}, "learning_rate"),
    ],
)
def test_a_bad_argument_is_named(wrong, word):
    right = {"direction": "reverse", "start": (0.0, 1.0), "optimiser": "adam", "steps": 5, "learning_rate": 0.1}
    with pytest.raises(ValueError, match=word):
        descend(TARGET, **(right | wrong))


def test_the_alpha_family_ends_in_both_directions_of_kl():
    q = Normal(*vector(0.3, 1.3))
    assert float(alpha_divergence(TARGET, q, 1)) == pytest.approx(float(kl(TARGET, q)), rel=1e-12)
    assert float(alpha_divergence(TARGET, q, 0)) == pytest.approx(float(kl(q, TARGET)), rel=1e-12)
    for end, limit in ((1e-7, kl(q, TARGET)), (1 - 1e-7, kl(TARGET, q))):
        assert float(alpha_divergence(TARGET, q, end)) == pytest.approx(float(limit), rel=1e-5)


def test_alpha_one_half_is_four_times_the_squared_hellinger_distance():
    q = Normal(*vector(0.3, 1.3))
    assert float(alpha_divergence(TARGET, q, 0.5)) == pytest.approx(4 * float(hellinger(TARGET, q)) ** 2, rel=1e-9)


def test_an_alpha_fit_is_stationary():
    ((best, *_),) = fit_alpha(TARGET, vector(0.7))
    loc, scale = best.loc.clone().requires_grad_(), best.scale.clone().requires_grad_()
    alpha_divergence(TARGET, Normal(loc, scale), 0.7).backward()
    assert abs(float(loc.grad)) < 1e-6 and abs(float(scale.grad)) < 1e-6
