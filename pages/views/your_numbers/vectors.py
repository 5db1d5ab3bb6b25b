"""Two vectors over the same outcomes: probabilities, logits or counts."""

import torch
from torch import Tensor
from torch.distributions import Categorical

from kl_core import cross_entropy, entropy, hellinger, jensen_shannon, kl_from_logits, kl_from_probs, kl_terms, renyi, total_variation
from kl_core.estimates.empirical import KLEstimate, kl_from_counts
from kl_core.vectors.top_k import WHOLE, kl_from_top_k, with_tail

from ...shared.reading.columns import Block
from ...shared.style import number
from .program import vector_program
from .result import Measure, Result, Rows
from .usual_code import usual_code_warnings

SUM_MAY_BE_OFF = 1e-6
MOST_BY_LOGARITHMS = 20_000
"""Classes up to which Rényi's divergence of logits too far apart for probabilities takes less than a second."""


def probabilities(p: Block, q: Block, names: list[str]) -> Result:
    """KL(P‖Q) = Σ p·log(p/q) of two vectors of weights, each divided by its sum."""
    a, b = _alike(p, q)
    _refuse(p, q, "a probability is at least 0")
    warnings = [
        f"{who} sums to {number(float(vector.sum()))}: each entry is divided by that."
        for who, vector in (("P", a), ("Q", b))
        if abs(float(vector.sum()) - 1) > SUM_MAY_BE_OFF
    ] + _top_alone(a, b)
    kl = Measure("KL", float(kl_from_probs(a, b)), float(kl_from_probs(b, a)), said="exact")
    names = _names(p, q, names, len(a))
    warnings = _zeros(a > 0, b > 0, names) + warnings + usual_code_warnings(a / a.sum(), b / b.sum(), kl)
    return Result(kl, _measures(a, b), _rows(a / a.sum(), b / b.sum(), names), warnings, vector_program(a, b, "probabilities"))


def _top_alone(a: Tensor, b: Tensor) -> list[str]:
    """Both sums well below 1 may mean that other outcomes were left out."""
    if not all(0.2 < float(vector.sum()) < 1 - 1e-3 for vector in (a, b)):
        return []
    with_others = float(kl_from_top_k(a.log(), b.log()))
    return [f"If other outcomes were left out: with all of them as one more, KL(P‖Q) is at least {number(with_others)} nats."]


def logits(p: Block, q: Block, names: list[str]) -> Result:
    """KL(softmax P‖softmax Q); −inf masks a class."""
    a, b = _alike(p, q)
    for who, block, z in (("P", p, a), ("Q", q, b)):
        if bool((z == torch.inf).any()):
            at = int((z == torch.inf).nonzero()[0])
            raise ValueError(f"{who}, {block.place(at)}: +inf cannot be; a logit is finite, or −inf for a class that is masked.")
        if not bool(z.isfinite().any()):
            raise ValueError(f"{who} is masked entirely: all its logits are −inf.")
    kl = Measure("KL", float(kl_from_logits(a, b)), float(kl_from_logits(b, a)), said="exact")
    names = _names(p, q, names, len(a))
    warnings = _zeros(a > -torch.inf, b > -torch.inf, names) + _misread(a, b)
    soft = a.softmax(-1), b.softmax(-1)
    warnings += usual_code_warnings(*soft, kl, logits=(a, b))
    rows = Rows("outcome", names, _terms_of_logits(a, b), _terms_of_logits(b, a), *soft)
    return Result(kl, _measures_of_logits(a, b, *soft), rows, warnings, vector_program(a, b, "logits"))


