"""KL divergence between distributions, exact where usual code loses its digits.

    >>> import torch
    >>> from kl_core import FAMILIES, kl, kl_from_probs
    >>> p = FAMILIES["normal"].distribution(loc=0.0, scale=1.0)
    >>> q = FAMILIES["student_t"].distribution(df=3.0, loc=0.0, scale=1.0)
    >>> print(f"{kl(p, q):.4f}")  # KL(P‖Q) in nats; p and q are torch distributions
    0.0692
    >>> print(f"{kl_from_probs(torch.tensor([0.3, 0.5, 0.2]), torch.tensor([0.35, 0.4, 0.25])):.4f}")
    0.0207

kl(p, q) = KL(P‖Q) = E_P[log p − log q], in nats: the expectation is under P. Infinity is an answer, decided from supports
and tails. Nothing is clipped. The package imports torch, numpy and scipy only, and nothing of a screen.

Where things are:

- `divergence`, `divergences`, `renyi`, `reports`, `entropy_reports` and `comparison` ask a `pair` of distributions; `registry` has
  the closed forms, `infinite` decides where KL is ∞, `crossings` finds where p = q, `density` is what an integrator needs of a
  distribution.
- `families/` are the distributions with menus, `densities/` the others; `nodes/` are the quadrature nodes of a pair.
- `joint_normals` has the closed forms of multivariate Normals against independent parts and low ranks.
- `vectors/` is for vectors of probabilities and of logits. `numerics/` keeps the digits of everything above.
- `fits/`: one Gaussian fitted to a mixture in both directions. `estimates/`: KL from samples. `rlhf/`: the KL penalty of a
  policy. `distilling/`: soft targets and students. `vaes/`: the KL term of a latent space. `data/`: the digits, the corpus
  and trained weights. `published/` compares all of it with published numbers.

The functions of those last rooms that stand in `__all__` are imported when they are first asked for, so that
`import kl_core` loads no network and no corpus.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from . import joint_normals  # noqa: F401  it registers closed forms
from .comparison import Comparison, compare
from .divergence import KLReport, kl, kl_from_logits, kl_from_probs, kl_report, kl_terms, register_closed_form
from .divergences import cross_entropy, entropy, hellinger, jensen_shannon, total_variation
from .entropy_reports import cross_entropy_report, entropy_report
from .families import FAMILIES, Family, Parameter
from .families.gaussian_mixture import gaussian_mixture
from .families.logistic import Logistic
from .pair import Pair
from .renyi import alpha_divergence, renyi
from .reports import (
    DivergenceReport,
    alpha_divergence_report,
    hellinger_report,
    jensen_shannon_report,
    renyi_report,
    total_variation_report,
)
from .vectors.log_probs import kl_from_log_probs

if TYPE_CHECKING:
    from .distilling.distillation import distillation_loss, soften
    from .estimates.estimators import k1, k2, k3
    from .estimates.token_kl import token_kl
    from .fits.fitting import fit_forward, fit_reverse
    from .fits.landscape import landscape
    from .rlhf.penalty import rlhf_loss
    from .vaes.vae import vae_kl_loss

__all__ = [
    "Comparison",
    "DivergenceReport",
    "FAMILIES",
    "Family",
    "KLReport",
    "Logistic",
    "Pair",
    "Parameter",
    "alpha_divergence",
    "alpha_divergence_report",
    "compare",
    "cross_entropy",
    "cross_entropy_report",
    "distillation_loss",
    "entropy",
    "entropy_report",
    "fit_forward",
    "fit_reverse",
    "gaussian_mixture",
    "hellinger",
    "hellinger_report",
    "jensen_shannon",
    "jensen_shannon_report",
    "k1",
    "k2",
    "k3",
    "kl",
    "kl_from_log_probs",
    "kl_from_logits",
    "kl_from_probs",
    "kl_report",
    "kl_terms",
    "landscape",
    "register_closed_form",
    "renyi",
    "renyi_report",
    "rlhf_loss",
    "soften",
    "token_kl",
    "total_variation",
    "total_variation_report",
    "vae_kl_loss",
]

_LAZY = {
    "distillation_loss": ".distilling.distillation",
    "fit_forward": ".fits.fitting",
    "fit_reverse": ".fits.fitting",
    "k1": ".estimates.estimators",
    "k2": ".estimates.estimators",
    "k3": ".estimates.estimators",
    "landscape": ".fits.landscape",
    "rlhf_loss": ".rlhf.penalty",
    "soften": ".distilling.distillation",
    "token_kl": ".estimates.token_kl",
    "vae_kl_loss": ".vaes.vae",
}
"""Where each function is that is imported when it is first asked for."""


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_LAZY[name], __name__), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})
