"""Landscapes and basins where they are hard: spikes, far modes, nearly equal distributions, flows beside a ridge."""

import math

import mpmath as mp
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


def vector(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


# weights, locs, scales
HARD = {
    "a spike of sd 0.01 on a hump": ((0.3, 0.7), (1.0, 0.0), (0.01, 2.0)),
    "modes 40 sds apart": ((0.5, 0.5), (-20.0, 20.0), (1.0, 1.0)),
    "a bump under a spike": ((0.4161, 0.0013, 0.5826), (0.3269, 0.3524, 1.5147), (0.0125, 0.0771, 3.4554)),
    "four, sds from 0.01 to 10": ((0.25, 0.25, 0.25, 0.25), (-20.0, 0.0, 5.0, 20.0), (0.01, 1.0, 10.0, 0.5)),
}


def reverse_kl(case, loc: float, scale: float) -> mp.mpf:
    """KL(Normal(loc, scale)‖mixture) by mpmath, in panels that halve towards every mode and every crossing."""
    weights, locs, scales = ([mp.mpf(one) for one in each] for each in case)
    total = mp.fsum(weights)

    def log_density(x):
        return mp.log(mp.fsum(w / total * mp.exp(-(((x - m) / s) ** 2) / 2) / s for w, m, s in zip(weights, locs, scales, strict=True)))

    def crossings():
        """Where two components are equal."""
        for i in range(len(locs)):
            for j in range(i):
                a = 1 / scales[j] ** 2 / 2 - 1 / scales[i] ** 2 / 2
                b = locs[i] / scales[i] ** 2 - locs[j] / scales[j] ** 2
                c = (
                    mp.log(weights[i] / scales[i])
                    - locs[i] ** 2 / scales[i] ** 2 / 2
                    - mp.log(weights[j] / scales[j])
                    + locs[j] ** 2 / scales[j] ** 2 / 2
                )
                roots = [-c / b] if a == 0 and b else [] if a == 0 else [(-b + k * mp.sqrt(b * b - 4 * a * c)) / (2 * a) for k in (1, -1)]
                yield from (mp.re(root) for root in roots)

    centre, width = mp.mpf(loc), mp.mpf(scale)
    ends = (centre - 14 * width, centre + 14 * width)
    edges = {centre + k * width for k in range(-14, 15)}
    for middle in [*locs, *crossings()]:
        edges |= {middle} | {middle + sign * min(scales) * mp.mpf(2) ** k / 4 for sign in (-1, 1) for k in range(14)}
    inside = sorted(x for x in edges if ends[0] <= x <= ends[1])
    bell = lambda x: mp.exp(-(((x - centre) / width) ** 2) / 2)
    mean = mp.quad(lambda x: bell(x) * log_density(x), inside, method="gauss-legendre", maxdegree=4) / width / mp.sqrt(2 * mp.pi)
    return -mp.log(width) - mp.mpf(1) / 2 - mean


@pytest.mark.parametrize("case", HARD.values(), ids=HARD)
def test_a_reverse_landscape_has_ten_digits_where_it_is_hardest(case):
    weights, locs, scales = case
    narrow, wide = min(scales), max(locs) - min(locs) + max(scales)
    loc_grid, log_scale_grid = vector(locs[0] + 0.3 * narrow, max(locs) + 0.1), vector(narrow / 2, math.sqrt(narrow * wide), wide).log()
    table = landscape(gaussian_mixture(*(vector(*one) for one in case)), "reverse", loc_grid, log_scale_grid)
    with mp.workdps(20):
        for i, loc in enumerate(loc_grid.tolist()):
            for j, log_scale in enumerate(log_scale_grid.tolist()):
                assert table[i, j].item() == pytest.approx(float(reverse_kl(case, loc, math.exp(log_scale))), rel=1e-10)


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
