"""KL divergence as extra code length: what it costs to encode P's symbols with Q's code.

An ideal code gives outcome k the length −log q(k): in bits for base 2, in nats here. KL(P‖Q) is the expected
difference between Q's lengths and P's, under P (Cover & Thomas 2006, theorem 5.4.3).
"""

import torch
from torch import Tensor
from torch.distributions import Distribution

from ..density import log_density

__all__ = ["code_lengths", "draw_message", "running_extra_length"]


def code_lengths(p: Distribution, outcomes: Tensor) -> Tensor:
    """−log p(k), the ideal code length of each outcome in nats; inf where p(k) = 0.

    p: a discrete distribution with empty batch shape. outcomes: shape (n,), values in any support.
    """
    return -log_density(p, outcomes)


def draw_message(p: Distribution, length: int, seed: int) -> Tensor:
    """`length` independent outcomes of P, the same for the same seed; shape (length,).

    torch's distributions sample from the global generator, so its state is put back afterwards.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return p.sample((length,)).to(torch.float64)


def running_extra_length(p: Distribution, q: Distribution, message: Tensor) -> Tensor:
    """Mean extra length in nats after each symbol when a message of P is encoded with Q's code; shape of `message`.

    The mean of log p(k) − log q(k) over the first n symbols; tends to KL(P‖Q) as n grows, and is inf from the
    first symbol on for which Q has no codeword. Single terms may be negative, so a short message may seem to gain.
    """
    extra = code_lengths(q, message) - code_lengths(p, message)
    count = torch.arange(1, len(message) + 1, dtype=extra.dtype, device=extra.device)
    return extra.cumsum(0) / count
