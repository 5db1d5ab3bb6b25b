"""The view "Between the KLs": β from forward to reverse KL, for one digit's teacher and student."""

import csv
import io
from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st
import torch

from ...shared import state
from ...shared.downloads import downloads
from ...shared.live import live
from ...shared.style import Unit
from .between import BETAS, between, between_scene, finding, place_of_beta
from .examples import example_of_digit, offered

BETA_KEY = "js_beta"
RANGES = {BETA_KEY: (0.0, 1.0), "js_T": (0.1, 100.0)}
_ERROR = f"./checked?{urlencode({'view': 'Common errors', 'error': 'β next to 0 in generalised JSD'})}"
_MORE = """
*Generalised Jensen–Shannon divergence* mixes teacher P and student Q to M = β·P + (1 − β)·Q and adds up the KL of each from M:
β·KL(P‖M) + (1 − β)·KL(Q‖M). Close to β = 0, M is almost Q, so the second term is of order β², and the first is about β·KL(P‖Q).
The formula itself therefore tends to 0 at both ends.

Libraries replace it by KL(P‖Q) at β = 0 and by KL(Q‖P) at β = 1. So β close to an end changes the effective learning rate, and
not only the direction.

Two cures are continuous: divide by β(1 − β), or swap the two weights, (1 − β)·KL(P‖M) + β·KL(Q‖M).
Sources: Agarwal et al. 2023, [arXiv 2306.13649](https://arxiv.org/abs/2306.13649);
[ms-swift, issue 10078](https://github.com/modelscope/ms-swift/issues/10078), which swapped the weights in
[pull request 10213](https://github.com/modelscope/ms-swift/pull/10213).
"""


def between_view(unit: Unit) -> None:
    """The finding, the picture with its scrubber, and beside it the digit and the temperature."""
    start = place_of_beta(state.left_at(BETA_KEY, 0.1))
    head = st.container(key="between_finding")
    picture, asked = st.columns([3.4, 1], gap="large")
    with asked:
        name = st.selectbox("The teacher is shown", list(offered()), key="js_asked", bind="query-params")
        example = example_of_digit(offered().get(name, next(iter(offered().values()))))
        temperature = st.number_input("Temperature T of both", 0.1, 100.0, 5.0, 0.5, key="js_T", bind="query-params", format="%.4g")
        st.caption(f"[The error as code]({_ERROR})")
    pair = (example.logits, example.student or example.logits, float(temperature))
    with head:
        st.subheader(finding(between(*pair)), anchor=False)
    with picture:
        live(between_scene(*pair, unit, start), key="between", on_settle=_left)
    with st.expander("More: why it falls to 0, and two cures"):
        st.markdown(_MORE)
    downloads(
        lambda: between_code(*pair, float(BETAS[start])), lambda: between_csv(*pair), "Loss and gradient at every β", "between_the_kls.csv"
    )


def _left(message: Mapping) -> None:
    state.leave_at(BETA_KEY, message)


def between_code(teacher: tuple[float, ...], student: tuple[float, ...], temperature: float, beta: float) -> str:
    rows = [[round(value, 6) for value in row] for row in (teacher, student)]
    return f"""import torch
from kl_core.vectors.generalised_js import generalised_js_from_logits, scaled_js_from_logits, swapped_js_from_logits

T, beta = {temperature:g}, {beta:g}
teacher = torch.tensor({rows[0]}, dtype=torch.float64) / T
student = torch.tensor({rows[1]}, dtype=torch.float64) / T
student.requires_grad_()

in_libraries = generalised_js_from_logits(teacher, student, beta, ends="kl")
losses = {{
    "in libraries": in_libraries,
    "over beta (1 - beta)": scaled_js_from_logits(teacher, student, beta),
    "weights swapped": swapped_js_from_logits(teacher, student, beta),
}}
for name, loss in losses.items():
    (gradient,) = torch.autograd.grad(loss, student)
    print(f"{{name}}: loss {{loss:.6g}} nats, gradient {{gradient.norm():.6g}}")
"""


def between_csv(teacher: tuple[float, ...], student: tuple[float, ...], temperature: float) -> str:
    """A row per β: each loss in nats, then the norm of its gradient."""
    losses = between(teacher, student, temperature)
    table = io.StringIO()
    writer = csv.writer(table)
    names = list(losses.loss)
    writer.writerow(["beta", *(f"{name} (nats)" for name in names), *(f"gradient of {name}" for name in names)])
    writer.writerows(torch.stack([BETAS, *losses.loss.values(), *losses.slope.values()], -1).tolist())
    return table.getvalue()