def top_log_probabilities(p: Block, q: Block, names: list[str]) -> Result:
    """KL of the listed classes and one more, all the others: the least that the whole KL can be."""
    a, b = _alike(p, q)
    try:
        log_p, log_q = with_tail(a, b)
    except ValueError as problem:
        raise ValueError(f"{str(problem).replace('log_p', 'P').replace('log_q', 'Q')}.") from None
    names = [*_names(p, q, names, len(a)), "all others"]
    apart = ((a > -torch.inf) != (b > -torch.inf)).nonzero().flatten().tolist()
    listed = (log_p > -torch.inf) | (log_q > -torch.inf)
    names, log_p, log_q = [name for name, here in zip(names, listed.tolist(), strict=True) if here], log_p[listed], log_q[listed]
    kl = Measure("KL", float(kl_from_logits(log_p, log_q)), float(kl_from_logits(log_q, log_p)), said="at least, by the classes listed")
    soft = log_p.exp(), log_q.exp()
    warnings = _zeros(log_p > -torch.inf, log_q > -torch.inf, names)
    shares = [float(z.exp().sum()) for z in (a, b)]
    if min(shares) < 1 - WHOLE:
        warnings.append(
            f"The classes listed have {shares[0]:.3g} of P’s probability and {shares[1]:.3g} of Q’s; "
            "the rest is one more outcome, “all others”."
        )
    if apart:
        warnings.append(
            f"{len(apart):,} {'classes are' if len(apart) > 1 else 'class is'} listed on one side only and counted with the others."
        )
    rows = Rows("outcome", names, _terms_of_logits(log_p, log_q), _terms_of_logits(log_q, log_p), *soft)
    return Result(kl, _measures_of_logits(log_p, log_q, *soft), rows, warnings, vector_program(a, b, "top"))


def _misread(a: Tensor, b: Tensor) -> list[str]:
    """What logits that look like something else may be."""
    sums = [float(z.exp().sum()) for z in (a, b)]
    if all(abs(total - 1) < SUM_MAY_BE_OFF for total in sums):
        return ["Both are already log-probabilities: their exponentials sum to 1. Taken as logits that changes nothing."]
    if all(bool((z >= 0).all()) and abs(float(z.sum()) - 1) < SUM_MAY_BE_OFF for z in (a, b)):
        return ["Both look like probabilities: they are positive and sum to 1. As logits they mean something else."]
    if all(bool((z <= 0).all()) and 0.2 < total < 1 for z, total in zip((a, b), sums, strict=True)):
        return [
            f"Both may be log-probabilities of the top classes alone: their exponentials sum to {number(sums[0])} and {number(sums[1])}. "
            "As logits each is divided by its sum, which leaves the other classes out. With all others as one more class KL(P‖Q) is "
            f"{number(float(kl_from_top_k(a, b)))} nats: choose “Log-probabilities of the top classes”."
        ]
    return []


def _terms_of_logits(z_p: Tensor, z_q: Tensor) -> Tensor:
    """p·(log p − log q), from logarithms: a probability too small for a float is not 0."""
    log_p, log_q = z_p.log_softmax(-1), z_q.log_softmax(-1)
    p = log_p.exp()
    impossible = (log_p > -torch.inf) & (log_q == -torch.inf)
    return torch.where(impossible, torch.inf, torch.where(p > 0, p * (log_p.clamp(min=-1e300) - log_q.clamp(min=-1e300)), 0.0))


def counts(p: Block, q: Block, names: list[str], smoothing: float = 0.0) -> Result:
    """The plug-in KL of two multinomial samples, with its error and its bias; smoothing: added to every count."""
    a, b = _alike(p, q)
    _refuse(p, q, "a count is at least 0")
    forth, back = kl_from_counts(a, b, smoothing), kl_from_counts(b, a, smoothing)
    a, b = a + smoothing, b + smoothing
    kl = Measure("KL", forth.value, back.value, said=f"{_error_in_words(forth)} · {_error_in_words(back)}")
    names = _names(p, q, names, len(a))
    warnings = _zeros(a > 0, b > 0, names) + [
        f"The plug-in KL({way}) is too large by about {number(estimate.bias)} nats on average, for so few counts"
        f"{': more than its standard error' if estimate.bias > estimate.error else ''}. The bias is not subtracted."
        for way, estimate in (("P‖Q", forth), ("Q‖P", back))
        if estimate.bias > 0.1 * estimate.error
    ]
    added = f", {smoothing:g} added to every count" if smoothing else ", nothing added to the counts"
    psi = Measure(f"PSI = KL(P‖Q) + KL(Q‖P){added}", forth.value + back.value)
    if smoothing:
        warnings.append(f"{smoothing:g} is added to every count of both, which moves each answer; where a count is 0 it decides it.")
    return Result(
        kl,
        [*_measures(a, b), psi],
        _rows(a / a.sum(), b / b.sum(), names),
        warnings,
        vector_program(a - smoothing, b - smoothing, "counts", smoothing),
    )


