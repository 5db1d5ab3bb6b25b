"""Any target, any family, any divergence: values and slopes against the library's own quadrature and numerical differences."""

import math

import pytest
import torch
from scipy import stats
from torch.distributions import Normal, StudentT, Uniform

from kl_core import alpha_divergence, jensen_shannon, kl
from kl_core.families.gaussian_mixture import gaussian_mixture
from kl_core.fits.drawing import drawn
from kl_core.fits.fitting import fit_forward, fit_reverse
from kl_core.fits.integrands import DIVERGENCES, alpha_between
from kl_core.fits.minima import minima, moment_match
from kl_core.fits.models import MODELS, gaussian, laplace, student_t, two_gaussians
from kl_core.fits.problem import Problem
from kl_core.fits.target_nodes import TargetNodes
from kl_core.fits.targets import TARGETS
from kl_core.fits.terrain import drop_balls, terrain

SHAPES = {name: target.build() for name, target in TARGETS.items()} | {"drawn": drawn([0, 1, 5, 2, 1, 1, 3, 4, 1, 0, 0])}
PLACES = {2: [[0.4, 0.5], [-2.0, -0.7]], 5: [[0.3, -1.5, 0.2, 1.9, 0.6], [-1.0, 0.2, -0.4, 0.5, 1.0]]}


def reference(divergence, p, q):
    if divergence.alpha is None:
        return jensen_shannon(p, q)
    if divergence.alpha in (0, 1):
        return kl(p, q) if divergence.alpha else kl(q, p)
    return alpha_divergence(p, q, divergence.alpha)


def coordinates(model):
    return torch.tensor(PLACES[len(model.coordinates)], dtype=torch.float64)


@pytest.mark.parametrize("model", [gaussian(), laplace(), student_t(3.0), two_gaussians()], ids=lambda model: model.name)
@pytest.mark.parametrize("divergence", [*DIVERGENCES.values(), alpha_between(0.3)], ids=lambda divergence: divergence.name)
@pytest.mark.parametrize("shape", ["two-hills", "heavy-tails", "box", "drawn"])
def test_values_are_those_of_the_pair(shape, divergence, model):
    problem = Problem(SHAPES[shape], model, divergence)
    coords = coordinates(model)
    expected = torch.stack([reference(divergence, SHAPES[shape], model.distribution(row)) for row in coords])
    torch.testing.assert_close(problem.values(coords), expected, rtol=1e-7, atol=1e-9)
    assert (problem.infinite_because is not None) == bool(expected.isinf().all())


@pytest.mark.parametrize("model", [gaussian(), laplace(), student_t(4.5), two_gaussians()], ids=lambda model: model.name)
@pytest.mark.parametrize("divergence", [*DIVERGENCES.values(), alpha_between(0.3)], ids=lambda divergence: divergence.name)
def test_slopes_are_the_differences_of_values(divergence, model):
    problem = Problem(SHAPES["unequal-hills"], model, divergence)
    start, size = coordinates(model), 1e-4
    slopes = problem.exact_slopes(start)
    for k in range(start.shape[-1]):
        # A step in own units from the start's own chart: scales stay the start's.
        step = torch.zeros_like(start)
        step[:, k] = size
        up, down = (problem.exact_slopes(problem.model.moved(start, sign * step)) for sign in (1, -1))
        torch.testing.assert_close((up.value - down.value) / (2 * size), slopes.gradient[:, k], rtol=1e-6, atol=1e-7)
        in_start_units = lambda there, sign: there.gradient * model.units(start) / model.units(model.moved(start, sign * step))
        second = (in_start_units(up, 1) - in_start_units(down, -1)) / (2 * size)
        torch.testing.assert_close(second, slopes.hessian[:, k], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("separation", "scale", "expected"),
    [
        (2.0, 1.0, [(0.0, 2.0470095199, 0.2265079608)]),
        (
            3.0,
            1.0,
            [(-2.9843059878, 1.0233685597, 0.6887689959), (2.9843059878, 1.0233685597, 0.6887689959), (0.0, 2.7437693091, 0.8406214313)],
        ),
        (4.0, 0.5, [(-4.0, 0.5, 0.6931471806), (4.0, 0.5, 0.6931471806), (0.0, 3.2675677282, 9.9494070009)]),
    ],
)
def test_every_reverse_minimum_of_two_bells_is_found(separation, scale, expected):
    half = torch.tensor([0.5, 0.5], dtype=torch.float64)
    target = gaussian_mixture(half, torch.tensor([-separation, separation], dtype=torch.float64), scale * 2 * half)
    places = minima(Problem(target, gaussian(), DIVERGENCES["reverse"]))
    assert len(places) == len(expected)
    for place, (loc, sd, value) in zip(places, expected):
        assert float(place.coords[0]) == pytest.approx(loc, abs=1e-9) and float(place.coords[1].exp()) == pytest.approx(sd, abs=1e-9)
        assert place.value == pytest.approx(value, abs=1e-9) and place.error < 1e-9
        assert bool((torch.linalg.eigvalsh(place.hessian) > 0).all())


