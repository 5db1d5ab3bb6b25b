"""The view "Top-k teacher": what a teacher's k most probable classes are worth to a student, for one digit."""

import csv
import io
from collections.abc import Mapping

import streamlit as st
import torch

from ...shared import state
from ...shared.downloads import downloads
from ...shared.live import live
from ...shared.style import Unit
from .examples import example_of_digit, offered
from .top_k import finding, top_k_scene, truncated

K_KEY = "top_k"
RANGES = {K_KEY: (1.0, 10.0), "top_T": (0.1, 100.0)}
_MORE = """
Teachers are often known only by their k most probable classes: stored logits are cut to save space, and APIs list a few.

**Tail bucket.** All other classes count as one more. By the data-processing inequality this KL is at most the whole KL, and it is 0 only
if the student is right about the listed classes and about the tail’s sum.

**Renormalised.** Teacher and student are both divided by their sums over the k classes. The loss then ignores how much probability the
student has elsewhere: the gradient of every other class is exactly 0.

**k terms alone.** The terms p·log(p/q) of the k classes are added up and the rest is forgotten. This can be negative, and it is not least
where the student is right: it always gains by moving probability out of the tail.
"""


def top_k_view(unit: Unit) -> None:
    """The finding, the picture with its scrubber, and beside it the digit and the temperature."""
    k = _k()
    head = st.container(key="top_k_finding")
    picture, asked = st.columns([3.4, 1], gap="large")
    with asked:
        name = st.selectbox("The teacher is shown", list(offered()), key="top_asked", bind="query-params")
        example = example_of_digit(offered().get(name, next(iter(offered().values()))))
        temperature = st.number_input("Temperature T of both", 0.1, 100.0, 5.0, 0.5, key="top_T", bind="query-params", format="%.4g")
    pair = (example.logits, example.student or example.logits, float(temperature))
    with head:
        st.subheader(finding(truncated(*pair), k), anchor=False)
    with picture:
        live(top_k_scene(*pair, unit, k), key="top_k_picture", on_settle=_left)
    with st.expander("More: three ways to use k classes"):
        st.markdown(_MORE)
    downloads(lambda: top_k_code(*pair, k), lambda: top_k_csv(*pair), "Loss and gradient at every k", "top_k_teacher.csv")


def _k() -> int:
    at = state.left_at(K_KEY, 2.0)
    return round(at) if 1 <= at <= 10 else 2


def _left(message: Mapping) -> None:
    state.leave_at(K_KEY, message)


def top_k_code(teacher: tuple[float, ...], student: tuple[float, ...], temperature: float, k: int) -> str:
    rows = [[round(value, 6) for value in row] for row in (teacher, student)]
    return f"""import torch
from kl_core.distilling.top_k_teacher import FORMS, top_k_loss

T, k = {temperature:g}, {k}
teacher = torch.tensor({rows[0]}, dtype=torch.float64) / T
student = torch.tensor({rows[1]}, dtype=torch.float64) / T
student.requires_grad_()


def loss_and_gradient(k, form):
    loss = top_k_loss(teacher, student, k, form)
    return loss, torch.autograd.grad(loss, student)[0]


whole, truth = loss_and_gradient(len(teacher), "tail")
print(f"whole: loss {{whole:.6g}} nats")
for form in FORMS:
    loss, gradient = loss_and_gradient(k, form)
    print(f"{{form}}: loss {{loss:.6g}} nats, gradient {{(gradient - truth).norm() / truth.norm():.6g}} off")
"""


def top_k_csv(teacher: tuple[float, ...], student: tuple[float, ...], temperature: float) -> str:
    """A row per k: each loss in nats, then the error of its gradient."""
    losses = truncated(teacher, student, temperature)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["k", *(f"{name} (nats)" for name in losses.loss), *(f"error of {name}'s gradient" for name in losses.error)])
    columns = torch.stack([*losses.loss.values(), *losses.error.values()], -1).tolist()
    writer.writerows([k, *row] for k, row in enumerate(columns, 1))
    return out.getvalue()