def _error_in_words(estimate: KLEstimate) -> str:
    return f"sampled ± {number(estimate.error)} nats" if estimate.error == estimate.error else "sampled"


def _alike(p: Block, q: Block) -> tuple[Tensor, Tensor]:
    vectors = []
    for who, block in (("P", p), ("Q", q)):
        try:
            vectors.append(block.vector.double())
        except ValueError as problem:
            raise ValueError(f"{who} {problem}") from None
    a, b = vectors
    if len(a) != len(b):
        raise ValueError(f"P has {len(a):,} numbers and Q has {len(b):,}: they must be over the same outcomes.")
    if len(a) < 2:
        raise ValueError("One outcome alone leaves nothing to compare; two are needed.")
    return a, b


def _refuse(p: Block, q: Block, why: str) -> None:
    for who, block in (("P", p), ("Q", q)):
        vector = block.vector
        bad = ~((vector >= 0) & vector.isfinite())
        if bool(bad.any()):
            at = int(bad.nonzero()[0])
            raise ValueError(f"{who}, {block.place(at)}: {number(float(vector[at]))} cannot be; {why}, and finite.")
        if not float(vector.sum()) > 0:
            raise ValueError(f"{who} is 0 everywhere.")


def _names(p: Block, q: Block, given: list[str], count: int) -> list[str]:
    names = given or p.names or q.names
    return [names[i] if i < len(names) and names[i] else str(i + 1) for i in range(count)]


def _rows(p: Tensor, q: Tensor, names: list[str]) -> Rows:
    return Rows("outcome", names, kl_terms(p, q), kl_terms(q, p), p, q)


def _measures(p: Tensor, q: Tensor) -> list[Measure]:
    return [*_symmetric(p, q), *_renyi(p, q), *_entropies(p, q)]


def _measures_of_logits(z_p: Tensor, z_q: Tensor, p: Tensor, q: Tensor) -> list[Measure]:
    """From probabilities, unless some are too small for a float: then from logits, where that does not take too long."""
    if bool((((p == 0) & (z_p > -torch.inf)) | ((q == 0) & (z_q > -torch.inf))).any()):
        if len(p) > MOST_BY_LOGARITHMS:
            return _symmetric(p, q)
        return _measures(*(Categorical(logits=z, validate_args=False) for z in (z_p, z_q)))
    return _measures(p, q)


def _symmetric(p: Tensor | Categorical, q: Tensor | Categorical) -> list[Measure]:
    return [
        Measure("Jensen–Shannon", float(jensen_shannon(p, q))),
        Measure("Total variation", float(total_variation(p, q)), nats=False),
        Measure("Hellinger distance", float(hellinger(p, q)), nats=False),
    ]


def _renyi(p: Tensor | Categorical, q: Tensor | Categorical) -> list[Measure]:
    return [Measure(f"Rényi, α = {alpha:g}", float(renyi(p, q, alpha)), float(renyi(q, p, alpha))) for alpha in (0.5, 2.0)]


def _entropies(p: Tensor | Categorical, q: Tensor | Categorical) -> list[Measure]:
    return [
        Measure("Cross-entropy", float(cross_entropy(p, q)), float(cross_entropy(q, p))),
        Measure("Entropy of P, of Q", abs(float(entropy(p))), abs(float(entropy(q)))),
    ]


def _zeros(in_p: Tensor, in_q: Tensor, names: list[str]) -> list[str]:
    """Which outcomes make a KL infinite. in_p, in_q: whether each outcome has any probability."""
    sentences = []
    for who, other, mine, theirs in (("P", "Q", in_p, in_q), ("Q", "P", in_q, in_p)):
        lacking = (mine & ~theirs).nonzero().flatten().tolist()
        if lacking:
            listed = ", ".join(f"“{names[i]}”" for i in lacking[:3]) + (f" and {len(lacking) - 3:,} more" if len(lacking) > 3 else "")
            sentences.append(
                f"KL({who}‖{other}) = ∞: {other} gives {listed} no probability, {who} gives some. No ε repairs that: the answer would "
                "depend on the ε alone."
            )
    return sentences
