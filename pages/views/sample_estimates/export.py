"""Estimates to take along: short programs, and tables as CSV."""

import csv
import io
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from kl_core import kl
from kl_core.estimates.estimator_gradients import EstimatorGradients
from kl_core.estimates.estimators import ESTIMATORS, gaussian_errors

from .scene import DISTANCES, pair_at
from .token_file import Tokens

LOSS = """def rlhf_loss(reward, logprobs_current, logprobs_reference, beta=0.05):
    # reward is a number: -reward has no gradient in the policy's parameters
    kl = (logprobs_current - logprobs_reference).mean()  # k1: its expected gradient is 0
    return -reward + beta * kl, kl.item()
"""


def estimates_code(current: Tensor, other: Tensor, reward: float, beta: float) -> str:
    """The loss with a k1 penalty on the tokens on screen."""
    return f"""import torch
from kl_core.estimates.estimators import k1, k2, k3

{LOSS}
log_p = torch.tensor({_short(current)})  # log π of tokens that π has drawn
log_q = torch.tensor({_short(other)})  # log π_ref of the same tokens

loss, estimate = rlhf_loss(torch.tensor({reward:g}), log_p, log_q, beta={beta:g})
print(f"loss {{loss:.4f}}, estimate of KL(π‖π_ref) {{estimate:.4f}} nats")
for name, estimator in dict(k1=k1, k2=k2, k3=k3).items():
    print(f"{{name}}: {{estimator(log_p, log_q).mean():.4f}} nats")
"""


def _short(values: Tensor) -> str:
    return "[" + ", ".join(f"{one:.10g}" for one in values.tolist()) + "]"


def values_code(ratio: float, distance: float, count: int, seed: int) -> str:
    """Draws from π, and the mean of each estimator beside the exact KL."""
    return f"""import torch
from kl_core import kl
from kl_core.estimates.estimators import gaussian_errors, k1, k2, k3
from torch.distributions import Normal

torch.set_default_dtype(torch.float64)
pi, ref = Normal(0.0, 1.0), Normal({distance:.6g}, {ratio:g})
x = torch.randn({count}, generator=torch.Generator().manual_seed({seed}))
print(f"KL(π‖π_ref) = {{kl(pi, ref):.6g}} nats")
for name, estimator in dict(k1=k1, k2=k2, k3=k3).items():
    error = gaussian_errors(pi, ref)[name]  # exact, of one draw
    print(f"{{name}}: mean {{estimator(pi.log_prob(x), ref.log_prob(x)).mean():.6g}}, bias {{error.bias:.6g}}, sd {{error.sd:.6g}}")
"""


def gradients_code(policy: tuple[float, ...], reference: tuple[float, ...]) -> str:
    """Each estimator as a loss, differentiated by autograd over all actions, for the two policies on screen."""
    return _GRADIENTS.format(policy=list(policy), reference=list(reference))


_GRADIENTS = """import torch
from kl_core.estimates.estimators import k1, k2, k3

logits = torch.tensor({policy}, dtype=torch.float64).log().requires_grad_()
log_ref = torch.tensor({reference}, dtype=torch.float64).log()

log_pi = logits.log_softmax(-1)
kl = (log_pi.exp() * (log_pi - log_ref)).sum()
print("∇KL(π‖π_ref)", torch.autograd.grad(kl, logits, retain_graph=True)[0])
for name, estimator in dict(k1=k1, k2=k2, k3=k3).items():
    # what a batch of tokens drawn from π gives on average: π is not differentiated, the estimate is
    mean = (log_pi.exp().detach() * estimator(log_pi, log_ref)).sum()
    print(name, torch.autograd.grad(mean, logits, retain_graph=True)[0])
"""


def tokens_csv(tokens: Tokens) -> str:
    """A row a token: its sequence, its text, both log-probabilities, k1, k2, k3 in nats; and its step, reward and sampler, if logged."""
    of_token = lambda value: None if value is None else value[tokens.sequence]
    logged = {"step": of_token(tokens.step), "reward": of_token(tokens.reward), "sampler": tokens.sampler}
    more = {name: value.double() for name, value in logged.items() if value is not None}
    values = [estimator(tokens.log_p, tokens.log_q) for estimator in ESTIMATORS.values()]
    rows = torch.stack([tokens.log_p, tokens.log_q, *values, *more.values()], -1).tolist()
    text = tokens.text or [""] * len(rows)
    return table(
        ["sequence", "token", "policy", "reference", *ESTIMATORS, *more],
        ([number, word, *row] for number, word, row in zip(tokens.sequence.tolist(), text, rows, strict=True)),
    )


def gradients_csv(gradients: EstimatorGradients | None) -> str:
    """A row an arrow on screen: its gradient in each logit."""
    arrows = (
        {}
        if gradients is None
        else {"to_reference": gradients.to_reference, "from_reference": gradients.from_reference} | gradients.estimators
    )
    return table(["gradient", "A", "B", "C"], ([name, *value.tolist()] for name, value in arrows.items()))


def values_csv(ratio: float) -> str:
    """A row a distance of the means: the true KL in nats, and each estimator's exact bias and sd."""
    p, q = pair_at(DISTANCES, ratio)
    errors = gaussian_errors(p, q)
    columns = [DISTANCES, kl(p, q), *(value for one in errors.values() for value in (one.bias, one.sd))]
    names = [f"{name}_{what}" for name in errors for what in ("bias", "sd")]
    return table(["distance", "kl", *names], torch.stack(columns, -1).tolist())


def table(head: Sequence[str], rows: Iterable[Sequence]) -> str:
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(head)
    writer.writerows(rows)
    return table.getvalue()
