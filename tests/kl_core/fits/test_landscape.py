"""Landscapes and basins where they are hard: spikes, far modes, nearly equal distributions, flows beside a ridge."""

import math

import pytest
import torch
from scipy.integrate import solve_ivp
from torch.distributions import Normal

from kl_core import kl
from kl_core.families.gaussian_mixture import gaussian_mixture
from kl_core.fits.basins import basins
from kl_core.fits.fitting import fit_reverse
from kl_core.fits.landscape import landscape, landscape_and_gradient
from kl_core.fits.mixture_panels import log_mixture, reverse_slopes
from tests.kl_core.fits.references import HARD, reverse_kl


def vector(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


@pytest.mark.parametrize("name", HARD)
def test_a_reverse_landscape_has_ten_digits_where_it_is_hardest(name):
    weights, locs, scales = case = HARD[name]
    narrow, wide = min(scales), max(locs) - min(locs) + max(scales)
    loc_grid, log_scale_grid = vector(locs[0] + 0.3 * narrow, max(locs) + 0.1), vector(narrow / 2, math.sqrt(narrow * wide), wide).log()
    table = landscape(gaussian_mixture(*(vector(*one) for one in case)), "reverse", loc_grid, log_scale_grid)
    for i, loc in enumerate(loc_grid.tolist()):
        for j, log_scale in enumerate(log_scale_grid.tolist()):
            assert table[i, j].item() == pytest.approx(float(reverse_kl(name, loc, math.exp(log_scale))), rel=1e-10)


@pytest.mark.parametrize("direction", ["forward", "reverse"])
def test_a_landscape_keeps_its_digits_where_target_and_model_nearly_agree(direction):
    target = gaussian_mixture(vector(0.5, 0.5), vector(-0.03, 0.03), vector(1, 1))
    loc_grid, log_scale_grid = vector(-1e-4, 0, 1e-3), vector(-1e-4, 4.5e-4, 1e-3)
    table = landscape(target, direction, loc_grid, log_scale_grid)
    for i, loc in enumerate(loc_grid):
        for j, log_scale in enumerate(log_scale_grid):
            q = Normal(loc, log_scale.exp())
            expected = kl(target, q) if direction == "forward" else kl(q, target)
            assert expected < 1e-5
            assert float(table[i, j]) == pytest.approx(float(expected), rel=1e-8)


@pytest.mark.parametrize("direction", ["forward", "reverse"])
def test_the_gradient_of_a_landscape_is_the_slope_between_its_places(direction):
    target = gaussian_mixture(vector(0.3, 0.7), vector(-2, 1.5), vector(0.1, 1.3))
    loc_grid, log_scale_grid, step = vector(-2, 0.4), vector(-1, 0.8), 1e-5
    kl_there, gradient = landscape_and_gradient(target, direction, loc_grid, log_scale_grid)
    assert torch.equal(kl_there, landscape(target, direction, loc_grid, log_scale_grid))
    moved = lambda a, b: landscape(target, direction, loc_grid + a, log_scale_grid + b)
    for k, shift in enumerate(((step, 0), (0, step))):
        slope = (moved(*shift) - moved(-shift[0], -shift[1])) / (2 * step)
        assert torch.allclose(gradient[..., k], slope, rtol=1e-6, atol=1e-8)


def test_rows_with_shared_nodes_agree_with_places_integrated_one_by_one():
    target = gaussian_mixture(*(vector(*one) for one in HARD["four, sds from 0.01 to 10"]))
    locs, log_scales = torch.linspace(-30, 30, 9, dtype=torch.float64), torch.linspace(-6, 4, 11, dtype=torch.float64)
    table = landscape(target, "reverse", locs, log_scales)
    alone = torch.cat([landscape(target, "reverse", one.view(1), log_scales) for one in locs])
    assert torch.allclose(table, alone, rtol=1e-12, atol=0)


def test_basins_are_those_of_the_flow_followed_by_an_ode_solver():
    target = gaussian_mixture(vector(0.7, 0.3), vector(-3, 3), vector(1, 1))
    rows, fits = log_mixture(target), fit_reverse(target)

    def flow(_, place):
        slopes = reverse_slopes(rows, vector(place[0]), vector(math.exp(place[1])))
        along_loc, along_log_scale = slopes.gradient[0].tolist()
        return [-math.exp(place[1]) * along_loc, -along_log_scale / 2]

    locs, log_scales = torch.linspace(-6, 6, 5, dtype=torch.float64), vector(-1.5, 0.2, 1.4)
    labels = basins(target, locs, log_scales)
    for i, loc in enumerate(locs.tolist()):
        for j, log_scale in enumerate(log_scales.tolist()):
            end = solve_ivp(flow, (0, 60), [loc, log_scale], method="LSODA", rtol=1e-6, atol=1e-8).y[0, -1]
            assert float(fits[int(labels[i, j])].loc) == pytest.approx(end, abs=0.05)


def test_the_basins_of_a_mirrored_target_are_mirrored():
    target = gaussian_mixture(vector(0.5, 0.5), vector(-3, 3), vector(1, 1))
    locs, log_scales = torch.linspace(-5, 5, 12, dtype=torch.float64), torch.linspace(-2, 1.5, 9, dtype=torch.float64)
    labels = basins(target, locs, log_scales)
    assert labels.unique().tolist() == [0, 1, 2]
    assert torch.equal(labels, vector(1, 0, 2).long()[labels.flip(0)])


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"direction": "sideways"}, "direction"),
        ({"loc_grid": vector(0, math.nan)}, "loc_grid"),
        ({"log_scale_grid": vector(0, 1e4)}, "log_scale_grid"),
        ({"target": Normal(0.0, 1.0)}, "target"),
    ],
)
def test_a_bad_argument_is_named(wrong, word):
    right = {
        "target": gaussian_mixture(vector(0.5, 0.5), vector(-3, 3), vector(1, 1)),
        "direction": "reverse",
        "loc_grid": vector(0, 1),
        "log_scale_grid": vector(0, 1),
    }
    with pytest.raises(ValueError, match=f"^{word} = "):
        landscape(**(right | wrong))
