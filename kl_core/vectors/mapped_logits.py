"""KL between softmaxes and its slopes in torch's own operations: for torch.func (vmap, grad, jvp), forward mode and second derivatives.

`logits` has the fast form.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..numerics.exact import exp_excess
from ..numerics.values import holds

__all__ = ["kl_of_mapped_softmaxes", "checked_top", "differentiable_slopes"]


def checked_top(z: Tensor, name: str) -> Tensor:
    """The greatest logit of each row, (..., 1); ValueError for what is no logit, where values can be read."""
    top = z.amax(-1, keepdim=True)
    if not holds(top < torch.inf):
        raise ValueError(f"{name} has an entry that is NaN or +inf; logits are finite, or −inf for a masked class")
    if not holds(top > -torch.inf):
        raise ValueError(f"{name} masks every class: all its entries are −inf")
    return top


def kl_of_mapped_softmaxes(z_p: Tensor, z_q: Tensor) -> Tensor:
    """KL(softmax(z_p)‖softmax(z_q)) in nats; z_p, z_q: (..., k), float64, of one shape. No step depends on a value.

    Among the classes of P's that Q has, log(1 + E_P[e^x − 1 − x]) or, where e^x may be no float, logsumexp(log p + x); then
    log(1 + Q's mass elsewhere over that among them). Under vmap a row that is no logits is NaN.
    """
    no_logits = ~((checked_top(z_p, "z_p").abs() < torch.inf) & (checked_top(z_q, "z_q").abs() < torch.inf)).squeeze(-1)
    in_p, in_q = z_p != -torch.inf, z_q != -torch.inf  # NaN stays NaN
    infinite = (in_p & ~in_q).any(-1, keepdim=True)
    own = torch.where(infinite, 0.0, torch.where(in_p, z_p, -torch.inf))
    others = torch.where(infinite, 0.0, z_q)
    live = own != -torch.inf
    log_p = own.log_softmax(-1)
    p = log_p.exp()
    d = torch.where(live, others - torch.where(live, own, 0.0), 0.0)
    x = torch.where(live, d - (p * d).sum(-1, keepdim=True), 0.0)
    far = x.amax(-1, keepdim=True) > 50
    near = (p * exp_excess(torch.where(far, 0.0, x))).sum(-1).log1p()
    value = torch.where(far.squeeze(-1), torch.where(live, log_p + x, -torch.inf).logsumexp(-1), near)
    within = torch.where(live, others, -torch.inf).logsumexp(-1, keepdim=True)
    value = value + _log_of_1_and(torch.where(live, -torch.inf, others - within))
    return torch.where(no_logits, torch.nan, torch.where(infinite.squeeze(-1), torch.inf, value))


def _log_of_1_and(y: Tensor) -> Tensor:
    """log(1 + Σ e^y) over the last axis, where e^y may be no float, and where it is far below 1."""
    top = y.detach().amax(-1).clamp_min(0.0)
    rest = (y - top.unsqueeze(-1)).exp().sum(-1)
    large = top > 0
    return top + torch.where(large, torch.where(large, rest + (-top).exp(), 1.0).log(), torch.where(large, 0.0, rest).log1p())


def differentiable_slopes(z_p: Tensor, z_q: Tensor) -> tuple[Tensor, Tensor]:
    """Both gradients in operations that autograd follows; 0 at a masked class."""
    live = (z_p > -torch.inf) & (z_q > -torch.inf)
    log_p, log_q = (z.double().log_softmax(-1) for z in (z_p, z_q))
    p, q = log_p.exp(), log_q.exp()
    ratio = torch.where(live, log_p, 0.0) - torch.where(live, log_q, 0.0)
    return p * (ratio - (p * ratio).sum(-1, keepdim=True)), q - p
