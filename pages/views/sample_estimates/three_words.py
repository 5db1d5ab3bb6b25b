"""Two policies over three words, π and π_ref, as text boxes that all views of the page share."""

import streamlit as st
import torch
from torch import Tensor

from kl_core.families import FAMILIES

from ...shared import controls
from ...shared.values import ChosenDistribution

START = {"p": (0.6, 0.3, 0.1), "q": (0.3, 0.3, 0.4)}
WORDS = ("A", "B", "C")


def three_word_policies() -> dict[str, ChosenDistribution]:
    """{"p": π, "q": π_ref}, drawn where it is called; a sentence and the start where there are not three words."""
    bars = FAMILIES["categorical"]
    policies = {}
    for role, name in (("p", "π"), ("q", r"$\pi_\text{ref}$")):
        policies[role] = controls.parameter_controls(role, bars, {"probs": START[role]}, name)
    for role, chosen in policies.items():
        if len(chosen.values["probs"]) != 3:
            st.caption(f":red[This picture has three words, not {len(chosen.values['probs'])}. It shows the starting probabilities.]")
            policies[role] = ChosenDistribution(bars, {"probs": START[role]})
    return policies


def log_probs(policies: dict[str, ChosenDistribution]) -> tuple[Tensor, Tensor] | None:
    """log π and log π_ref, each (3,), normalised; None where a probability is 0."""
    probs = [policies[role].values["probs"] for role in ("p", "q")]
    if min(map(min, probs)) == 0:
        return None
    first, second = (torch.tensor(values, dtype=torch.float64).log().log_softmax(-1) for values in probs)
    return first, second


def without_zeros(policies: dict[str, ChosenDistribution]) -> tuple[Tensor, Tensor]:
    """The same; where a probability is 0, a sentence and the starting policies."""
    logs = log_probs(policies)
    if logs is not None:
        return logs
    st.caption(":red[With a probability of 0 a log-ratio is infinite. The picture shows the starting probabilities.]")
    first, second = (torch.tensor(START[role], dtype=torch.float64).log() for role in ("p", "q"))
    return first, second
