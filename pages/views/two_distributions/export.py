"""Downloads of a pair: a short PyTorch program that prints the numbers on screen, and the curves as CSV."""

import csv
import io
from math import ceil, floor, inf, isclose, isnan

import torch
from torch import Tensor
from torch.distributions import Categorical, Distribution, MixtureSameFamily, Normal, kl_divergence

from kl_core import kl
from kl_core.density import log_density

from ...shared.style import Unit
from ...shared.values import ChosenDistribution

ROWS = 401
MIXTURE = (Categorical, MixtureSameFamily, Normal)
DIGITS = 1e-5
"""How nearly torch's own function must say the same for it to print the number on screen, six digits."""


def pair_code(p: ChosenDistribution, q: ChosenDistribution, unit: Unit) -> str:
    """A program that makes P and Q and prints both directions; kl_core only where torch has no such pair or is wrong."""
    if p.family.name == q.family.name == "categorical" and len(p.values["probs"]) == len(q.values["probs"]):
        return _categorical_code(p.values["probs"], q.values["probs"], unit)
    why = _why_not_torch(p.distribution, q.distribution)
    by = "kl" if why else "kl_divergence"
    return "\n".join(
        [
            *(["from math import log", ""] if unit.per_nat != 1 else []),
            "import torch",
            *_imports([*_classes(p), *_classes(q), *([] if why else [kl_divergence])]),
            *([f"from kl_core import kl  # {why}"] if why else []),
            "",
            "torch.set_default_dtype(torch.float64)",
            f"P = {_construction(p)}",
            f"Q = {_construction(q)}",
            "",
            *(_printed(f"{by}({a}, {b})", a, b, unit) for a, b in ("PQ", "QP")),
            "",
        ]
    )


def _printed(value: str, a: str, b: str, unit: Unit) -> str:
    return f'print(f"KL({a}‖{b}) = {{{value}{" / log(2)" if unit.per_nat != 1 else ""}:.6g}} {unit.name}")'


@torch.inference_mode()
def _why_not_torch(p: Distribution, q: Distribution) -> str | None:
    """In a few words, if torch.distributions does not give the numbers on screen."""
    for first, second in ((p, q), (q, p)):
        try:
            theirs = float(kl_divergence(first, second))
        except NotImplementedError:
            return "torch has no KL for this pair"
        ours = float(kl(first, second))
        if theirs != ours and not (isclose(theirs, ours, rel_tol=DIGITS) and abs(ours) < inf):
            return f"torch's own kl_divergence gives {theirs:.6g} nats; the true value is {ours:.6g}"
    return None


def _classes(chosen: ChosenDistribution) -> tuple[type, ...]:
    return MIXTURE if chosen.family.name == "gaussian_mixture" else (type(chosen.distribution),)


def _imports(used: list) -> list[str]:
    """A line for each module; torch's own are taken from torch.distributions."""
    names: dict[str, set[str]] = {}
    for thing in used:
        own = hasattr(torch.distributions, thing.__name__)
        names.setdefault("torch.distributions" if own else thing.__module__, set()).add(thing.__name__)
    return [f"from {module} import {', '.join(sorted(imported))}" for module, imported in sorted(names.items(), reverse=True)]


def _construction(chosen: ChosenDistribution) -> str:
    values = chosen.values
    if chosen.family.name == "gaussian_mixture":
        weights, locs, scales = (f"torch.tensor({list(values[name])})" for name in ("weights", "locs", "scales"))
        return f"MixtureSameFamily(Categorical({weights}), Normal({locs}, {scales}))"
    arguments = ", ".join(f"{name}={_literal(value)}" for name, value in values.items())
    return f"{type(chosen.distribution).__name__}({arguments})"


def _literal(value: float | tuple[float, ...]) -> str:
    if isinstance(value, tuple):
        return f"torch.tensor({list(value)})"
    return repr(int(value)) if value == int(value) and abs(value) > 1e15 else repr(value)


def _categorical_code(p: tuple[float, ...], q: tuple[float, ...], unit: Unit) -> str:
    """By kl_core, which keeps its digits; by hand and by torch's own function beside it."""
    per = " / log(2)" if unit.per_nat != 1 else ""
    return f"""{"from math import log" + chr(10) * 2 if per else ""}import torch
import torch.nn.functional as F
from kl_core import kl_from_probs

P = torch.tensor({list(p)}, dtype=torch.float64)
Q = torch.tensor({list(q)}, dtype=torch.float64)
P, Q = P / P.sum(), Q / Q.sum()

kl_manual = (P * (P.log() - Q.log())).sum(){per}             # NaN when a probability is 0
kl_torch = F.kl_div(Q.log(), P, reduction="sum"){per}        # the first argument is log Q, the second P
print(f"KL(P‖Q) = {{kl_from_probs(P, Q){per}:.6g}} {unit.name} (by hand {{kl_manual:.4f}}, F.kl_div {{kl_torch:.4f}})")
print(f"KL(Q‖P) = {{kl_from_probs(Q, P){per}:.6g}} {unit.name}")
"""


def pair_csv(p: Distribution, q: Distribution, view: list[float], kind: str, names: list[str] | None = None) -> str:
    """x (or the outcome's name), p, q, log-ratio and both contributions in nats (per unit of x where x is continuous)."""
    xs = places(view, kind)
    log_p, log_q = log_density(p, xs), log_density(q, xs)
    ratio = log_p - log_q
    nothing = torch.zeros_like(xs)
    to_pq = torch.where(log_p.isneginf(), nothing, log_p.exp() * ratio)
    to_qp = torch.where(log_q.isneginf(), nothing, log_q.exp() * -ratio)
    rows = torch.stack([log_p.exp(), log_q.exp(), ratio, to_pq, to_qp], -1).tolist()
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["outcome" if names else "x", "p", "q", "log_p_minus_log_q", "contribution_to_kl_pq", "contribution_to_kl_qp"])
    # Where neither distribution has mass there is no log-ratio: an empty cell.
    writer.writerows(
        [[place, *("" if isnan(value) else value for value in row)] for place, row in zip(names or xs.tolist(), rows, strict=True)]
    )
    return table.getvalue()


def places(view: list[float], kind: str) -> Tensor:
    """The xs of a picture's table: every outcome, or an even grid over the view."""
    low, high = view
    if kind == "discrete":
        return torch.arange(ceil(low), floor(high) + 1, dtype=torch.float64)
    return torch.linspace(low, high, ROWS, dtype=torch.float64)
