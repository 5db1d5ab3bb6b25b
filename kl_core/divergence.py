"""KL(P‖Q), for any two of the families and anything registered like them.

`kl` gives the number, `kl_report` says how it was found, how far it can be trusted, and why when it is infinite.
Whether it is infinite is decided from supports and tails, never from a sum that grew large.
"""

from __future__ import annotations

from torch import Tensor
from torch.distributions import Distribution

from .pair import KLReport, Pair
from .registry import register_closed_form
from .vectors.probabilities import kl_from_logits, kl_from_probs, kl_terms

__all__ = ["KLReport", "kl", "kl_report", "kl_from_probs", "kl_from_logits", "kl_terms", "register_closed_form"]


def kl(p: Distribution, q: Distribution) -> Tensor:
    """KL(P‖Q) = E_P[log p − log q] in nats: how much less likely Q makes what P draws.

    p, q: torch distributions with batch shapes that broadcast; the answer has that shape, and p's and q's dtype, or float32
    for half floats.
    A closed form where one is registered (`register_closed_form`), otherwise Gauss–Legendre quadrature or a sum for
    whatever has a `density.DensitySpec`; for what has neither, torch's own form. Parts of an `Independent` are added up.
    Never negative. inf where P has mass that Q lacks, where Q's tail falls off too fast for P's, and between a
    continuous and a discrete distribution. Differentiable wherever finite.
    Every pair of torch's registry has a form or an integral of this library, which keep the digits of nearly equal distributions, but
    one: two Wisharts take torch's own, right to 2e-13·(1 + KL) nats only, as `kl_report` says, and with no digit left below that.
    torch.compile makes one graph of the closed forms, which keep their digits in it (`python -m bench compiled`).
    ValueError for batch shapes that do not broadcast or values of different shapes; NotImplementedError for a pair that
    neither this library nor torch knows. (Cover & Thomas 2006, §2.3 and §8.5.)
    """
    pair = Pair(p, q, alone=True)
    value = pair.kl()
    return value if value.dtype == pair.dtype else value.to(pair.dtype)


def kl_report(p: Distribution, q: Distribution) -> KLReport:
    """KL(P‖Q) in nats with its method, error bound and, when infinite, the reason; see `kl` and `KLReport`."""
    return Pair(p, q, alone=True).kl_report()
