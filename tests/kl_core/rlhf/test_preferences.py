"""DPO and χPO: against the exact optimum, against gradient descent on the expected loss, and against their definitions."""

import math

import pytest
import torch
import torch.nn.functional as F

from kl_core.rlhf.preferences import PreferenceSettings, PreferenceTraining, dpo_limit, preference_margin
from kl_core.rlhf.single_step import optimum_to_reference
from kl_core.rlhf.world import build_world

WORLD = build_world()
LOG_REF = torch.tensor([0.4, 0.3, 0.2, 0.1], dtype=torch.float64).log()
REWARD = torch.tensor([0.0, 1.0, 0.5, 2.0], dtype=torch.float64)


def by_descent(beta: float, covered: list[int], method: str = "dpo") -> torch.Tensor:
    """Plain gradient descent from π_ref on DPO's expected loss over all pairs of covered answers."""
    z = LOG_REF.clone().requires_grad_()
    optimiser = torch.optim.SGD([z], lr=4.0)
    pairs = torch.tensor([(i, j) for i in covered for j in covered if i != j])
    likely = torch.sigmoid(REWARD[pairs[:, 0]] - REWARD[pairs[:, 1]])
    for _ in range(1500):
        margin = preference_margin(z.log_softmax(-1) - LOG_REF, beta, method)
        loss = -(likely * F.logsigmoid(margin[pairs[:, 0]] - margin[pairs[:, 1]])).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return z.detach().log_softmax(-1)


@pytest.mark.parametrize("covered", [[0, 1, 2, 3], [0, 1, 2], [0, 3]])
def test_the_limit_of_dpo_is_where_gradient_descent_on_its_expected_loss_ends(covered):
    assert torch.allclose(dpo_limit(LOG_REF, REWARD, 0.5, covered), by_descent(0.5, covered), atol=1e-6)


def test_with_full_coverage_it_is_the_exact_optimum_and_with_a_missing_answer_it_is_not():
    best = optimum_to_reference(LOG_REF, REWARD, 0.5)
    assert torch.allclose(dpo_limit(LOG_REF, REWARD, 0.5), best, atol=1e-14)
    missing = dpo_limit(LOG_REF, REWARD, 0.5, [0, 1, 2]).exp()
    assert float(missing[3]) < 0.3 < 0.6 < float(best[3].exp())  # the best answer was in no pair
    assert torch.allclose(missing[:3] / missing[:3].sum(), best[:3].softmax(0), atol=1e-14)  # the others are right among themselves


def test_chi_po_with_full_coverage_tends_to_the_limit_of_its_two_divergences():
    policy = by_descent(1.0, [0, 1, 2, 3], "chi_po").exp()
    rho = policy / LOG_REF.exp()
    multiplier = REWARD - (rho + rho.log())  # stationary: one and the same for every answer
    assert float(multiplier.max() - multiplier.min()) < 1e-6


def test_dpo_trained_from_pairs_nears_the_exact_optimum_as_the_pairs_become_many():
    best = WORLD.optimum(torch.tensor([0.7], dtype=torch.float64))
    missing = []
    for pairs in (1000, 8000):
        *_, last = PreferenceTraining(WORLD, PreferenceSettings(pairs=pairs, steps=80))
        missing.append(float(best.objective) - last.objective)
    assert 0 < missing[1] < 0.5 * missing[0]


def test_chi_po_moves_less_far_than_dpo_from_the_same_few_pairs():
    runs = {method: list(PreferenceTraining(WORLD, PreferenceSettings(method, pairs=100, steps=100))) for method in ("dpo", "chi_po")}
    assert runs["chi_po"][-1].kl < runs["dpo"][-1].kl and all(run[0].kl == pytest.approx(0, abs=1e-12) for run in runs.values())
    again = list(PreferenceTraining(WORLD, PreferenceSettings("chi_po", pairs=100, steps=5)))
    assert [one.proxy for one in again] == [one.proxy for one in runs["chi_po"][:6]]


def test_the_loss_of_the_reference_is_log_2():
    assert float(PreferenceTraining(WORLD, PreferenceSettings(pairs=10)).loss().detach()) == pytest.approx(math.log(2), rel=1e-12)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("method", lambda: PreferenceSettings("ipo")),
        ("beta", lambda: PreferenceSettings(beta=0.0)),
        ("pairs", lambda: PreferenceSettings(pairs=0)),
        ("beta", lambda: dpo_limit(LOG_REF, REWARD, 0.0)),
        ("covered", lambda: dpo_limit(LOG_REF, REWARD, 1.0, [2])),
    ],
)
def test_bad_arguments_are_named(name, call):
    with pytest.raises(ValueError, match=f"{name} (is|has)"):
        call()
