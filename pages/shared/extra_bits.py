"""Extra bits, seen: ideal code lengths under P and Q, and a message from P sent with Q's code."""

from math import isinf

import plotly.graph_objects as go
import streamlit as st
import torch
from torch import Tensor
from torch.distributions import Distribution

from kl_core import kl
from kl_core.coding import code_lengths, draw_message, running_extra_length
from kl_core.quadrature import interval

from .style import Unit, amount, number

LENGTHS = {"100": 100, "1 000": 1000, "10 000": 10_000}
SHOWN = 48
MOST_BARS = 24


def extra_bits(p: Distribution, q: Distribution, names: list[str] | None, unit: Unit) -> None:
    """The section: code lengths at the left, the running extra length at the right."""
    st.header(f"Extra {unit.name}, seen", anchor=False, divider="gray")
    left, right = st.columns(2, gap="large")
    outcomes = _outcomes(p, q, names)
    labels = names or [f"{int(k)}" for k in outcomes]
    with left:
        st.markdown(f"**Ideal code length** of each outcome, in {unit.name}: −log of its probability")
        _lengths_chart(p, q, outcomes, labels, unit)
    with right:
        message = _message(p)
        _running(p, q, message, unit)
    _words(p, q, message, labels, unit)


def _outcomes(p: Distribution, q: Distribution, names: list[str] | None) -> Tensor:
    last = len(names) - 1 if names else min(max(interval(one, 1e-3)[1] for one in (p, q)), MOST_BARS)
    return torch.arange(int(last) + 1, dtype=torch.float64)


def _lengths_chart(p: Distribution, q: Distribution, outcomes: Tensor, labels: list[str], unit: Unit) -> None:
    traces = [
        go.Bar(x=labels, y=[None if isinf(one) else one for one in (code_lengths(law, outcomes) * unit.per_nat).tolist()],
               name=f"with {name}'s code", marker_pattern_shape=pattern)
        for name, law, pattern in (("P", p, ""), ("Q", q, "/"))
    ]
    figure = go.Figure(traces)
    figure.update_layout(
        height=260, margin={"l": 0, "r": 0, "t": 8, "b": 0}, legend={"orientation": "h", "y": 1.15},
        yaxis_title=unit.name, xaxis_type="category", bargap=0.25,
    )
    st.plotly_chart(figure, key="code_lengths", config={"displayModeBar": False}, alt="Code length of each outcome")


def _message(p: Distribution) -> Tensor:
    size, seed = st.columns([2, 1])
    length = size.segmented_control(
        "Symbols drawn from P", list(LENGTHS), default="1 000", required=True, key="symbols", bind="query-params"
    )
    seed = seed.number_input("Seed", 0, 9999, 0, key="seed", bind="query-params")
    return draw_message(p, LENGTHS[length or "1 000"], int(seed))


def _running(p: Distribution, q: Distribution, message: Tensor, unit: Unit) -> None:
    running = running_extra_length(p, q, message) * unit.per_nat
    target = float(kl(p, q)) * unit.per_nat
    kept = torch.unique(torch.logspace(0, torch.tensor(float(len(message))).log10().item(), 400).long()) - 1
    traces = [go.Scatter(x=(kept + 1).tolist(), y=_finite(running[kept]), mode="lines", name=f"extra {unit.name} a symbol, so far")]
    if not isinf(target):
        traces.append(go.Scatter(
            x=[1, len(message)], y=[target, target], mode="lines", name=f"KL(P‖Q) = {number(target)}", line={"dash": "dash"}
        ))
    figure = go.Figure(traces)
    figure.update_layout(
        height=200, margin={"l": 0, "r": 0, "t": 8, "b": 0}, legend={"orientation": "h", "y": 1.2},
        xaxis={"type": "log", "title": "symbols sent"}, yaxis_title=f"{unit.name} a symbol",
    )
    st.plotly_chart(figure, key="running", config={"displayModeBar": False}, alt="Running extra length per symbol")


def _finite(values: Tensor) -> list[float | None]:
    return [None if isinf(value) else value for value in values.tolist()]


def _words(p: Distribution, q: Distribution, message: Tensor, labels: list[str], unit: Unit) -> None:
    first = [labels[int(k)] if int(k) < len(labels) else str(int(k)) for k in message[:SHOWN]]
    own, other = (float(code_lengths(law, message).sum()) for law in (p, q))
    st.markdown(f"The message begins `{' '.join(first)} …`")
    if isinf(other):
        st.markdown("It cannot be sent with Q's code: it holds an outcome that Q rules out, so the extra length is **∞**.")
        return
    extra = (other - own) / len(message)
    st.markdown(
        f"{len(message):,} symbols take {amount(own, unit)} with P's code and {amount(other, unit)} with Q's: "
        f"**{amount(extra, unit)} extra a symbol** (this sample), where KL(P‖Q) = {amount(float(kl(p, q)), unit)} (exact)."
    )
