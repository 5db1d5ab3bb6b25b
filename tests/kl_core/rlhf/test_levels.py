"""The whole distribution of the reward: against every answer written out, the dynamic programme, and published bounds."""

import itertools
import math

import pytest
import torch
from scipy.optimize import minimize

from kl_core.rlhf.levels import Levels, best_of_many, chi_tilted, reward_levels, tilted, win_rate
from kl_core.rlhf.overoptimisation import sample_best_of_n
from kl_core.rlhf.policy import reference
from kl_core.rlhf.reward import word_counts
from kl_core.rlhf.single_step import best_of_n, best_of_n_bound
from kl_core.rlhf.world import betas, build_world
from tests.kl_core.rlhf.test_language import every_path

WORLD = build_world()
LEVELS = reward_levels(WORLD)
SMALL = Levels(*(torch.tensor(one, dtype=torch.float64) for one in ([-1.0, 0.0, 0.5, 2.0], [0.3, 0.4, 0.2, 0.1], [0.0, 1.0, 2.0, -1.0])))


def test_the_levels_of_a_short_world_are_those_of_every_answer_written_out():
    world = build_world(length=7)
    levels = reward_levels(world)
    said, log_p = zip(*every_path(world.chain), strict=True)
    counts = word_counts(world.chain, torch.tensor(said))
    probs = torch.tensor(log_p, dtype=torch.float64).exp()
    proxy = counts @ world.model.weights - world.model.offset
    gold = world.gold.of_counts(world.chain, counts)
    assert float(levels.mass.sum()) == pytest.approx(1, rel=1e-12)
    for power in (1, 2, 3):
        assert float(levels.mass @ levels.reward**power) == pytest.approx(float(probs @ proxy**power), rel=1e-9, abs=1e-11)
    for weight in (lambda r: 1 + 0 * r, lambda r: r, torch.exp):
        assert float(levels.mass @ (weight(levels.reward) * levels.gold)) == pytest.approx(float(probs @ (weight(proxy) * gold)), rel=1e-9)
    assert len(levels.reward) == len((proxy * 1e8).round().unique())


def test_the_reward_rises_from_level_to_level_and_its_mean_is_the_references():
    plain = WORLD.measure(reference(WORLD.chain))
    assert bool((torch.diff(LEVELS.reward) > 0).all())
    assert float(LEVELS.mass @ LEVELS.gold) == pytest.approx(float(plain.gold), rel=1e-11)
    assert float(LEVELS.mass @ LEVELS.reward.square()) == pytest.approx(float(plain.proxy_variance), rel=1e-10)


def test_the_tilted_reference_is_what_the_dynamic_programme_finds():
    grid = betas(9, 0.1, 10.0)[1:-1]
    by_levels, exact = tilted(LEVELS, grid.tolist()), WORLD.measure(WORLD.optimum(grid))
    for name in ("proxy", "gold", "kl"):
        assert torch.allclose(getattr(by_levels, name), getattr(exact, name), rtol=1e-8, atol=1e-9)


def test_best_of_n_is_that_of_every_draw():
    for n in (1, 2, 3):
        won = torch.zeros(4, dtype=torch.float64)
        for draw in itertools.product(range(4), repeat=n):
            won[max(draw)] += math.prod(float(SMALL.mass[i]) for i in draw)
        best = best_of_many(SMALL, [n])
        assert float(best.kl) == pytest.approx(float((won * (won / SMALL.mass).log()).sum()), rel=1e-12, abs=1e-15)
        assert float(best.proxy) == pytest.approx(float(won @ SMALL.reward)) and float(best.gold) == pytest.approx(float(won @ SMALL.gold))
        against = sum(won[i] * SMALL.mass[j] * (1.0 if i > j else 0.5 if i == j else 0.0) for i in range(4) for j in range(4))
        assert float(win_rate(SMALL, [n])) == pytest.approx(float(against), rel=1e-12)


def test_best_of_n_agrees_with_the_one_for_a_few_actions_and_with_samples_of_the_world():
    assert float(best_of_many(SMALL, [5]).kl) == pytest.approx(float(best_of_n(SMALL.mass.log(), SMALL.reward, 5).kl), rel=1e-12)
    sampled = sample_best_of_n(WORLD, [2, 16], samples=10_000)
    exact = best_of_many(LEVELS, [2, 16])
    assert bool(((sampled.proxy - exact.proxy).abs() < 4 * sampled.proxy_error).all())
    assert bool(((sampled.gold - exact.gold).abs() < 4 * sampled.gold_error).all())


def test_best_of_n_costs_less_than_the_bound_wins_less_than_n_of_n_plus_1_and_never_beats_the_frontier():
    ns = [1, 2, 4, 16, 256, 1e4, 1e6]
    n = torch.tensor(ns, dtype=torch.float64)
    best = best_of_many(LEVELS, ns)
    assert bool((best.kl <= best_of_n_bound(n) + 1e-10).all())
    assert float(best_of_n_bound(1e6) - best.kl[-1]) > 0.1  # with so many draws ties tell: the best answer is drawn twice
    assert bool((win_rate(LEVELS, ns) <= n / (n + 1) + 1e-12).all())
    frontier = WORLD.measure(WORLD.optimum(betas(300, 0.05, 1e3)))
    for kl, proxy in zip(best.kl[1:-1], best.proxy[1:-1], strict=True):
        assert float(proxy) <= float(frontier.proxy[frontier.kl >= kl].min()) + 1e-9


def test_chi_po_tends_to_the_optimum_with_chi_squared_beside_kl():
    beta = 0.4

    def loss(z):
        q = torch.tensor(z, dtype=torch.float64).softmax(0)
        rho = q / SMALL.mass
        return float(-(q @ SMALL.reward) + beta * (q @ rho.log()) + beta / 2 * (SMALL.mass @ (rho - 1) ** 2))

    z = minimize(loss, SMALL.mass.log().numpy(), method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-14, "maxiter": 20_000}).x
    q = torch.tensor(z, dtype=torch.float64).softmax(0)
    measures = chi_tilted(SMALL, [beta])
    assert float(measures.proxy) == pytest.approx(float(q @ SMALL.reward), abs=1e-6)
    assert float(measures.kl) == pytest.approx(float(q @ (q / SMALL.mass).log()), abs=1e-6)


def test_chi_po_stays_nearer_to_the_reference_than_dpo_at_the_same_beta():
    chi, plain = chi_tilted(SMALL, [0.2, 0.5, 2.0]), tilted(SMALL, [0.2, 0.5, 2.0])
    assert bool((chi.kl < plain.kl).all()) and bool((chi.proxy < plain.proxy).all())


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("ns is", lambda: best_of_many(SMALL, [0.5])),
        ("betas is", lambda: tilted(SMALL, [0.0])),
        ("smoothing", lambda: reward_levels(build_world(smoothing=0.1))),
    ],
)
def test_bad_arguments_are_named(name, call):
    with pytest.raises(ValueError, match=name):
        call()
