"""Two vectors over the same outcomes: probabilities, logits or counts."""

import torch
from torch import Tensor
from torch.distributions import Categorical

from kl_core import cross_entropy, entropy, hellinger, jensen_shannon, kl_from_logits, kl_from_probs, kl_terms, renyi, total_variation
from kl_core.estimates.empirical import KLEstimate, kl_from_counts
from kl_core.vectors.generalised_js import generalised_js_from_logits, generalised_js_from_probs
from kl_core.vectors.top_k import WHOLE, with_tail

from ...shared.reading.columns import Block
from ...shared.style import number
from .missing import Missing, missing_of_logarithms, missing_of_probabilities
from .placeholders import without_placeholders
from .program import vector_program
from .result import NOTHING, BothKL, Measure, Result, Rows
from .usual_code import usual_code_warnings

SUM_MAY_BE_OFF = 1e-6
WEIGHT = 0.1
"""β of the generalised Jensen–Shannon divergence; with P and Q exchanged it is 1 − β."""
MOST_BY_LOGARITHMS = 20_000
"""Classes up to which Rényi's divergence of logits too far apart for probabilities takes less than a second."""


def probabilities(p: Block, q: Block, names: list[str], missing: str | None = None) -> Result:
    """KL(P‖Q) = Σ p·log(p/q) of two vectors of weights, each divided by its sum. missing: one of MISSING, what to do below a sum of 1."""
    a, b = _alike(p, q)
    _refuse(p, q, "a probability is at least 0")
    rest = missing_of_probabilities(a, b, missing)
    if rest is not None and rest.tail:
        return _of_top(a.log(), b.log(), _names(p, q, names, len(a)), rest)
    warnings = [
        f"{who} sums to {number(float(vector.sum()))}: each entry is divided by that."
        for who, vector in (("P", a), ("Q", b))
        if rest is None and abs(float(vector.sum()) - 1) > SUM_MAY_BE_OFF
    ]
    kl = BothKL(float(kl_from_probs(a, b)), float(kl_from_probs(b, a)), said="exact")
    names = _names(p, q, names, len(a))
    warnings = _zeros(a > 0, b > 0, names) + warnings + usual_code_warnings(a / a.sum(), b / b.sum(), kl)
    rows = _rows(a / a.sum(), b / b.sum(), names)
    return Result(kl, _measures(a, b), rows, warnings, vector_program(a, b, "probabilities"), missing=rest)


def logits(p: Block, q: Block, names: list[str], missing: str | None = None) -> Result:
    """KL(softmax P‖softmax Q); −inf masks a class. missing: one of MISSING, where they can be log-probabilities of the top classes."""
    a, b = _alike(p, q)
    for who, block, z in (("P", p, a), ("Q", q, b)):
        if bool((z == torch.inf).any()):
            at = int((z == torch.inf).nonzero()[0])
            raise ValueError(f"{who}, {block.place(at)}: +inf cannot be; a logit is finite, or −inf for a class that is masked.")
        if not bool(z.isfinite().any()):
            raise ValueError(f"{who} is masked entirely: all its logits are −inf.")
    cleaned, said = without_placeholders(a, b)
    rest = missing_of_logarithms(*cleaned, missing)
    if rest is not None and rest.tail:
        return _of_top(*cleaned, _names(p, q, names, len(a)), rest, said)
    kl = BothKL(float(kl_from_logits(a, b)), float(kl_from_logits(b, a)), said="exact")
    names = _names(p, q, names, len(a))
    warnings = _zeros(a > -torch.inf, b > -torch.inf, names) + _misread(a, b)
    soft = a.softmax(-1), b.softmax(-1)
    warnings += usual_code_warnings(*soft, kl, logits=(a, b))
    rows = Rows("outcome", names, _terms_of_logits(a, b), _terms_of_logits(b, a), *soft)
    return Result(kl, _measures_of_logits(a, b, *soft), rows, warnings, vector_program(a, b, "logits"), missing=rest)


def top_log_probabilities(p: Block, q: Block, names: list[str]) -> Result:
    """KL of the listed classes and one more, all the others: the least that the whole KL can be."""
    (a, b), said = without_placeholders(*_alike(p, q))
    return _of_top(a, b, _names(p, q, names, len(a)), None, said)


