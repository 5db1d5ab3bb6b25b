"""Dirichlet: a vector of probabilities that is itself uncertain."""

from __future__ import annotations

from torch import Tensor
from torch.distributions import Dirichlet

from ..exact import digamma_bregman, kl_term
from ..registry import register_closed_form


@register_closed_form(Dirichlet, Dirichlet)
def kl_dirichlet_dirichlet(p: Dirichlet, q: Dirichlet) -> Tensor:
    """n_q·KL(a_q/n_q‖a_p/n_p) + Σ R(a‖·) − R(n‖·), n = Σa; R as in `digamma_bregman`, as for two Betas."""
    a_p, a_q = p.concentration.double(), q.concentration.double()
    n_p, n_q = a_p.sum(-1, keepdim=True), a_q.sum(-1, keepdim=True)
    d = a_q - a_p
    d_n = d.sum(-1, keepdim=True)
    gap = d / n_q - a_p / n_p * (d_n / n_q)  # a_q/n_q − a_p/n_p, exact for neighbours
    means = n_q.squeeze(-1) * kl_term(a_q / n_q, a_p / n_p, gap).sum(-1)
    return means + digamma_bregman(a_q, a_p, d).sum(-1) - digamma_bregman(n_q, n_p, d_n).squeeze(-1)