@pytest.mark.parametrize("shape", ["unequal-hills", "spike-and-hump", "three-hills", "skewed"])
def test_one_gaussian_has_the_fits_of_the_mixtures_own_engine(shape):
    found = minima(Problem(SHAPES[shape], gaussian(), DIVERGENCES["reverse"]))
    assert [round(place.value, 8) for place in found] == [round(float(fit.kl), 8) for fit in fit_reverse(SHAPES[shape])]
    (forward,) = minima(Problem(SHAPES[shape], gaussian(), DIVERGENCES["forward"]))
    fit = fit_forward(SHAPES[shape])
    assert forward.coords.tolist() == pytest.approx([float(fit.loc), float(fit.scale.log())], abs=1e-12)
    assert forward.value == pytest.approx(float(fit.kl), abs=1e-10)


def test_forward_kl_is_moment_matching_for_any_target():
    for p, mean, variance in ((SHAPES["box"], 0.0, 3.0), (SHAPES["heavy-tails"], 0.0, 3.0), (SHAPES["drawn"], None, None)):
        (place,) = minima(Problem(p, gaussian(), DIVERGENCES["forward"]))
        mean, variance = (float(p.mean), float(p.variance)) if mean is None else (mean, variance)
        assert place.coords.tolist() == pytest.approx([mean, 0.5 * math.log(variance)], abs=1e-12)
        assert place.value == pytest.approx(float(kl(p, place.q)), rel=1e-7)


def test_a_fixed_width_and_a_fixed_centre_stay_fixed():
    given = torch.tensor([1.0, math.log(0.7)], dtype=torch.float64)
    for name, fixed in (("fixed-width", 1), ("fixed-centre", 0)):
        for divergence in DIVERGENCES.values():
            problem = Problem(SHAPES["unequal-hills"], MODELS[name], divergence)
            for place in minima(problem, given):
                assert float(place.coords[fixed]) == float(given[fixed])
                assert abs(float(problem.exact_slopes(place.coords.view(1, 2)).gradient[0, 1 - fixed])) < 1e-8
    matched = moment_match(Problem(SHAPES["two-hills"], MODELS["fixed-centre"], DIVERGENCES["forward"]), given)
    assert float(matched[1].exp() ** 2) == pytest.approx(10 + 1)  # variance + (mean − 1)²


@pytest.mark.parametrize("divergence", DIVERGENCES.values(), ids=lambda divergence: divergence.name)
def test_with_two_gaussians_every_direction_finds_both_hills(divergence):
    places = minima(Problem(SHAPES["unequal-hills"], two_gaussians(), divergence))
    assert places[0].value < 1e-12
    weight, *rest = places[0].coords.tolist()
    assert [1 / (1 + math.exp(-weight)), *rest] == pytest.approx([0.75, -2, 0, 3, 0], abs=1e-7)


