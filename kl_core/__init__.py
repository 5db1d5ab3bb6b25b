"""KL divergence between distributions, exact where usual code loses its digits.

    >>> import torch
    >>> from kl_core import FAMILIES, kl, kl_from_probs
    >>> p = FAMILIES["normal"].distribution(loc=0.0, scale=1.0)
    >>> q = FAMILIES["student_t"].distribution(df=3.0, loc=0.0, scale=1.0)
    >>> kl(p, q)                                      # KL(P‖Q), nats; any two torch distributions of the families
    >>> kl_from_probs(torch.tensor([0.3, 0.5, 0.2]), torch.tensor([0.35, 0.4, 0.25]))

P is what the expectation is under: kl(p, q) = KL(P‖Q) = E_P[log p − log q], in nats. Infinity is an answer, decided
from supports and tails. Nothing is clipped. This package knows no screen; it imports torch, numpy and scipy only.

Where things are. `divergence`, `relatives`, `renyi` and `comparison` are questions to a `pair`, which takes a registered
closed form or sums over a table of nodes (`table/`, `infinite`, `crossings`, `quadrature`). What is known of a distribution is its
`law`: one file each in `families/`, which menus show, and `laws/`, which they do not. `probabilities` and `logits` are for
vectors. `exact`, `rounding` and `gamma_functions` keep the digits. The rest is what KL is used for: fits (`fitting`,
`landscape`, `basins`, `descent`, `alpha`), estimates (`estimators`, `token_kl`, `empirical`), RLHF (`world`, `policy`, `training`),
distillation (`distillation`, `students`) and VAEs (`vae`, `vae_training`); `published` holds all of it to its sources.
"""

from .comparison import Comparison, compare
from .divergence import KLReport, kl, kl_from_logits, kl_from_probs, kl_report, kl_terms, register_closed_form
from .divergences import cross_entropy, entropy, hellinger, jensen_shannon, total_variation
from .families import FAMILIES, Family, Parameter
from .families.gaussian_mixture import gaussian_mixture
from .families.logistic import Logistic
from .pair import Pair
from .renyi import alpha_divergence, renyi

__all__ = [
    "Comparison",
    "FAMILIES",
    "Family",
    "KLReport",
    "Logistic",
    "Pair",
    "Parameter",
    "alpha_divergence",
    "compare",
    "cross_entropy",
    "entropy",
    "gaussian_mixture",
    "hellinger",
    "jensen_shannon",
    "kl",
    "kl_from_logits",
    "kl_from_probs",
    "kl_report",
    "kl_terms",
    "register_closed_form",
    "renyi",
    "total_variation",
]
