"""The view "A negative KL?": four tokens whose estimated KL is below 0, and the loss that it stands in."""

import streamlit as st
import torch

from kl_core.estimates.estimators import ESTIMATORS
from kl_core.rlhf.penalty import rlhf_loss

from ...shared.downloads import downloads
from ...shared.live import live
from ...shared.style import Unit, amount, number
from ...shared.typeset import typeset
from .export import LOSS, estimates_code, tokens_csv
from .token_file import Tokens, read_log_probs
from .tokens_scene import tokens_scene

EXAMPLE = ("-0.5, -1.2, -0.8, -0.3", "-0.3, -0.5, -0.4, -0.2")
MOST_TYPED = 400


def _log_probs(label: str, key: str, default: str) -> torch.Tensor | None:
    """Numbers of at most 0 from a text box; None, with a sentence, if they are not."""
    raw = st.text_input(label, default, key=key, max_chars=MOST_TYPED, bind="query-params")
    try:
        return read_log_probs(raw)
    except ValueError as problem:
        st.caption(f":red[{problem}]")
        return None


def negative_view(unit: Unit) -> None:
    """The worked example: four tokens, and a penalty that is a bonus."""
    picture, asked = st.columns([2.7, 1], gap="large")
    with asked:
        current = _log_probs("log π of the sampled tokens", "logprobs", EXAMPLE[0])
        other = _log_probs(typeset("log π_ref of the same tokens"), "logprobs_ref", EXAMPLE[1])
        with st.container(horizontal=True):
            reward = st.number_input("Reward", -100.0, 100.0, 2.5, 0.1, key="reward", bind="query-params", format="%.6g")
            beta = st.number_input("β", 0.0, 10.0, 0.05, 0.01, key="beta_loss", bind="query-params", format="%.6g")
    with picture:
        if current is None or other is None or len(current) != len(other):
            if current is not None and other is not None:
                st.caption(
                    typeset(f":red[There are {len(current)} tokens under π and {len(other)} under π_ref; both need the same number.]")
                )
            st.caption("The picture shows the worked example instead.")
            current, other = (torch.tensor([float(cell) for cell in row.split(",")], dtype=torch.float64) for row in EXAMPLE)
        loss, estimate = rlhf_loss(torch.tensor(reward, dtype=torch.float64), current, other, beta)
        live(tokens_scene(current, other, unit), key="four_tokens", on_settle=lambda _: None)
        st.metric("KL estimate: mean of k1", amount(float(estimate), unit))
        st.markdown(f"Loss = −reward + β · estimate = **{number(float(loss))}**")
    st.markdown(typeset(_why(float(estimate), beta, current, other, unit)))
    _trains_nothing()
    downloads(
        lambda: estimates_code(current, other, reward, beta),
        lambda: tokens_csv(Tokens(current, other, torch.zeros(len(current)).long(), [])),
        "Each estimator at each token",
        "tokens.csv",
    )


def _why(estimate: float, beta: float, current: torch.Tensor, other: torch.Tensor, unit: Unit) -> str:
    k3 = float(ESTIMATORS["k3"](current, other).mean())
    how = (
        f"**How can a KL be negative?** It cannot; its *estimate* can. k1 averages log π − log π_ref over only {len(current)} sampled "
        "tokens, and on these π_ref gives the higher probability. Averaged over everything that π may say, k1 is the KL, and never below 0."
        if estimate < 0
        else "Here the estimate is not negative; on another sample it may be. Only the average over everything that π may say never is."
    )
    effect = f" In this loss the “penalty” is a bonus of {number(-beta * estimate)}." if estimate < 0 and beta > 0 else ""
    return f"{how}{effect} The mean of k3 is {amount(k3, unit)}: k3 is never negative, and has the same expected value."


def _trains_nothing() -> None:
    """The loss as it is often written, whole, and what its gradient is on average."""
    with st.expander(
        "This loss in full: on average it trains nothing", icon=":material/code:", key="loss_in_full", on_change="rerun"
    ) as shown:
        if shown.open:
            st.code(LOSS, language="python")
            st.markdown(
                typeset(
                    "`reward` is a number: it does not depend on the policy’s parameters here, so −reward has no gradient. The mean of "
                    "k1 over tokens from π has expected gradient 0. So on average `loss.backward()` moves the policy nowhere. "
                    "**Instead**, put β·k1 into the reward and use the policy gradient, or differentiate k2, whose expected gradient is "
                    "∇KL(π‖π_ref)."
                )
            )
