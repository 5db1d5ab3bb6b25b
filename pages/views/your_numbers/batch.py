"""Rows of logits: a KL for each row, and the figures by which a quantised copy is judged."""

from collections.abc import Callable

import torch
from torch import Tensor

from kl_core.vectors.quantisation import QuantisationReport, quantisation_report
from kl_core.vectors.top_k import with_tail

from ...shared.reading.columns import Block
from ...shared.style import number
from .missing import MOST_LISTED, missing_of_logarithms
from .placeholders import without_placeholders
from .program import rows_program
from .result import NOTHING, BothKL, Histogram, Measure, Result, Rows
from .usual_code import mean_by_kl_div

MOST_FOR_USUAL_CODE = 2_000_000
"""Logits beyond which usual code is not run beside ours: it copies them several times."""
BINS = 24
_PERCENTILES = {0.5: "Median", 0.9: "90 %", 0.95: "95 %", 0.99: "99 %", 0.999: "99.9 %"}
_RATIO = "exp(mean KL), as text drawn from P has it on average; llama.cpp prints that of the observed text, and its Δp too"


def rows_of_logits(p: Block, q: Block, _: object, missing: str | None = None, progress: Callable[[float], None] | None = None) -> Result:
    """A KL per row and their mean, which is what "batchmean" means; percentiles and the share of equal top tokens as llama.cpp has them.

    Its Δp and perplexities are of the observed tokens, which rows of logits do not hold: here Δp is of P's top class, and the ratio of
    perplexities is exp(mean KL), that of tokens drawn from P on average.

    missing: one of MISSING, where rows can be log-probabilities of the same top classes. progress: told the share that is done.
    """
    a, b = p.values, q.values
    if a.shape != b.shape:
        raise ValueError(f"P has {a.shape[0]} rows of {a.shape[1]} logits and Q has {b.shape[0]} of {b.shape[1]}.")
    for who, block in (("P", p), ("Q", q)):
        too_large = (block.values == torch.inf).flatten()
        if bool(too_large.any()):
            raise ValueError(
                f"{who}, {block.place(int(too_large.nonzero()[0]))}: +inf cannot be; a logit is finite, or −inf to mask a class."
            )
    rest, cleaned, said = None, (a, b), list[str]()
    if a.shape[1] <= MOST_LISTED:
        cleaned, said = without_placeholders(a, b)
        rest = missing_of_logarithms(*cleaned, missing)
    if rest is not None and rest.tail:
        given = cleaned
        a, b = with_tail(*cleaned)
    else:
        given, said = (a, b), []
    try:
        told = progress or (lambda share: None)
        forth = quantisation_report(a, b, progress=lambda share: told(share / 2))
        back = quantisation_report(b, a, progress=lambda share: told((1 + share) / 2))
    except ValueError as problem:
        raise ValueError(f"These are no rows of logits: {problem}.") from None
    count = len(forth.kl)
    spread = f"± {number(forth.mean[1])} from row to row" if forth.mean[1] > NOTHING else "the same in every row"
    error = f"; {spread}" if 1 < count and forth.mean[1] == forth.mean[1] else ""
    exact = "at least, by the classes listed" if rest is not None and rest.tail else "exact"
    divergence = BothKL(forth.mean[0], back.mean[0], said=f"{exact}, mean over {_rows(count)}{error}")
    names = p.names or [str(i + 1) for i in range(count)]
    rows = Rows("row", names, forth.kl, back.kl)
    code = rows_program(*given, tail=rest is not None and rest.tail)
    figures, histogram = _figures(forth, back, names), _histogram(forth.kl)
    return Result(divergence, figures, rows, said + _warnings(a, b, forth), code, histogram=histogram, missing=rest)


def _figures(forth: QuantisationReport, back: QuantisationReport, names: list[str]) -> list[Measure]:
    rows = len(forth.kl)
    measures = [Measure(_PERCENTILES[level], forth.quantiles[level], back.quantiles[level]) for level in _told_by(rows)]
    (row, largest), (row_back, largest_back) = forth.worst, back.worst
    where = names[row] if row == row_back else f"{names[row]}, {names[row_back]}"
    share, share_error = forth.top_agreement
    ratio, ratio_error = forth.perplexity_ratio
    deltas = forth.delta_p
    return [
        *measures,
        Measure(f"Largest (row {where})", largest, largest_back, said=_not_told_by(rows)),
        Measure("Sum over the rows", float(forth.kl.sum()), float(back.kl.sum())),
        Measure(f"Same top class, share of rows{_plus_minus(share_error)}", share, nats=False),
        Measure("Mean Δp of P’s top class, and of Q’s", float(deltas.mean()), float(back.delta_p.mean()), nats=False),
        Measure("Root mean square of Δp", float(deltas.square().mean().sqrt()), float(back.delta_p.square().mean().sqrt()), nats=False),
        Measure(f"Perplexity ratio{_plus_minus(ratio_error)}", ratio, back.perplexity_ratio[0], nats=False, said=_near_1(ratio) + _RATIO),
    ]


def _near_1(ratio: float) -> str:
    """What four digits of a ratio next to 1 hide."""
    return f"1 + {number(ratio - 1)} from P to Q, " if 0 < ratio - 1 < 0.01 else ""


def _told_by(rows: int) -> list[float]:
    """The percentiles that so many rows have: above the one of 99 % lies at least a row of a hundred. The median is always one."""
    return [level for level in _PERCENTILES if level == 0.5 or _needed(level) <= rows]


def _not_told_by(rows: int) -> str:
    missing = [level for level in _PERCENTILES if level not in _told_by(rows)]
    if not missing:
        return ""
    listed = lambda words: " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)
    names, needed = listed([_PERCENTILES[level] for level in missing]), listed([f"{_needed(level):,}" for level in missing])
    return f"{names} need{'' if len(missing) > 1 else 's'} at least {needed} rows; here are {rows:,}"


def _needed(level: float) -> int:
    return round(1 / (1 - level))


def _rows(count: int) -> str:
    return f"{count:,} row{'s' if count > 1 else ''}"


def _plus_minus(error: float) -> str:
    return f" (± {number(error)})" if NOTHING < error < float("inf") else ""


def _warnings(a: Tensor, b: Tensor, report: QuantisationReport) -> list[str]:
    sentences = []
    if a.numel() <= MOST_FOR_USUAL_CODE:
        mean = mean_by_kl_div(a.double(), b.double())
        why = f'it divides by rows × classes = {a.numel():,}. "batchmean" divides by the {_rows(len(a))}.'
        why = why if mean == mean else "classes that both sides leave out, at −∞, make NaN of it."
        sentences.append(f'F.kl_div(…, reduction="mean") says {number(mean)}: {why}')
    infinite = int(report.kl.isinf().sum())
    if infinite:
        sentences.append(f"KL(P‖Q) is ∞ in {infinite:,} row{'s' if infinite > 1 else ''}: Q masks a class (−inf) that P does not.")
    return sentences


def _histogram(kl: Tensor) -> Histogram | None:
    """Of the rows' KLs, in bins of equal width in the logarithm; rows of exactly 0 and of ∞ are counted apart."""
    positive = kl[(kl > 0) & kl.isfinite()]
    if len(positive) < 2 or float(positive.min()) == float(positive.max()):
        return None
    logs = positive.log10()
    counts = torch.histc(logs, BINS, float(logs.min()), float(logs.max()))
    edges = torch.linspace(float(logs.min()), float(logs.max()), BINS + 1, dtype=torch.float64)
    return Histogram(edges, counts, int((kl == 0).sum()), int(kl.isinf().sum()))
