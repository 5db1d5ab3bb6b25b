"""What a density says of its ends is how its own logarithm falls there."""

import pytest
import torch
from torch.distributions import Exponential, Gamma, Gumbel, Laplace, Normal, Weibull

from kl_core.density import LINEAR, SQUARE, density_of
from kl_core.families.logistic import Logistic

FAR = 1e5
GROWTH = {LINEAR: lambda x: abs(x), SQUARE: lambda x: x * x}
HALF, TWO = (torch.tensor(value, dtype=torch.float64) for value in (0.5, 2.0))


@pytest.mark.parametrize(
    "distribution",
    [Normal(HALF, TWO), Laplace(HALF, TWO), Logistic(HALF, TWO), Gumbel(HALF, TWO), Exponential(TWO), Gamma(TWO, HALF), Weibull(HALF, TWO)],
    ids=lambda distribution: type(distribution).__name__,
)
def test_minus_the_log_density_grows_as_its_ends_say(distribution):
    spec, held = density_of(distribution), 0
    for end, bound, side in zip(spec.ends(distribution), spec.support(distribution), (-1, 1)):
        growth = GROWTH.get(float(end.order))
        if growth is None or not bool(bound.isinf()):
            continue
        places = [side * FAR, 2 * side * FAR]
        near, far = (-float(distribution.log_prob(torch.tensor(x, dtype=torch.float64))) for x in places)
        slope = (far - near) / (growth(places[1]) - growth(places[0]))
        assert slope == pytest.approx(float(end.coefficient), rel=1e-3), side
        held += 1
    assert held