def test_reverse_kl_of_a_box_is_infinite_and_says_why():
    problem = Problem(Uniform(torch.tensor(-3.0), torch.tensor(3.0)), gaussian(), DIVERGENCES["reverse"])
    assert minima(problem) == () and bool(problem.values(coordinates(gaussian())).isinf().all())
    assert problem.infinite_because == "KL(Q‖P) is ∞ for every Q here: each has mass outside [−3, 3], where P has none."
    cauchy_like = Problem(StudentT(torch.tensor(2.0), torch.tensor(0.0), torch.tensor(1.0)), gaussian(), DIVERGENCES["forward"])
    assert "tails of P are too heavy" in cauchy_like.infinite_because and minima(cauchy_like) == ()
    assert len(minima(Problem(SHAPES["box"], gaussian(), DIVERGENCES["jensen-shannon"]))) == 1


@pytest.mark.parametrize("shape", list(SHAPES))
@pytest.mark.parametrize("name", ["gaussian", "laplace", "student-t"])
def test_every_minimum_is_lower_than_what_lies_around_it(shape, name):
    for divergence in DIVERGENCES.values():
        problem = Problem(SHAPES[shape], MODELS[name], divergence)
        places = minima(problem)
        assert places or problem.infinite_because
        around = torch.tensor([[0.02, 0.0], [-0.02, 0.0], [0.0, 0.02], [0.0, -0.02]], dtype=torch.float64)
        for place in places:
            neighbours = problem.model.moved(place.coords.expand(4, 2), around)
            assert bool((problem.exact_slopes(neighbours).value > place.value).all())


@pytest.mark.parametrize("shape", ["two-hills", "skewed", "box", "drawn"])
@pytest.mark.parametrize("divergence", [*DIVERGENCES.values(), alpha_between(0.3)], ids=lambda divergence: divergence.name)
def test_a_landscape_holds_the_divergence_of_each_of_its_gaussians(shape, divergence):
    problem = Problem(SHAPES[shape], gaussian(), divergence)
    locs, sizes = torch.linspace(-6, 6, 5, dtype=torch.float64), torch.linspace(-1.2, 1.8, 6, dtype=torch.float64)
    table = terrain(problem, locs, sizes)
    for i, loc in enumerate(locs):
        for j, size in enumerate(sizes):
            expected = float(reference(divergence, SHAPES[shape], Normal(loc, size.exp())))
            assert float(table[i, j]) == pytest.approx(expected, rel=1e-4, abs=1e-4)


def test_balls_dropped_on_two_hills_come_to_rest_in_three_valleys():
    balls = drop_balls(Problem(SHAPES["two-hills"], gaussian(), DIVERGENCES["reverse"]), (-6, 6), (-1.0, 2.0))
    assert len(balls.reached) == 25 and set(balls.reached) == {0, 1, 2}
    for ball, reached in enumerate(balls.reached):
        torch.testing.assert_close(balls.run.coords[-1, ball], balls.minima[reached].coords, rtol=0, atol=0.1)
    with pytest.raises(ValueError, match="five coordinates"):
        terrain(Problem(SHAPES["two-hills"], two_gaussians(), DIVERGENCES["forward"]), torch.zeros(1), torch.zeros(1))
    with pytest.raises(ValueError, match="alpha = 2"):
        alpha_between(2)


@pytest.mark.parametrize("low, high", [(-1.0, 2.0), (-40.0, 0.3), (0.0, 1e9)])
def test_the_mass_between_two_places_is_scipys(low, high):
    for name, reference in {"heavy-tails": stats.t(3), "box": stats.uniform(-3, 6)}.items():
        nodes = TargetNodes(TARGETS[name].build())
        assert nodes.mass(low, high) == pytest.approx(reference.cdf(high) - reference.cdf(low), abs=1e-7)
    hills = TargetNodes(TARGETS["spike-and-hump"].build())
    spike, hump = stats.norm(-2.5, 0.3), stats.norm(1.5, 1.5)
    expected = 0.3 * (spike.cdf(high) - spike.cdf(low)) + 0.7 * (hump.cdf(high) - hump.cdf(low))
    assert hills.mass(low, high) == pytest.approx(expected, abs=1e-9)


def test_hills_that_are_not_called_unequal_have_equal_parts():
    for name, count in (("two-hills", 2), ("three-hills", 3)):
        assert SHAPES[name].mixture_distribution.probs.tolist() == pytest.approx([1 / count] * count, rel=1e-15)
