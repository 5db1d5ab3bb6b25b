"""The small world of the KL penalty: its optima, its samples and its training, with how far each is from exact."""

import time
from collections.abc import Iterator

import torch

from bench.rows import Row, alternately, subject
from kl_core.rlhf.overoptimisation import sample_best_of_n
from kl_core.rlhf.policy import sample
from kl_core.rlhf.training import Training
from kl_core.rlhf.world import betas, build_world

SAMPLES = 20_000  # answers: what one would sample for a curve, if nothing were exact


def _milliseconds(call) -> float:
    return 1e3 * alternately(call, lambda: None, rounds=5)[0]


@subject
def policy() -> Iterator[Row]:
    torch.set_num_threads(1)
    world, beta = build_world(), betas()
    best = world.optimum(beta)
    yield Row("build the world", _milliseconds(build_world), "ms", limit=500)
    yield Row("optimum, 65 β", _milliseconds(lambda: world.optimum(beta)), "ms", limit=500)
    yield Row(
        "reward, gold, KL and entropy, 65 β, exact",
        _milliseconds(lambda: world.measure(best)),
        "ms",
        _milliseconds(lambda: _sampled(world)),
        f"{SAMPLES} samples of one β",
        limit=600,
    )
    yield Row("12 sentences at each of 65 β", _milliseconds(lambda: sample(world.chain, best, 12)), "ms", limit=100)
    yield Row("gold itself as the reward, 9 β", _milliseconds(lambda: world.gold_optimum(beta[::8])), "ms")
    yield Row("best of 1, 2, 4 … 128, sampled", _milliseconds(lambda: sample_best_of_n(world, [2**k for k in range(8)])), "ms")
    for method in ("reinforce", "ppo", "grpo"):
        start = time.perf_counter()
        (*_, last) = Training(world, method=method, beta=0.7)
        optimal = float(world.optimum(0.7).objective)
        yield Row(
            f"train 200 steps of {method}",
            time.perf_counter() - start,
            "s",
            limit=5,
            note=f"objective {last.objective:.3f} of {optimal:.3f}",
        )


def _sampled(world) -> torch.Tensor:
    best = world.optimum(0.7)
    return sample(world.chain, best, SAMPLES).tokens
