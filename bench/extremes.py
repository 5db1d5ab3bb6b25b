"""Zeros, faint outcomes, masked classes and huge logits: worst relative error, ours and a peer's, against mpmath."""

from collections.abc import Iterator

import torch
from mpmath import mp, mpf

from bench.accuracy import CASES, PEERS, by_categorical, by_kl_div, true_kl, worst
from bench.rows import Row, subject
from kl_core import kl_from_logits, kl_from_probs


def _zeros_in_p() -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    generator = torch.Generator().manual_seed(1)
    for _ in range(CASES):
        p, q = (torch.rand(50, generator=generator, dtype=torch.float64) for _ in range(2))
        p[::5] = 0
        yield p / p.sum(), q / q.sum()


def _faint(p_down_to: float, q_down_to: float) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    generator = torch.Generator().manual_seed(2)
    for _ in range(CASES):
        p, q = (down_to ** torch.rand(50, generator=generator, dtype=torch.float64) for down_to in (p_down_to, q_down_to))
        yield p / p.sum(), q / q.sum()


def _logits(scale: float, apart: float, masked: bool) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    generator = torch.Generator().manual_seed(3)
    for _ in range(CASES):
        z_p = scale * (2 * torch.rand(50, generator=generator, dtype=torch.float64) - 1)
        z_q = z_p + apart * torch.randn(50, generator=generator, dtype=torch.float64)
        if masked:
            z_p[::5], z_q[::5] = -torch.inf, -torch.inf
        yield z_p, z_q


def _true_kl_of_logits(z_p: torch.Tensor, z_q: torch.Tensor) -> mpf:
    a, b = ([mp.exp(mpf(z)) for z in values.tolist() if z > -torch.inf] for values in (z_p, z_q))
    return true_kl(a, b)


@subject
def extremes() -> Iterator[Row]:
    """float64; nan is what a peer answers."""
    vectors = (
        ("a fifth of P is 0", _zeros_in_p()),
        ("Q down to 1e-300", _faint(0.1, 1e-300)),
        ("both down to 1e-300", _faint(1e-300, 1e-300)),
    )
    with mp.workdps(80):
        for what, pairs in vectors:
            cases = list(pairs)
            truths = [
                sum(_term(a, b, sum(p), sum(q)) for a, b in zip(p, q))
                for p, q in (([mpf(v) for v in w.tolist()] for w in case) for case in cases)
            ]
            ours = worst(kl_from_probs, cases, truths)
            for name, peer in PEERS.items():
                yield Row(f"50 probabilities, {what}", ours, "rel. error", worst(peer, cases, truths), name, 2e-15)
        for what, settings in (
            ("of ±1000, 1 apart", (1000.0, 1.0, False)),
            ("of ±1000, 1e-6 apart", (1000.0, 1e-6, False)),
            ("a fifth of them −inf, 1 apart", (3.0, 1.0, True)),
        ):
            cases = list(_logits(*settings))
            truths = [_true_kl_of_logits(*case) for case in cases]
            ours = worst(kl_from_logits, cases, truths)
            for name, peer in (("log_softmax + F.kl_div", by_kl_div), ("Categorical", by_categorical)):
                yield Row(f"50 logits {what}", ours, "rel. error", worst(peer, cases, truths), name, 2e-15)


def _term(a: mpf, b: mpf, total_p: mpf, total_q: mpf) -> mpf:
    return a / total_p * mp.log(a * total_q / (b * total_p)) if a > 0 else mpf(0)
