"""Gaussians in the plane: fits against figures, closed forms and Gauss–Hermite sums that kl_core did not write."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import dblquad

from kl_core.fits.plane import COVARIANCES, fit_plane_forward, fit_plane_reverse, moved, plane_kl, plane_slopes, state_of
from kl_core.fits.plane_nodes import SPACINGS, plane_mixture, rows_of_plane_mixture
from kl_core.fits.plane_runs import PLANE_RULES, run_plane
from kl_core.fits.plane_targets import MURPHY_DRAWN, PLANE_TARGETS, murphy

TARGETS = {name: target.build() for name, target in PLANE_TARGETS.items()}


def tensor(value) -> torch.Tensor:
    return torch.tensor(value, dtype=torch.float64)


def log_density(target):
    """log p of a mixture by numpy, of points (n, 2)."""
    bells, weights = target.component_distribution, target.mixture_distribution.probs.numpy()
    locs, covariances = bells.loc.numpy(), bells.covariance_matrix.numpy()

    def at(x):
        each = []
        for weight, loc, covariance in zip(weights, locs, covariances):
            gap = x - loc
            square = np.einsum("ni,ij,nj->n", gap, np.linalg.inv(covariance), gap)
            each.append(math.log(weight) - math.log(2 * math.pi) - 0.5 * math.log(np.linalg.det(covariance)) - 0.5 * square)
        return np.logaddexp.reduce(each)

    return at


def gauss_hermite_kl(target, loc, covariance, order=160):
    """KL(q‖target) on order² nodes of Gauss–Hermite."""
    x, w = np.polynomial.hermite_e.hermegauss(order)
    z = np.stack(np.meshgrid(x, x, indexing="ij"), -1).reshape(-1, 2)
    weights = np.outer(w, w).ravel() / w.sum() ** 2
    points = np.asarray(loc) + z @ np.linalg.cholesky(np.asarray(covariance)).T
    entropy = 1 + math.log(2 * math.pi) + 0.5 * math.log(np.linalg.det(covariance))
    return -entropy - weights @ log_density(target)(points)


def test_what_the_figure_draws_has_these_kls():
    places = [*MURPHY_DRAWN, ((-1.0, -1.0), ((0.5, 0.25), (0.25, 1.0)))]
    value, error = plane_kl(murphy(), "reverse", tensor([loc for loc, _ in places]), tensor([matrix for _, matrix in places]))
    assert value.tolist() == pytest.approx([0.768613, 0.760628, 0.582093], abs=5e-7)
    assert float(error.max()) < 1e-8 * float(value.min())


def test_the_only_minimum_lies_across_both_hills():
    (fit,) = fit_plane_reverse(murphy())
    assert fit.kl == pytest.approx(0.200711, abs=5e-7)
    assert fit.loc.tolist() == pytest.approx([-0.156073, -0.103234], abs=1e-5)
    assert fit.covariance.flatten().tolist() == pytest.approx([1.234813, 0.859539, 0.859539, 1.745464], abs=1e-5)
    assert fit_plane_forward(murphy()).covariance.flatten().tolist() == pytest.approx([1.5, 1, 1, 2])


@pytest.mark.parametrize(("separation", "kls"), [(1.5, [0.615191, 0.673163, 0.681054]), (2.0, [0.692389, 0.692602])])
def test_hills_further_apart_have_these_minima(separation, kls):
    fits = fit_plane_reverse(murphy(separation))
    assert [fit.kl for fit in fits] == pytest.approx(kls, abs=1e-5)
    for fit in fits:
        assert fit.kl == pytest.approx(gauss_hermite_kl(murphy(separation), fit.loc.numpy(), fit.covariance.numpy()), abs=1e-6)


@pytest.mark.parametrize("name", list(TARGETS))
@pytest.mark.parametrize("covariance", list(COVARIANCES))
def test_every_minimum_is_one_by_its_hessian_and_its_error_bound_holds(name, covariance):
    fits = fit_plane_reverse(TARGETS[name], covariance)
    rounded = [round(fit.kl, 8) for fit in fits]
    assert fits and rounded == sorted(rounded)
    locs, matrices = torch.stack([fit.loc for fit in fits]), torch.stack([fit.covariance for fit in fits])
    finer = plane_kl(TARGETS[name], "reverse", locs, matrices, spacings=(0.125, 0.0625))[0]
    for fit, value in zip(fits, finer.tolist()):
        assert bool((torch.linalg.eigvalsh(fit.hessian) > 0).all())
        assert abs(fit.kl - value) <= fit.error + 1e-12 and fit.error <= 1e-8 * max(fit.kl, 1e-3)
        if covariance != "full":
            assert float(fit.covariance[0, 1]) == 0
    if covariance == "spherical":
        assert all(float(fit.covariance[0, 0]) == pytest.approx(float(fit.covariance[1, 1])) for fit in fits)


@pytest.mark.parametrize("name", ["murphy", "murphy-apart", "three-hills"])
def test_descents_from_elsewhere_end_in_a_minimum_that_was_found(name):
    fits = fit_plane_reverse(TARGETS[name])
    generator = torch.Generator().manual_seed(3)
    for _ in range(6):
        loc = 4 * (torch.rand(2, generator=generator, dtype=torch.float64) - 0.5)
        path = run_plane(TARGETS[name], "reverse", (loc, 0.8 * torch.eye(2, dtype=torch.float64)), "natural-gradient", 0.2, 250)
        assert min(float((path.loc[-1] - fit.loc).norm()) for fit in fits) < 0.05


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9, -0.97])
def test_a_factorised_q_has_the_conditional_variances_in_reverse_and_the_marginal_ones_forward(rho):
    matrix = tensor([[1.0, rho * 1.5], [rho * 1.5, 2.25]])
    target = plane_mixture(tensor([1.0]), tensor([[0.3, -0.2]]), matrix.unsqueeze(0))
    (reverse,), forward = fit_plane_reverse(target, "diagonal"), fit_plane_forward(target, "diagonal")
    precision = torch.linalg.inv(matrix).diagonal()
    torch.testing.assert_close(reverse.covariance.diagonal(), 1 / precision, rtol=1e-8, atol=0)
    torch.testing.assert_close(forward.covariance.diagonal(), matrix.diagonal())
    expected = -0.5 * math.log(1 - rho**2)
    assert reverse.kl == pytest.approx(expected, abs=1e-10) and forward.kl == pytest.approx(expected, abs=1e-10)
    sphere = fit_plane_forward(target, "spherical").covariance
    assert sphere.flatten().tolist() == pytest.approx([1.625, 0, 0, 1.625])


def test_both_directions_agree_with_scipys_double_integral():
    loc, covariance = np.array([0.2, -0.1]), np.array([[1.3, 0.4], [0.4, 1.1]])
    log_p, inverse = log_density(TARGETS["murphy"]), np.linalg.inv(covariance)
    constant = math.log(2 * math.pi) + 0.5 * math.log(np.linalg.det(covariance))

    def terms(y, x):
        point = np.array([x, y])
        gap = point - loc
        p, q = float(log_p(point[None])[0]), -constant - 0.5 * gap @ inverse @ gap
        return p, q

    options = dict(epsabs=1e-5, epsrel=1e-5)
    reverse = dblquad(lambda y, x: math.exp(terms(y, x)[1]) * (terms(y, x)[1] - terms(y, x)[0]), -7, 7, -7, 7, **options)[0]
    forward = dblquad(lambda y, x: math.exp(terms(y, x)[0]) * (terms(y, x)[0] - terms(y, x)[1]), -7, 7, -7, 7, **options)[0]
    for direction, expected in (("reverse", reverse), ("forward", forward)):
        value, _ = plane_kl(TARGETS["murphy"], direction, tensor(loc).unsqueeze(0), tensor(covariance).unsqueeze(0))
        assert float(value[0]) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("direction", ["forward", "reverse"])
def test_slopes_are_the_differences_of_values(direction):
    rows, start, size = rows_of_plane_mixture(TARGETS["three-hills"]), tensor([[0.4, -0.3, 0.2, 0.5, -0.1]]), 1e-4
    value = lambda step: float(plane_slopes(rows, direction, moved(start, step), SPACINGS[2]).value[0])
    slopes = plane_slopes(rows, direction, start, SPACINGS[2])
    axes = size * torch.eye(5, dtype=torch.float64).unsqueeze(1)
    for i in range(5):
        difference = (value(axes[i]) - value(-axes[i])) / (2 * size)
        assert float(slopes.gradient[0, i]) == pytest.approx(difference, abs=1e-7)
        for j in range(5):
            corners = value(axes[i] + axes[j]) - value(axes[i] - axes[j]) - value(axes[j] - axes[i]) + value(-axes[i] - axes[j])
            assert float(slopes.hessian[0, i, j]) == pytest.approx(corners / (4 * size**2), abs=1e-5)


PLACE, SIZE = st.floats(-2, 2), st.floats(0.5, 1.5)


@settings(max_examples=15)
@given(st.lists(st.tuples(PLACE, PLACE, SIZE, SIZE, st.floats(-0.7, 0.7)), min_size=1, max_size=4))
def test_fits_of_any_hills_lie_below_their_neighbours_and_forward_is_moment_matching(bells):
    matrices = tensor([[[a * a, r * a * b], [r * a * b, b * b]] for _, _, a, b, r in bells])
    target = plane_mixture(torch.ones(len(bells)), tensor([bell[:2] for bell in bells]), matrices)
    forward = fit_plane_forward(target)
    torch.testing.assert_close(forward.loc, target.mean)
    torch.testing.assert_close(forward.covariance.diagonal(), target.variance)
    around = moved(state_of(forward.loc.view(1, 2), forward.covariance.unsqueeze(0)), 0.05 * torch.eye(5, dtype=torch.float64)[2:3])
    rows = rows_of_plane_mixture(target)
    assert float(plane_slopes(rows, "forward", around).value) > float(
        plane_slopes(rows, "forward", state_of(forward.loc.view(1, 2), forward.covariance.unsqueeze(0))).value
    )
    for fit in fit_plane_reverse(target):
        slopes = plane_slopes(rows, "reverse", state_of(fit.loc.view(1, 2), fit.covariance.unsqueeze(0)), SPACINGS[2])
        assert float(slopes.gradient.abs().max()) < 1e-4 and fit.kl >= 0


@pytest.mark.parametrize("rule", PLANE_RULES)
@pytest.mark.parametrize("direction", ["forward", "reverse"])
def test_every_rule_goes_downhill_to_a_fit(rule, direction):
    start = (tensor([1.0, 0.5]), torch.eye(2, dtype=torch.float64))
    for covariance in COVARIANCES:
        path = run_plane(murphy(), direction, start, rule, 0.1, 150, covariance)
        fits = [fit_plane_forward(murphy(), covariance)] if direction == "forward" else fit_plane_reverse(murphy(), covariance)
        assert min(abs(float(path.kl[-1]) - fit.kl) for fit in fits) < 1e-3 and path.stopped_at is None
        assert float(path.kl[-1]) < float(path.kl[0])


def test_a_silly_learning_rate_in_the_plane_diverges_and_says_where():
    path = run_plane(murphy(), "forward", (tensor([3.0, 0.5]), 0.1 * torch.eye(2, dtype=torch.float64)), "gradient-descent", 50.0, 30)
    assert path.stopped_at is not None and bool(path.kl[path.stopped_at :].isnan().all())
    assert bool(path.kl[: path.stopped_at].isfinite().all())


@pytest.mark.parametrize(
    ("weights", "locs", "matrices", "message"),
    [
        ([], torch.zeros(0, 2), torch.zeros(0, 2, 2), "1 to 8 components"),
        ([1.0], [[0.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]], "1 to 8 components"),
        ([0.0, 1.0], [[0.0, 0.0]] * 2, [[[1.0, 0.0], [0.0, 1.0]]] * 2, "weights above 0"),
        ([1.0], [[0.0, math.nan]], [[[1.0, 0.0], [0.0, 1.0]]], "finite numbers"),
        ([1.0], [[0.0, 0.0]], [[[1.0, 2.0], [2.0, 1.0]]], "positive definite"),
        ([1.0], [[0.0, 0.0]], [[[1.0, 0.5], [0.2, 1.0]]], "positive definite"),
    ],
)
def test_a_mixture_that_is_none_gets_one_sentence(weights, locs, matrices, message):
    with pytest.raises(ValueError, match=message):
        plane_mixture(torch.as_tensor(weights), torch.as_tensor(locs), torch.as_tensor(matrices))


def test_other_names_and_other_targets_are_refused():
    with pytest.raises(ValueError, match="covariance = 'round'"):
        fit_plane_reverse(murphy(), "round")
    with pytest.raises(ValueError, match="mixture of Gaussians in the plane"):
        fit_plane_forward(torch.distributions.Normal(0.0, 1.0))
    start = (torch.zeros(2), torch.eye(2))
    for arguments, message in (
        (("sideways", start, "adam", 0.1, 5), "direction"),
        (("forward", start, "sgd", 0.1, 5), "rule"),
        (("forward", start, "adam", -1.0, 5), "learning_rate"),
        (("forward", start, "adam", 0.1, 0), "steps"),
    ):
        with pytest.raises(ValueError, match=message):
            run_plane(murphy(), *arguments)
