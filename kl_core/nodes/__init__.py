"""From a pair of distributions to the quadrature nodes over which all their divergences are weighted sums.

quadrature_nodes.py: the nodes, their weights and both log-densities. panels.py: where the nodes of densities lie.
densities.py, outcomes.py and vectors.py make the nodes of two densities, two mass functions or two tensors of probabilities.
places.py: in which coordinate. groups.py: a few rows of a batch at a time.
tails.py: how far out panels go. nearby.py: two distributions of one family next to each other.
"""

from __future__ import annotations

from torch import Tensor
from torch.distributions import Distribution

from ..density import density_of
from .densities import nodes_of_densities
from .groups import in_groups
from .nearby import better_ratio
from .outcomes import nodes_of_masses
from .panels import BOTH, FINE, FORTH, NEITHER, Panels, Ways
from .places import Places, log_density_at, log_density_on
from .quadrature_nodes import Nodes, log_difference
from .vectors import nodes_of_probs

__all__ = [
    "BOTH",
    "FINE",
    "FORTH",
    "NEITHER",
    "Nodes",
    "Panels",
    "Places",
    "better_ratio",
    "in_groups",
    "log_density_at",
    "log_density_on",
    "log_difference",
    "nodes_of",
    "nodes_of_probs",
]


def nodes_of(p: Distribution, q: Distribution, extra: Tensor | None = None, *, ways: Ways = BOTH, power: Tensor | None = None) -> Nodes:
    """The nodes of a pair of float64 distributions, both continuous or both discrete, batch shapes broadcast.

    extra: more panel edges, where the caller knows of some. ways: which of KL(P‖Q) and KL(Q‖P) will be summed; for neither, as
    for Jensen–Shannon, which is bounded, fewest panels will do. power: the α, if p^α·q^(1 − α) will be summed, which may have its mass
    between P's and Q's. Differentiable in the parameters of p and q.
    """
    return nodes_of_masses(p, q, power) if density_of(p).discrete else nodes_of_densities(p, q, extra, ways, power)
