"""All methods on one picture: no run passes the frontier, limits are reached, and paths end where theory says."""

import math

import pytest
import torch
from scipy.optimize import brentq

from kl_core.rlhf.frontier import FRONTIER_METHODS, frontier, method_run, shortfall
from kl_core.rlhf.levels import reward_levels
from kl_core.rlhf.paths import PATH_METHODS, best_place, method_path, objective_landscape, objective_profile, optimum_end, path_end
from kl_core.rlhf.preferences import dpo_limit, preference_margin
from kl_core.rlhf.single_step import optimum_from_reference, optimum_to_reference
from kl_core.rlhf.world import build_world

WORLD = build_world()
CURVES = frontier(WORLD, reward_levels(WORLD), ns=(1, 4, 64, 4096), chi_betas=(0.1, 1.0))
REFERENCE, REWARD, BETA = (0.6, 0.3, 0.1), (0.2, 1.0, 1.5), 0.5


@pytest.mark.parametrize("method", FRONTIER_METHODS)
def test_no_run_passes_the_frontier_and_each_moves_from_the_reference(method):
    run = list(method_run(WORLD, method, steps=12, learning_rate=0.1, pairs=300))
    assert len(run) == 13 and run[0].kl == pytest.approx(0, abs=1e-12) and run[-1].kl > 0.05
    for step in run[2::5]:
        assert shortfall(WORLD, step.kl, step.proxy) > -1e-9


def test_the_optimum_lies_on_the_frontier_and_best_of_n_and_chi_po_below_it():
    assert shortfall(WORLD, float(CURVES.optimum.kl[40]), float(CURVES.optimum.proxy[40])) == pytest.approx(0, abs=1e-5)
    for curve in (CURVES.best_of_n, CURVES.chi_po):
        for kl, proxy in zip(curve.kl[1:].tolist(), curve.proxy[1:].tolist(), strict=True):
            assert shortfall(WORLD, kl, proxy) > 0
    assert bool((CURVES.best_of_n.kl <= CURVES.bound + 1e-10).all()) and bool((CURVES.win_rate <= CURVES.most_wins + 1e-12).all())


def end(method: str, learning_rate: float = 0.3) -> torch.Tensor:
    log_reference = torch.tensor(REFERENCE, dtype=torch.float64).log()
    shift = method_path(REFERENCE, REWARD, BETA, method, 3000, learning_rate)[-1]
    return (log_reference + torch.cat([shift, shift.new_zeros(1)])).softmax(-1)


def test_paths_end_where_each_methods_optimum_is():
    log_reference, reward = torch.tensor(REFERENCE, dtype=torch.float64).log(), torch.tensor(REWARD, dtype=torch.float64)
    best = optimum_to_reference(log_reference, reward, BETA).exp()
    for method in ("policy_gradient", "natural_gradient"):
        assert torch.allclose(end(method), best, atol=1e-6)
    assert torch.allclose(end("dpo", 6.0), best, atol=1e-4)
    assert torch.allclose(end("forward_kl"), optimum_from_reference(log_reference, reward, BETA).exp(), atol=1e-6)
    assert float(end("dr_grpo")[2]) > 0.95  # no penalty: all of it on the best answer
    assert float(end("chi_po", 3.0)[2]) < float(best[2])
    assert not torch.allclose(end("grpo"), best, atol=0.02)


@pytest.mark.parametrize("reward", [(0.2, 1.0, 1.5), (1.5, 0.2, 1.0), (0.2, 1.5, 1.0)], ids=["third best", "first best", "second best"])
def test_dpo_without_the_best_answer_in_its_pairs_ends_in_the_limit_of_what_is_covered(reward):
    best = best_place(torch.tensor(reward))
    assert best == reward.index(max(reward))
    log_reference = torch.tensor(REFERENCE, dtype=torch.float64).log()
    limit = dpo_limit(log_reference, torch.tensor(reward, dtype=torch.float64), BETA, [place for place in range(3) if place != best])
    path = method_path(REFERENCE, reward, BETA, "dpo_missing", 3000, 3.0)
    assert torch.allclose(path_end(REFERENCE, reward, BETA, path[-1]).log_policy, limit, atol=1e-4)


def test_the_end_of_a_path_is_worth_what_enumeration_says():
    best = path_end(REFERENCE, REWARD, BETA, objective_landscape(REFERENCE, REWARD, BETA).best)
    policy = best.log_policy.exp().tolist()
    kl = sum(p * math.log(p / q) for p, q in zip(policy, REFERENCE, strict=True))
    assert best.kl == pytest.approx(kl, rel=1e-12) and best.reward == pytest.approx(sum(p * r for p, r in zip(policy, REWARD, strict=True)))
    assert best.objective == pytest.approx(BETA * math.log(sum(q * math.exp(r / BETA) for q, r in zip(REFERENCE, REWARD, strict=True))))


def test_the_natural_gradient_goes_straight_in_the_logits():
    path = method_path(REFERENCE, REWARD, BETA, "natural_gradient", 50, 0.1)
    direction = path[-1] / path[-1].norm()
    across = path[:, 0] * direction[1] - path[:, 1] * direction[0]
    assert float(across.abs().max()) < 1e-12


