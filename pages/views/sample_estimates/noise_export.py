"""Gradient noise and the sampler's mismatch to take along: short programs, and tables as CSV."""

from collections.abc import Sequence

from kl_core.estimates.gradient_noise import NoisyGradients
from kl_core.estimates.mismatch import MismatchErrors

from .export import table
from .noise_frames import SHARES, Samples, noise_of

_WORDS = """import torch
from kl_core.estimates.gradient_noise import action_gradients, between

log_pi = torch.tensor({policy}, dtype=torch.float64)
log_ref = torch.tensor({reference}, dtype=torch.float64)
log_mu = between(log_pi, log_ref, {share:g})  # π at 0, π_ref at 1
noisy = action_gradients(log_pi, log_ref, log_mu)
"""
_SEQUENCES = """import torch
from kl_core.estimates.gradient_noise import sequence_gradients

pi = torch.tensor({policy}, dtype=torch.float64)  # log-odds of a 1 after a 0, and after a 1
ref = torch.tensor({reference}, dtype=torch.float64)
noisy = sequence_gradients(pi, ref, torch.lerp(pi, ref, {share:g}), length={length})
"""
_PRINT = """print("∇KL(π‖π_ref)", noisy.to_reference)
for name, noise in noisy.by_loss.items():
    print(name, noise.mean, f"{{noise.angle(noisy.to_reference):.3g}}° off, sd {{noise.spread({draws}):.3g}}")
"""
_MISMATCH = """import torch
from kl_core.estimates.mismatch import mismatch_errors, mismatched

log_pi = torch.tensor({policy}, dtype=torch.float64)
log_ref = torch.tensor({reference}, dtype=torch.float64)
log_mu = mismatched(log_pi, {size:g}, seed={seed})
found = mismatch_errors(log_pi, log_ref, log_mu, length={length}, cap={cap:g})
print(f"KL(π‖π_ref) = {{found.kl:.6g}} nats")
for weighting, by_estimator in found.errors.items():
    for name, error in by_estimator.items():
        print(f"{{weighting}} {{name}}: bias {{error.bias:.6g}}, sd {{error.sd:.6g}}")
"""


def noise_code(samples: Samples, share: float, draws: int) -> str:
    """Each loss's mean gradient, its angle and its noise, for the policies on screen and one sampler."""
    program = (_SEQUENCES if samples.sequences else _WORDS) + _PRINT
    policy, reference = list(samples.policy), list(samples.reference)
    return program.format(policy=policy, reference=reference, share=share, length=samples.sequences, draws=draws)


def noise_csv(samples: Samples, draws: int) -> str:
    """A row a sampler and loss: the share of the way to π_ref, the mean's two coordinates, the angle in degrees, the sd."""
    frames: list[NoisyGradients] = noise_of(samples)
    rows = [
        [float(share), loss, *noise.mean.tolist(), noise.angle(frame.to_reference), noise.spread(draws)]
        for share, frame in zip(SHARES, frames, strict=True)
        for loss, noise in frame.by_loss.items()
    ]
    return table(["share", "loss", "first", "second", "degrees_off", f"sd_of_{draws}"], rows)


def mismatch_code(policy: Sequence[float], reference: Sequence[float], size: float, length: int, cap: float, seed: int) -> str:
    """Exact bias and sd of every estimator under every weighting, for one error of the sampler's logits."""
    return _MISMATCH.format(policy=list(policy), reference=list(reference), size=size, length=length, cap=cap, seed=seed)


def mismatch_csv(sizes: Sequence[float], curve: Sequence[MismatchErrors]) -> str:
    """A row an error of the logits, weighting and estimator: bias and sd per sequence, nats."""
    rows = [
        [size, errors.mismatch, weighting, name, float(error.bias), float(error.sd)]
        for size, errors in zip(sizes, curve, strict=True)
        for weighting, by_estimator in errors.errors.items()
        for name, error in by_estimator.items()
    ]
    return table(["error", "kl_mu_pi", "weighting", "estimator", "bias", "sd"], rows)
