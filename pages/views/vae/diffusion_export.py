"""The ELBO of a diffusion to take along: a short program that sums its KLs, and every term as CSV."""

import csv
import io

import torch

from kl_core.vaes.diffusion import diffusion_elbo

from .diffusion_state import DiffusionState

_PROGRAM = """import torch
from kl_core.vaes.diffusion import MixtureData, diffusion_elbo

data = MixtureData(weights={weights}, means={means}, scales={scales})
alpha_bar = torch.tensor({alpha_bar}, dtype=torch.float64)  # ᾱ_1 … ᾱ_T
elbo = diffusion_elbo(data, alpha_bar, variance={variance!r})

for t, (term, left_out) in enumerate(zip(elbo.terms.tolist(), elbo.left_out.tolist()), 1):
    what = "-log p(x_0|x_1)" if t == 1 else "KL of x_T" if t > len(alpha_bar) else f"KL of step {{t}}"
    print(f"{{what}}: {{term:.6f}} nats, of which the ELBO leaves out {{left_out:.6f}}")
print(f"-ELBO {{elbo.total:.6f}} = entropy of the data {{elbo.entropy:.6f}} + left out {{elbo.gap:.6f}} nats")
"""


def diffusion_code(shown: DiffusionState) -> str:
    """Prints every term of what is on screen."""
    data = shown.mixture
    levels = [float(f"{level:.10g}") for level in shown.alpha_bar().tolist()]
    return _PROGRAM.format(weights=data.weights, means=data.means, scales=data.scales, alpha_bar=levels, variance=shown.step_variance)


def diffusion_csv(shown: DiffusionState) -> str:
    """A row per term: ᾱ after the step, the term, what any model must pay, and what is left out; nats."""
    alpha_bar = shown.alpha_bar()
    elbo = diffusion_elbo(shown.mixture, alpha_bar, shown.step_variance)
    names = ["reconstruction", *(f"step {t}" for t in range(2, len(alpha_bar) + 1)), "prior"]
    columns = (torch.cat([alpha_bar, alpha_bar[-1:]]), elbo.terms, elbo.information, elbo.left_out)
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["term", "alpha_bar", "nats", "information", "left_out"])
    writer.writerows(zip(names, *(column.tolist() for column in columns), strict=True))
    return table.getvalue()
