"""Two vectors over the same outcomes: probabilities, logits or counts."""

import torch
from torch import Tensor

from kl_core import cross_entropy, entropy, hellinger, jensen_shannon, kl_from_logits, kl_from_probs, kl_terms, renyi, total_variation
from kl_core.estimates.empirical import KLEstimate, kl_from_counts

from ...shared.style import number
from .found import Found, Measure, Rows
from .program import vector_program
from .reading import Block
from .usual_code import usual_code_warnings

SUM_MAY_BE_OFF = 1e-6


def probabilities(p: Block, q: Block, names: list[str]) -> Found:
    """KL(P‖Q) = Σ p·log(p/q) of two vectors of weights, each divided by its sum."""
    a, b = _alike(p, q)
    _refuse(p, q, "a probability is at least 0")
    warnings = [
        f"{who} sums to {number(float(one.sum()))}: each entry is divided by that."
        for who, one in (("P", a), ("Q", b))
        if abs(float(one.sum()) - 1) > SUM_MAY_BE_OFF
    ]
    kl = Measure("KL", float(kl_from_probs(a, b)), float(kl_from_probs(b, a)), said="exact")
    return _found(
        kl,
        a,
        b,
        _names(p, q, names, len(a)),
        warnings + usual_code_warnings(a / a.sum(), b / b.sum(), kl),
        vector_program(a, b, "probabilities"),
    )


def logits(p: Block, q: Block, names: list[str]) -> Found:
    """KL(softmax P‖softmax Q); −inf masks a class."""
    a, b = _alike(p, q)
    for who, block, one in (("P", p, a), ("Q", q, b)):
        if bool((one == torch.inf).any()):
            at = int((one == torch.inf).nonzero()[0])
            raise ValueError(f"{who}, {block.place(at)}: +inf cannot be; a logit is finite, or −inf for a class that is masked.")
        if not bool(one.isfinite().any()):
            raise ValueError(f"{who} is masked entirely: all its logits are −inf.")
    kl = Measure("KL", float(kl_from_logits(a, b)), float(kl_from_logits(b, a)), said="exact")
    warnings = []
    if all(abs(float(one.exp().sum()) - 1) < SUM_MAY_BE_OFF for one in (a, b)):
        warnings.append("Both are already log-probabilities: their exponentials sum to 1. Taken as logits that changes nothing.")
    elif all(bool((one >= 0).all()) and abs(float(one.sum()) - 1) < SUM_MAY_BE_OFF for one in (a, b)):
        warnings.append("Both look like probabilities: they are positive and sum to 1. As logits they mean something else.")
    soft = a.softmax(-1), b.softmax(-1)
    return _found(
        kl, *soft, _names(p, q, names, len(a)), warnings + usual_code_warnings(*soft, kl, logits=(a, b)), vector_program(a, b, "logits")
    )


def counts(p: Block, q: Block, names: list[str]) -> Found:
    """The plug-in KL of two multinomial samples, with its error and its bias."""
    a, b = _alike(p, q)
    _refuse(p, q, "a count is at least 0")
    forth, back = kl_from_counts(a, b), kl_from_counts(b, a)
    kl = Measure("KL", forth.value, back.value, said=f"{_sure(forth)} · {_sure(back)}")
    warnings = [
        f"The plug-in KL({way}) is too large by about {number(one.bias)} nats on average, for so few counts"
        f"{': as much as it is sure of' if one.bias > one.error else ''}. It is not taken off."
        for way, one in (("P‖Q", forth), ("Q‖P", back))
        if one.bias > 0.1 * one.error
    ]
    return _found(kl, a / a.sum(), b / b.sum(), _names(p, q, names, len(a)), warnings, vector_program(a, b, "counts"))


def _sure(one: KLEstimate) -> str:
    return f"sampled ± {number(one.error)} nats" if one.error == one.error else "sampled"


def _alike(p: Block, q: Block) -> tuple[Tensor, Tensor]:
    found = []
    for who, block in (("P", p), ("Q", q)):
        try:
            found.append(block.vector)
        except ValueError as problem:
            raise ValueError(f"{who} {problem}") from None
    a, b = found
    if len(a) != len(b):
        raise ValueError(f"P has {len(a):,} numbers and Q has {len(b):,}: they must be over the same outcomes.")
    if len(a) < 2:
        raise ValueError("One outcome alone leaves nothing to compare; two are needed.")
    return a, b


def _refuse(p: Block, q: Block, why: str) -> None:
    a, b = p.vector, q.vector
    for who, block, one in (("P", p, a), ("Q", q, b)):
        bad = ~((one >= 0) & one.isfinite())
        if bool(bad.any()):
            at = int(bad.nonzero()[0])
            raise ValueError(f"{who}, {block.place(at)}: {number(float(one[at]))} cannot be; {why}, and finite.")
        if not float(one.sum()) > 0:
            raise ValueError(f"{who} is 0 everywhere.")


def _names(p: Block, q: Block, given: list[str], count: int) -> list[str]:
    names = given or p.names or q.names
    return [names[i] if i < len(names) and names[i] else str(i + 1) for i in range(count)]


def _found(kl: Measure, p: Tensor, q: Tensor, names: list[str], warnings: list[str], code: str) -> Found:
    measures = [
        Measure("Jensen–Shannon", float(jensen_shannon(p, q))),
        Measure("Total variation", float(total_variation(p, q)), nats=False),
        Measure("Hellinger distance", float(hellinger(p, q)), nats=False),
        *(Measure(f"Rényi, α = {alpha:g}", float(renyi(p, q, alpha)), float(renyi(q, p, alpha))) for alpha in (0.5, 2.0)),
        Measure("Cross-entropy", float(cross_entropy(p, q)), float(cross_entropy(q, p))),
        Measure("Entropy of P, of Q", float(entropy(p)), float(entropy(q))),
    ]
    rows = Rows("outcome", names, kl_terms(p, q), kl_terms(q, p), p, q)
    return Found(kl, measures, rows, _zeros(p, q, names) + warnings, code)


def _zeros(p: Tensor, q: Tensor, names: list[str]) -> list[str]:
    """Which outcomes make a KL infinite."""
    said = []
    for who, other, one, two in (("P", "Q", p, q), ("Q", "P", q, p)):
        lacking = ((one > 0) & (two == 0)).nonzero().flatten().tolist()
        if lacking:
            listed = ", ".join(f"“{names[i]}”" for i in lacking[:3]) + (f" and {len(lacking) - 3:,} more" if len(lacking) > 3 else "")
            said.append(
                f"KL({who}‖{other}) = ∞: {other} gives {listed} no probability, {who} gives some. No ε repairs that: any number would do."
            )
    return said
