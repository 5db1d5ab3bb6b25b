"""The slopes that paths follow, in NumPy: those of torch's autograd on the same nodes, and of the exact panels wherever Q goes."""

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from kl_core.fits.drawing import drawn
from kl_core.fits.integrands import DIVERGENCES, alpha_between
from kl_core.fits.models import MODELS, gaussian, laplace, student_t, two_gaussians
from kl_core.fits.moving_nodes import MovingNodes
from kl_core.fits.numpy_models import numpy_model
from kl_core.fits.numpy_slopes import numpy_slopes
from kl_core.fits.problem import Problem
from kl_core.fits.target_nodes import TargetNodes
from kl_core.fits.targets import TARGETS

SHAPES = {name: target.build() for name, target in TARGETS.items()} | {"drawn": drawn([0, 1, 5, 2, 1, 1, 3, 4, 1, 0, 0])}
MANY = [*DIVERGENCES.values(), alpha_between(0.3)]
PLACES = {2: [0.4, 0.5], 5: [0.3, -1.5, 0.2, 1.9, 0.6]}


def textbook(divergence, log_p, log_q, weights):
    """Each divergence as it is defined, a sum over nodes; ∫ (q − p) stands in it, since nodes integrate neither to exactly 1."""
    p, q = log_p.exp(), log_q.exp()
    if divergence.alpha is None:
        log_m = ((p + q) / 2).clamp_min(1e-300).log()
        return 0.5 * (weights * (torch.where(p > 0, p * (log_p - log_m), 0.0) + q * (log_q - log_m))).sum()
    if divergence.alpha == 0:
        return (weights * (q * (log_q - log_p) - q + p)).sum()
    if divergence.alpha == 1:
        return (weights * (torch.where(p > 0, p * (log_p - log_q), 0.0) - p + q)).sum()
    a = divergence.alpha
    return (weights * (a * p + (1 - a) * q - (a * log_p + (1 - a) * log_q).exp())).sum() / (a * (1 - a))