def test_the_landscape_is_greatest_at_the_optimum():
    land = objective_landscape(REFERENCE, REWARD, BETA, 201)
    row, column = divmod(int(land.value.argmax()), 201)
    step = float(land.first[1] - land.first[0])
    assert abs(float(land.first[column] - land.best[0])) <= step and abs(float(land.second[row] - land.best[1])) <= step
    reward = torch.tensor(REWARD, dtype=torch.float64)
    assert float(land.value[100, 100]) == pytest.approx(float(torch.tensor(REFERENCE, dtype=torch.float64) @ reward))


TWO = (0.8, 0.2)


def share_of_second(method: str, lead: float, steps: int = 4000, learning_rate: float = 0.3) -> float:
    """π of the second of two answers where a path ends."""
    shift = float(method_path(TWO, (0.0, lead), BETA, method, steps, learning_rate)[-1])
    return 1 / (1 + TWO[0] / TWO[1] * math.exp(shift))


def test_with_two_answers_each_method_ends_where_its_own_equation_says():
    odds = TWO[1] / TWO[0] * math.exp(1 / BETA)
    for method, rate in (("policy_gradient", 0.3), ("natural_gradient", 0.3), ("dpo", 3.0)):
        assert share_of_second(method, 1.0, learning_rate=rate) == pytest.approx(odds / (1 + odds), abs=1e-4)
    assert share_of_second("dr_grpo", 1.0) > 0.99
    assert share_of_second("dpo_missing", 1.0, steps=50) == pytest.approx(TWO[1], abs=1e-12)  # no pair is left to learn from
    # ρ + log ρ of both answers differ by the rewards over β.
    chi = share_of_second("chi_po", 1.0, learning_rate=3.0)
    implied = [share / reference + math.log(share / reference) for share, reference in zip((1 - chi, chi), TWO, strict=True)]
    assert implied[1] - implied[0] == pytest.approx(1 / BETA, abs=1e-3)


@pytest.mark.parametrize("method", ["dpo", "dpo_missing", "chi_po"])
def test_a_step_on_pairs_goes_down_the_mean_loss_as_autograd_finds_it(method):
    log_reference, reward = torch.tensor(REFERENCE, dtype=torch.float64).log(), torch.tensor(REWARD, dtype=torch.float64)
    path = method_path(REFERENCE, REWARD, BETA, method, 40, 1.0)
    logits = (log_reference + torch.cat([path[-2], path.new_zeros(1)])).requires_grad_()
    margin = preference_margin(logits.log_softmax(-1) - log_reference, BETA, method.removesuffix("_missing"))
    drawn = log_reference.exp() * torch.tensor([1.0, 1.0, 0.0 if method == "dpo_missing" else 1.0])
    pairs = drawn.outer(drawn) / drawn.sum() ** 2 * torch.sigmoid(reward.unsqueeze(-1) - reward)
    (gradient,) = torch.autograd.grad((pairs * torch.nn.functional.logsigmoid(margin.unsqueeze(-1) - margin)).sum(), logits)
    assert torch.allclose(path[-1] - path[-2], gradient[:2] - gradient[2], rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("lead", [0.1, 1.0, 3.0])
def test_grpo_does_not_see_by_how_much_the_better_of_two_answers_is_better(lead):
    end = brentq(lambda share: math.sqrt(share * (1 - share)) + BETA * (TWO[1] - share), TWO[1], 1)
    assert share_of_second("grpo", lead) == pytest.approx(end, abs=1e-4)


def test_the_profile_of_two_answers_is_greatest_at_the_optimum_and_worth_what_enumeration_says():
    profile = objective_profile(TWO, (0.0, 1.0), BETA, 1001)
    assert float(profile.share[profile.value.argmax()]) == pytest.approx(profile.best, abs=1e-3)
    assert float(profile.value.max()) == pytest.approx(optimum_end(TWO, (0.0, 1.0), BETA).objective, abs=1e-6)
    assert optimum_end(TWO, (0.0, 1.0), BETA).objective == pytest.approx(BETA * math.log(0.8 + 0.2 * math.exp(1 / BETA)), rel=1e-12)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("two answers", lambda: objective_profile(REFERENCE, REWARD, 1.0)),
        ("two or three", lambda: method_path((1.0,), (1.0,), 1.0, "dpo")),
        ("method", lambda: method_run(WORLD, "ipo")),
        ("method", lambda: method_path(REFERENCE, REWARD, BETA, "ipo")),
        ("three answers", lambda: objective_landscape((0.5, 0.5), (0, 1), 1.0)),
        ("beta", lambda: objective_landscape(REFERENCE, REWARD, 0.0)),
        ("weights", lambda: objective_landscape((0.5, 0.5, 0.0), REWARD, 1.0)),
    ],
)
def test_bad_arguments_are_named(name, call):
    with pytest.raises(ValueError, match=name):
        call()


def test_every_path_begins_at_the_reference():
    assert all(method_path(REFERENCE, REWARD, BETA, method, 2)[0].tolist() == [0, 0] for method in PATH_METHODS)


def test_the_landscape_reaches_two_fifths_beyond_the_farther_optimum():
    land = objective_landscape((0.6, 0.3, 0.1), (0.2, 1.0, 1.5), 0.2)
    farthest = max(float(land.best.abs().max()), float(land.best_forward.abs().max()))
    assert float(land.first[-1]) == pytest.approx(1.4 * max(farthest, 1.0)) and float(land.first[0]) == -float(land.first[-1])
