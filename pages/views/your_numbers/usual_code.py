"""What the usual calls say of the same numbers, where they lose digits; run on these very numbers."""

import warnings

import numpy as np
import scipy.stats
import torch.nn.functional as F
from torch import Tensor
from torch.distributions import Categorical, kl_divergence

from ...shared.style import number
from .result import BothKL

WRONG_FROM = 1e-3
"""Relative error at which a digit that one reads is wrong."""


def usual_code_warnings(p: Tensor, q: Tensor, kl: BothKL, logits: tuple[Tensor, Tensor] | None = None) -> list[str]:
    """A sentence for what would have gone wrong, or none. p, q: normalised, float64."""
    wrong = [f"{name} says {number(value)}" for name, value in _said(p, q, logits).items() if _is_wrong(value, kl.pq)]
    if not wrong:
        return []
    return [f"Library calls go wrong on these numbers: KL(P‖Q) is {number(kl.pq)} nats, and " + "; ".join(wrong) + "."]


def _is_wrong(value: float, right: float) -> bool:
    if value != value:
        return True
    if abs(right) == float("inf"):
        return value != right
    return abs(value - right) > WRONG_FROM * right


def _said(p: Tensor, q: Tensor, logits: tuple[Tensor, Tensor] | None) -> dict[str, float]:
    """KL(P‖Q) by each of the usual calls, as their manuals say to call them."""
    p32, q32 = p.float(), q.float()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        said = {
            "F.kl_div(q.log(), p, reduction='sum') in float32": float(F.kl_div(q32.log(), p32, reduction="sum")),
            "the sum p·log(p/q) in float32": float((p32 * (p32 / q32).log()).sum()),
            "F.kl_div in float64": float(F.kl_div(q.log(), p, reduction="sum")),
            "scipy.stats.entropy(p, q)": float(scipy.stats.entropy(p.numpy(), q.numpy())),
        }
        made = {"logits": logits} if logits else {"probs": (p, q)}
        for name, (one, two) in made.items():
            ways = (Categorical(**{name: each.float()}, validate_args=False) for each in (one, two))
            said[f"kl_divergence(Categorical({name}=…)) in float32"] = float(kl_divergence(*ways))
    return said


def mean_by_kl_div(z_p: Tensor, z_q: Tensor) -> float:
    """What F.kl_div makes of rows of logits with the reduction that is called "mean"; torch itself warns of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(F.kl_div(z_q.log_softmax(-1), z_p.log_softmax(-1), reduction="mean", log_target=True))
