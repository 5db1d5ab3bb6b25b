"""The small world to take along: a program that finds its optima, and the curves as CSV."""

import csv
import io
from math import isfinite

import torch

from .scene import WorldSettings, frames_of


def penalty_code(settings: WorldSettings, beta: float = 0.7) -> str:
    """A program that prints gold and KL of the best policies at a few β, that on screen among them."""
    shown = ", ".join(sorted({"0.0", "0.1", "2.0", *([f"{beta:.6g}"] if isfinite(beta) else [])}, key=float))
    scale = "" if settings.scale == 1 else f"{settings.scale:g} * "
    return f"""from kl_core.rlhf.policy import optimum, sample
from kl_core.rlhf.language import as_text
from kl_core.rlhf.world import build_world

world = build_world(pairs={settings.pairs}, noise={settings.noise:g}, seed={settings.seed})
betas = [{shown}, float("inf")]
best = optimum(world.chain, {scale}world.proxy, betas)  # π* ∝ π_ref·exp(r/β), exact
found = world.measure(best)
said = sample(world.chain, best, 1).tokens[:, 0].tolist()
for i, beta in enumerate(betas):
    print(f"β = {{beta:g}}: gold {{found.gold[i]:.4f}}, KL {{found.kl[i]:.4f}} nats: {{as_text(world.chain.words, said[i])}}")
"""


def penalty_csv(settings: WorldSettings) -> str:
    """β, then the true reward and the reward model's score in the units that β prices, KL per answer and entropy in nats, of the optimum
    at each."""
    frames = frames_of(settings)
    measures, scale = frames.measures, settings.scale
    counted = "" if scale == 1 else f"_times_{scale:g}"
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["beta", f"true_reward{counted}", f"model_score{counted}", "kl_nats_per_answer", "entropy_nats"])
    writer.writerows(torch.stack([frames.betas, scale * measures.gold, scale * measures.proxy, measures.kl, measures.entropy], -1).tolist())
    return table.getvalue()
