"""Short PyTorch programs for the state on screen; each prints the number on screen."""

from .controls import Law


def pair_code(p: Law, q: Law) -> str:
    """A program that makes P and Q and prints both directions in nats."""
    if p.family.name == q.family.name == "categorical" and len(p.values["probs"]) == len(q.values["probs"]):
        return _categorical_code(p.values["probs"], q.values["probs"])
    return "\n".join([
        "from kl_core import kl",
        "from kl_core.families import FAMILIES",
        "",
        _assignment("p", p),
        _assignment("q", q),
        "",
        'print(f"KL(P‖Q) = {kl(p, q):.6g} nats")',
        'print(f"KL(Q‖P) = {kl(q, p):.6g} nats")',
        "",
    ])


def _assignment(name: str, law: Law) -> str:
    arguments = ", ".join(f"{key}={_literal(value)}" for key, value in law.values.items())
    return f'{name} = FAMILIES["{law.family.name}"].distribution({arguments})  # a torch distribution'


def _literal(value: float | tuple[float, ...]) -> str:
    return repr(list(value)) if isinstance(value, tuple) else repr(value)


def _categorical_code(p: tuple[float, ...], q: tuple[float, ...]) -> str:
    """By hand and by torch's own function, as every tutorial does it; kl_core where they lose digits."""
    return f"""import torch
import torch.nn.functional as F
from kl_core import kl_from_probs

P = torch.tensor({list(p)}, dtype=torch.float64)
Q = torch.tensor({list(q)}, dtype=torch.float64)
P, Q = P / P.sum(), Q / Q.sum()

kl_manual = (P * (P.log() - Q.log())).sum()             # NaN when a probability is 0
kl_torch = F.kl_div(Q.log(), P, reduction="sum")        # the first argument is log Q, the second P
print(f"KL(P‖Q) = {{kl_from_probs(P, Q):.6g}} nats (by hand {{kl_manual:.4f}}, F.kl_div {{kl_torch:.4f}})")
print(f"KL(Q‖P) = {{kl_from_probs(Q, P):.6g}} nats")
"""
