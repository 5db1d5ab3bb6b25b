"""Downloads of the distillation page: programs for what is on screen, and its tables."""

import csv
import io

import torch

from .anatomy import loss_parts
from .examples import TEMPERATURES, Example, softened


def soft_targets_code(example: Example, temperature: float) -> str:
    logits = ", ".join(f"{one:.9g}" for one in example.logits)
    return f"""import torch
from kl_core import entropy
from kl_core.distilling.distillation import soften

logits = torch.tensor([{logits}], dtype=torch.float64)
for T in (1.0, {temperature:g}):
    probs = soften(logits, T)  # softmax(logits / T)
    print(f"T = {{T:g}}:", " ".join(f"{{p:.6f}}" for p in probs.tolist()), f"entropy {{entropy(probs):.4f}} nats")
"""


def loss_code(example: Example, alpha: float, temperature: float) -> str:
    teacher, student = (", ".join(f"{one:.9g}" for one in row) for row in (example.logits, example.student or ()))
    return f"""import torch
import torch.nn.functional as F

T, alpha = {temperature:g}, {alpha:g}
teacher = torch.tensor([[{teacher}]], dtype=torch.float64)
student = torch.tensor([[{student}]], dtype=torch.float64, requires_grad=True)
label = torch.tensor([{example.label}])

soft_teacher = F.softmax(teacher / T, dim=-1)
log_soft_student = F.log_softmax(student / T, dim=-1)
soft = F.kl_div(log_soft_student, soft_teacher, reduction="batchmean")  # KL(teacher‖student), for this argument order
hard = F.cross_entropy(student, label)
loss = alpha * T**2 * soft + (1 - alpha) * hard
print(f"hard {{hard:.4f}}, soft {{soft:.4f}}, T²·soft {{T**2 * soft:.4f}}, loss {{loss:.4f}} nats")

(gradient,) = torch.autograd.grad(soft, student)
print(f"soft part's gradient: {{gradient.norm():.4g}} without T², {{T**2 * gradient.norm():.4g}} with it")

# The same in one call, which keeps its digits at large T too:
# from kl_core.distilling.distillation import distillation_loss
# distillation_loss(student, teacher, label, T=T, alpha=alpha)
"""


def soft_targets_csv(example: Example) -> str:
    return _table(["T", *example.names], torch.cat([TEMPERATURES.unsqueeze(-1), softened(example)], -1).tolist())


def loss_csv(example: Example, alpha: float) -> str:
    parts = loss_parts(example, alpha)
    names = ("hard", "soft", "scaled", "loss")
    header = ["T", "hard (nats)", "KL (nats)", "T^2 KL (nats)", f"loss at alpha = {alpha:g} (nats)"]
    return _table(header, torch.stack([TEMPERATURES, *(parts[name] for name in names)], -1).tolist())


def _table(header: list[str], rows: list[list[float]]) -> str:
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(header)
    writer.writerows(rows)
    return table.getvalue()
