"""The α-divergence, a bridge between the two directions of KL.

Convention of Amari and Minka (Minka 2005, "Divergence measures and message passing", eq. 12):
D_α(p‖q) = (1 − ∫ p^α q^{1−α}) / (α(1 − α)), with D_1 = KL(p‖q) and D_0 = KL(q‖p) as its limits. α = ½ is four times the
squared Hellinger distance.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.distributions import MixtureSameFamily, Normal

from .divergence import kl
from .fitting import fit_forward, fit_reverse
from .gaussian_average import Mixture
from .law import log_density
from .quadrature import panels

__all__ = ["alpha_divergence", "fit_alpha"]

ROUNDS = 400
_EDGES = (-9.0, -6.5, -4.5, -3.0, -1.5, 0.0, 1.5, 3.0, 4.5, 6.5, 9.0)


def alpha_divergence(p: MixtureSameFamily, q: Normal, alpha: float) -> Tensor:
    """D_α(p‖q) in nats for a mixture p and a Gaussian q, batch shape () or (n,) of q; exact KL at α = 0 and 1.

    alpha: in [0, 1]; ValueError otherwise.
    """
    if not 0 <= alpha <= 1:
        raise ValueError(f"alpha must lie in [0, 1], not {alpha}")
    if alpha in (0, 1):
        return kl(p, q) if alpha else kl(q, p)
    x, weight, log_p = _table(p)
    log_q = log_density(q, x)
    # p^α q^{1−α} − αp − (1−α)q integrates to the same and keeps its digits where p and q are close.
    ratio = log_q - log_p
    excess = torch.expm1((1 - alpha) * ratio) - (1 - alpha) * torch.expm1(ratio)
    return -(weight * log_p.exp() * excess).sum(-1) / (alpha * (1 - alpha))


def fit_alpha(target: MixtureSameFamily, alphas: Tensor) -> tuple[Tensor, Tensor]:
    """loc and scale of a Gaussian at which D_α(target‖q) is stationary, for each α in [0, 1]; both (n,).

    Each α starts at the best reverse fit and follows Minka's fixed point, the moments of p^α q^{1−α}, scaled by 1/α so
    that its limit at 0 is natural-gradient descent on KL(q‖target); all α at once. So the path begins at the reverse
    fit, and where its valley ends it falls to the next.
    """
    if not bool(((alphas >= 0) & (alphas <= 1)).all()):
        raise ValueError("alphas must lie in [0, 1]")
    x, weight, log_p = _table(target)
    best, widest = fit_reverse(target)[0], fit_forward(target)
    loc, log_scale = (one.expand(len(alphas)).clone() for one in (best.loc, best.scale.log()))
    power = alphas.double().clamp_min(1e-3)[:, None]
    for _ in range(ROUNDS):
        z = (x - loc[:, None]) / log_scale.exp()[:, None]
        tilted = power * log_p + (1 - power) * (-0.5 * z * z) + weight.log()
        share = tilted.softmax(-1)
        mean = (share * x).sum(-1)
        variance = (share * (x - mean[:, None]) ** 2).sum(-1)
        rate = 0.6 / power[:, 0]
        scale = log_scale.exp()
        loc = loc + (rate * (mean - loc)).clamp(-0.3 * scale, 0.3 * scale)
        log_scale = log_scale + (rate * 0.5 * (variance / scale**2 - 1)).clamp(-0.2, 0.2)
    scale = log_scale.exp()
    at_zero, at_one = alphas == 0, alphas == 1
    loc = torch.where(at_zero, best.loc, torch.where(at_one, widest.loc, loc))
    return loc, torch.where(at_zero, best.scale, torch.where(at_one, widest.scale, scale))


def _table(target: MixtureSameFamily) -> tuple[Tensor, Tensor, Tensor]:
    """x, quadrature weights and log p wherever the target, or a Gaussian fitted to it, has mass."""
    mixture, moment = Mixture.of(target), fit_forward(target)
    own = torch.tensor(_EDGES, dtype=torch.float64)
    each = mixture.loc[:, None] + mixture.scale[:, None] * own
    wide = moment.loc + moment.scale * own
    low, high = min(each.min(), wide.min()), max(each.max(), wide.max())
    edges = torch.cat([each.flatten(), wide, mixture.cuts.clamp(low, high)]).sort().values
    x, weight = panels(edges)
    kept = weight > 0
    x, weight = x[kept], weight[kept]
    return x, weight, log_density(target, x)
