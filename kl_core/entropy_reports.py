"""Entropy and cross-entropy with a bound on their error, as `reports` has it for divergences.

They may be 0 or negative where their parts are not, so that no bound is relative to them. One by nodes is that of `reports`; a closed
form's is a few roundings of 1, of the value, and of each parameter, by automatic differentiation.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.distributions import Distribution, Independent, MultivariateNormal, OneHotCategorical

from .densities.multivariate_normal import given_matrix
from .density import density_of, has_density, in_double, rebuilt
from .divergences import both_distributions, cross_entropy, entropy, entropy_at, entropy_of
from .nodes import nodes_of
from .numerics.exact import EPS
from .numerics.parameters import dtype_of
from .pair import Pair, sum_of_parts
from .reports import DivergenceReport, Method, error_of, in_dtype
from .vectors.probabilities import checked_probs, kl_from_probs

__all__ = ["entropy_report", "cross_entropy_report"]


def entropy_report(p: Distribution | Tensor) -> DivergenceReport:
    """H(P) in nats with a bound on its error; p as in `entropy`. The bound is inf for a form of torch's own that nothing is known of."""
    if not isinstance(p, Distribution):
        probs, _, dtype = checked_probs(p, p)
        exact = entropy(probs)
        return in_dtype("sum", dtype, exact, _error_of_sum(exact))
    if isinstance(p, OneHotCategorical):
        p = p._categorical
    if isinstance(p, Independent):
        parts = entropy_report(p.base_dist)
        value, error = sum_of_parts(p, parts.value), sum_of_parts(p, parts.error)
        rounded = torch.finfo(value.dtype).eps * sum_of_parts(p, parts.value.detach().abs())
        return DivergenceReport(value, parts.method, error + rounded)
    if not has_density(p):
        value = entropy(p)
        return DivergenceReport(value, "closed form", _error_of_torchs(p, value.detach()).double())
    exact, method, error = _of_known(in_double(p))
    return in_dtype(method, dtype_of(p), exact, error)


def cross_entropy_report(p: Distribution | Tensor, q: Distribution | Tensor) -> DivergenceReport:
    """H(P, Q) = H(P) + KL(P‖Q) in nats with a bound on its error, 0 where it is infinite; p, q as in `cross_entropy`."""
    value = cross_entropy(p, q)
    distributions = both_distributions(p, q)
    if distributions is None:
        p, q, _ = checked_probs(p, q)
        exact, method = cross_entropy(p, q), _rougher("sum")
        error = _error_of_sum(entropy(p)) + 16 * EPS * kl_from_probs(p, q)
    else:
        pair = Pair(*distributions, alone=True)
        own, report = entropy_report(pair.p), pair.kl_report()
        exact = own.value + pair.kl()
        method = _rougher(own.method, report.method)
        error = own.error + report.error + torch.finfo(exact.dtype).eps * exact.detach().abs()
    lost = (value.double() - exact).detach().abs()
    return DivergenceReport(value, method, torch.where(value.isinf(), 0.0, error + lost))


def _rougher(*methods: str) -> Method:
    return "quadrature" if "quadrature" in methods else "sum" if "sum" in methods else "closed form"


def _of_known(p: Distribution) -> tuple[Tensor, Method, Tensor]:
    """Of a float64 distribution with a density spec."""
    spec = density_of(p)
    if spec.entropy is not None:
        return entropy_of(p), "closed form", _error_of_form(p)
    nodes = nodes_of(p, p)
    return entropy_at(nodes), "sum" if spec.discrete else "quadrature", error_of(entropy_at, nodes)


def _error_of_sum(value: Tensor) -> Tensor:
    """Of −Σ p·log p, all of whose terms are positive: roundings of each log, and of p by the sum that it was divided by."""
    return 8 * EPS * (1 + value.detach())


def _error_of_form(p: Distribution) -> Tensor:
    """A few roundings of 1, of the entropy, and of whatever moves it as much as a rounding of a parameter θ: |θ·dH/dθ|."""
    parameters: list[Tensor] = []

    def followed(value: Tensor) -> Tensor:
        parameters.append(value.detach().requires_grad_())
        return parameters[-1]

    with torch.enable_grad():
        value = entropy_of(rebuilt(p, followed))
        slopes = torch.autograd.grad(value.sum(), parameters, materialize_grads=True)
    moved = [(theta.detach() * slope).abs().reshape(*value.shape, -1).sum(-1) for theta, slope in zip(parameters, slopes)]
    return (8 * EPS * (4 + value.detach().abs() + sum(moved))).nan_to_num(torch.inf)


def _error_of_torchs(p: Distribution, value: Tensor) -> Tensor:
    """Of a form of torch's: for a Normal given by its Cholesky factor a sum of logarithms, of others inf."""
    if not (isinstance(p, MultivariateNormal) and given_matrix(p) == "scale_tril"):
        return torch.full_like(value, torch.inf)
    logs = p.scale_tril.detach().diagonal(dim1=-2, dim2=-1).log().abs().sum(-1)
    return 4 * p.event_shape.numel() * torch.finfo(value.dtype).eps * (1 + logs + value.abs())