def _of_top(a: Tensor, b: Tensor, listed_names: list[str], rest: Missing | None, said: list[str] = []) -> Result:  # noqa: B006
    """The same of log-probabilities (k,). rest: how they were recognised, where somebody gave them as something else."""
    try:
        log_p, log_q = with_tail(a, b)
    except ValueError as problem:
        raise ValueError(f"{str(problem).replace('log_p', 'P').replace('log_q', 'Q')}.") from None
    names = [*listed_names, "all others"]
    apart = ((a > -torch.inf) != (b > -torch.inf)).nonzero().flatten().tolist()
    listed = (log_p > -torch.inf) | (log_q > -torch.inf)
    names, log_p, log_q = [name for name, here in zip(names, listed.tolist(), strict=True) if here], log_p[listed], log_q[listed]
    kl = BothKL(float(kl_from_logits(log_p, log_q)), float(kl_from_logits(log_q, log_p)), said="at least, by the classes listed")
    soft = log_p.exp(), log_q.exp()
    warnings = [*said, *_zeros(log_p > -torch.inf, log_q > -torch.inf, names)]
    shares = [float(z.exp().sum()) for z in (a, b)]
    if rest is None and min(shares) < 1 - WHOLE:
        warnings.append(
            f"The classes listed have {shares[0]:.3g} of P’s probability and {shares[1]:.3g} of Q’s; "
            "the rest is one more outcome, “all others”."
        )
    if apart:
        warnings.append(
            f"{len(apart):,} {'classes are' if len(apart) > 1 else 'class is'} listed on one side only and counted with the others."
        )
    rows = Rows("outcome", names, _terms_of_logits(log_p, log_q), _terms_of_logits(log_q, log_p), *soft)
    measures = _measures_of_logits(log_p, log_q, *soft)
    return Result(kl, measures, rows, warnings, vector_program(a, b, "top"), missing=rest)


def _misread(a: Tensor, b: Tensor) -> list[str]:
    """What logits that look like something else may be."""
    sums = [float(z.exp().sum()) for z in (a, b)]
    if all(abs(total - 1) < SUM_MAY_BE_OFF for total in sums):
        return ["Both are already log-probabilities: their exponentials sum to 1. Taken as logits that changes nothing."]
    if all(bool((z >= 0).all()) and abs(float(z.sum()) - 1) < SUM_MAY_BE_OFF for z in (a, b)):
        return ["Both look like probabilities: they are positive and sum to 1. As logits they mean something else."]
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
    kl = BothKL(forth.value, back.value, said=f"{_error_in_words(forth)} · {_error_in_words(back)}")
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
    return f"sampled ± {number(estimate.error)} nats" if estimate.error > NOTHING else "sampled"


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
            logarithms = all(bool((one.vector <= 0).all()) for one in (p, q))
            raise ValueError(
                f"{who}, {block.place(at)}: {number(float(vector[at]))} cannot be; {why}, and finite."
                + (" If these are log-probabilities, choose “Logits” under “What they are”." if logarithms else "")
            )
        if not float(vector.sum()) > 0:
            raise ValueError(f"{who} is 0 everywhere.")


def _names(p: Block, q: Block, given: list[str], count: int) -> list[str]:
    names = given or p.names or q.names
    return [names[i] if i < len(names) and names[i] else str(i + 1) for i in range(count)]


def _rows(p: Tensor, q: Tensor, names: list[str]) -> Rows:
    return Rows("outcome", names, kl_terms(p, q), kl_terms(q, p), p, q)


def _measures(p: Tensor, q: Tensor) -> list[Measure]:
    js = lambda one, other: float(generalised_js_from_probs(one, other, WEIGHT))
    return [*_symmetric(p, q), _generalised_js(js(p, q), js(q, p)), *_renyi(p, q), *_entropies(p, q)]


def _measures_of_logits(z_p: Tensor, z_q: Tensor, p: Tensor, q: Tensor) -> list[Measure]:
    """From probabilities, unless some are too small for a float: then from logits, where that does not take too long."""
    if not bool((((p == 0) & (z_p > -torch.inf)) | ((q == 0) & (z_q > -torch.inf))).any()):
        return _measures(p, q)
    js = lambda one, other: float(generalised_js_from_logits(one, other, WEIGHT))
    generalised = _generalised_js(js(z_p, z_q), js(z_q, z_p))
    if len(p) > MOST_BY_LOGARITHMS:
        return [*_symmetric(p, q), generalised]
    both = tuple(Categorical(logits=z, validate_args=False) for z in (z_p, z_q))
    return [*_symmetric(*both), generalised, *_renyi(*both), *_entropies(*both)]


def _symmetric(p: Tensor | Categorical, q: Tensor | Categorical) -> list[Measure]:
    return [
        Measure("Jensen–Shannon", float(jensen_shannon(p, q))),
        Measure("Total variation", float(total_variation(p, q)), nats=False),
        Measure("Hellinger distance", float(hellinger(p, q)), nats=False),
    ]


def _generalised_js(pq: float, qp: float) -> Measure:
    said = "β·KL(P‖M) + (1 − β)·KL(Q‖M), where M = β·P + (1 − β)·Q"
    return Measure(f"Generalised Jensen–Shannon, β = {WEIGHT:g}", pq, qp, said=said)


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
                f"KL({who}‖{other}) = ∞: {other} gives {listed} no probability, {who} gives some. A small ε added to "
                f"{other} makes it finite, but the number then depends on ε."
            )
    return sentences
