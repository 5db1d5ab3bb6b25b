"""From a pair of distributions to the table of nodes whose weighted sums are all their divergences.

nodes.py: the table. panels.py: where the nodes of densities lie. densities.py, outcomes.py and vectors.py: how a table is
made, of two densities, two mass functions or two tensors of probabilities. tails.py: how far out panels go. nearby.py: two
of one family next to each other.
"""

from __future__ import annotations

from torch import Tensor
from torch.distributions import Distribution

from ..density import density_of
from .densities import log_density_on, table_of_densities
from .nearby import better_ratio
from .outcomes import table_of_masses
from .panels import FINE
from .quadrature_nodes import Table, log_difference
from .vectors import table_of_probs

__all__ = ["FINE", "Table", "better_ratio", "log_density_on", "log_difference", "table_of", "table_of_probs"]


def table_of(p: Distribution, q: Distribution, extra: Tensor | None = None, *, bounded: bool = False, power: Tensor | None = None) -> Table:
    """The table of a pair of float64 distributions, both continuous or both discrete, batch shapes broadcast.

    extra: more panel edges, where the caller knows of some. bounded: only what is bounded will be summed, such as
    Jensen–Shannon, and no KL: fewer panels will do. power: the α, if p^α·q^(1 − α) will be summed, which may have its mass
    between P's and Q's. Differentiable in the parameters of p and q.
    """
    return table_of_masses(p, q, power) if density_of(p).discrete else table_of_densities(p, q, extra, bounded, power)
