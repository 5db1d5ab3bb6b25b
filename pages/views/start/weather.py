"""Scenes 1 to 6: five kinds of weather, two forecasts of them, and days drawn from the first."""

import torch
from torch import Tensor

from kl_core import kl_from_probs

NAMES = ("sun", "cloud", "rain", "storm", "snow")
P = torch.tensor([0.30, 0.25, 0.25, 0.12, 0.08], dtype=torch.float64)
Q = torch.tensor([0.60, 0.25, 0.10, 0.04, 0.01], dtype=torch.float64)
DAYS = 10_000
SEED = 130


def drawn_days(count: int = DAYS, seed: int = SEED) -> Tensor:
    """(count,) outcomes drawn independently from P, as numbers of NAMES; the same for the same seed."""
    return torch.multinomial(P, count, replacement=True, generator=torch.Generator().manual_seed(seed))


def weather_data() -> dict:
    """P, Q, the bill log(P(x)/Q(x)) and the term P(x) log(P(x)/Q(x)) of each outcome, both KLs in nats, one digit per day."""
    bills = P.log() - Q.log()
    return {
        "names": NAMES,
        "p": P.tolist(),
        "q": Q.tolist(),
        "bills": bills.tolist(),
        "terms": (P * bills).tolist(),
        "kl_pq": float(kl_from_probs(P, Q)),
        "kl_qp": float(kl_from_probs(Q, P)),
        "days": "".join(map(str, drawn_days().tolist())),
        "seed": SEED,
    }
