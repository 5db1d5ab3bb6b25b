"""Short PyTorch programs for the state on screen; each prints the number on screen."""

from .controls import Law
from .fit_scene import Descent


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


def fit_code(target: Law, descent: Descent) -> str:
    """A program that fits Q both ways and descends to it."""
    start = (descent.start["loc"], descent.start["scale"])
    return "\n".join([
        "from kl_core.descent import descend",
        "from kl_core.families import FAMILIES",
        "from kl_core.fitting import fit_forward, fit_reverse",
        "",
        _assignment("target", target),
        "",
        "best = fit_forward(target)",
        'print(f"forward: loc {best.loc:.6g}, scale {best.scale:.6g}, KL(P‖Q) = {best.kl:.6g} nats")',
        "for fit in fit_reverse(target):  # every local minimum, the best first",
        '    print(f"reverse: loc {fit.loc:.6g}, scale {fit.scale:.6g}, KL(Q‖P) = {fit.kl:.6g} nats")',
        "",
        f'path = descend(target, "reverse", {start}, "{descent.optimiser}", steps={descent.steps}, learning_rate={descent.learning_rate:g})',
        'print(f"descent: loc {path.loc[-1]:.6g}, scale {path.scale[-1]:.6g}, KL(Q‖P) = {path.kl[-1]:.6g} nats")',
        "",
    ])