@pytest.mark.parametrize("model", [gaussian(), laplace(), student_t(3.0), two_gaussians()], ids=lambda model: model.name)
@pytest.mark.parametrize("shape", ["two-hills", "heavy-tails", "box", "drawn"])
def test_slopes_are_those_of_autograd_on_the_same_nodes(shape, model):
    row = PLACES[len(model.coordinates)]
    coords, target = torch.tensor([row], dtype=torch.float64), TargetNodes(SHAPES[shape], model.reach)
    nodes = MovingNodes(target, model).at(row, numpy_model(model).bells(row))
    x, weights, log_p = (torch.tensor(column) for column in (nodes.x, nodes.weights, nodes.log_p))
    for divergence in MANY:
        problem = Problem(target.target, model, divergence, target)
        if problem.infinite_because or problem.moments:  # from moments, and not from nodes
            continue
        step = torch.zeros_like(coords).requires_grad_()
        textbooks = textbook(divergence, log_p, model.distribution(model.moved(coords, step)).log_prob(x), weights)
        (first,) = torch.autograd.grad(textbooks, step, create_graph=True)
        second = torch.cat([torch.autograd.grad(entry, step, retain_graph=True)[0] for entry in first[0]])
        value, gradient, hessian = numpy_slopes(problem).slopes(row)
        assert value == pytest.approx(textbooks.item(), abs=1e-12)
        torch.testing.assert_close(torch.tensor(gradient).double(), first[0].detach(), rtol=1e-12, atol=1e-12)
        if not model.kinked:  # autograd does not see the corner
            torch.testing.assert_close(torch.tensor(hessian), second, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("model", [gaussian(), laplace(), student_t(3.0), two_gaussians()], ids=lambda model: model.name)
@pytest.mark.parametrize("shape", ["spike-and-hump", "skewed", "drawn"])
def test_wherever_q_goes_its_nodes_resolve_it(shape, model):
    path = [(2.0 - 0.4 * k, 1.2 - 0.4 * k) for k in range(12)]  # (loc, log scale): 3.3 wide, then ever narrower, down to 0.04
    rows = [[loc, size] if len(model.coordinates) == 2 else [0.2, loc, size, loc + 1, size - 0.3] for loc, size in path]
    for divergence in (DIVERGENCES[name] for name in ("forward", "reverse", "jensen-shannon")):
        problem = Problem(SHAPES[shape], model, divergence)
        if problem.moments:
            continue
        slopes, exact = numpy_slopes(problem), problem.exact_slopes(torch.tensor(rows, dtype=torch.float64))
        for k, row in enumerate(rows):
            value, gradient, hessian = slopes.slopes(row)
            assert value == pytest.approx(float(exact.value[k]), rel=1e-8, abs=1e-9)
            size = 1 + exact.hessian[k].abs().max().item()
            torch.testing.assert_close(torch.tensor(gradient).double(), exact.gradient[k], rtol=1e-7, atol=1e-7 * size)
            torch.testing.assert_close(torch.tensor(hessian), exact.hessian[k], rtol=1e-5, atol=1e-5 * size)


def test_forward_kl_over_gaussians_has_the_slopes_of_the_gaussian_with_the_moments_of_p():
    p, row = SHAPES["unequal-hills"], torch.tensor([[0.7, -0.4]], dtype=torch.float64)
    step = torch.zeros_like(row).requires_grad_()
    q = gaussian().distribution(gaussian().moved(row, step))
    value = kl_divergence(Normal(p.mean, p.variance.sqrt()), q)
    (first,) = torch.autograd.grad(value, step, create_graph=True)
    second = torch.cat([torch.autograd.grad(entry, step, retain_graph=True)[0] for entry in first[0]])
    _, gradient, hessian = numpy_slopes(Problem(p, gaussian(), DIVERGENCES["forward"])).slopes(row[0].tolist())
    assert gradient == pytest.approx(first[0].tolist(), rel=1e-12)
    torch.testing.assert_close(torch.tensor(hessian), second, rtol=1e-12, atol=1e-12)


def test_a_q_that_shrinks_and_moves_keeps_nodes_that_resolve_it_at_every_step():
    problem = Problem(SHAPES["spike-and-hump"], gaussian(), DIVERGENCES["reverse"])
    slopes = numpy_slopes(problem)
    for step in range(60):
        row = [-1.0 + 0.004 * step, -2.0 - 0.03 * step]
        value, gradient = slopes.gradient(row)
        exact = problem.exact_slopes(torch.tensor([row], dtype=torch.float64))
        assert value == pytest.approx(float(exact.value), rel=1e-9)
        assert gradient == pytest.approx(exact.gradient[0].tolist(), rel=1e-8, abs=1e-8)


def test_fisher_is_the_mean_square_of_the_score():
    row = torch.tensor(PLACES[5], dtype=torch.float64)
    model = MODELS["two-gaussians"]
    nodes = TargetNodes(SHAPES["two-hills"]).shared(20)
    step = torch.zeros(len(nodes.x), len(row), dtype=torch.float64).requires_grad_()
    log_q = model.distribution(model.moved(row.expand(step.shape), step)).log_prob(nodes.x)
    (score,) = torch.autograd.grad(log_q.sum(), step)
    mass = nodes.weights * log_q.detach().exp()
    fisher = numpy_slopes(Problem(SHAPES["two-hills"], model, DIVERGENCES["reverse"])).fisher(row.tolist())
    torch.testing.assert_close(torch.tensor(fisher), (mass * score.T) @ score, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("model", [gaussian, laplace, two_gaussians], ids=lambda model: model().name)
def test_a_step_is_measured_in_the_same_units_as_in_torch(model):
    coords = PLACES[len(model().coordinates)]
    assert numpy_model(model()).units(coords) == pytest.approx(model().units(torch.tensor([coords], dtype=torch.float64))[0].tolist())
