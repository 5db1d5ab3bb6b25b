"""Estimates from samples: k1, k2, k3 — how a KL can come out negative, how far to trust each, and what each does as a loss."""

import streamlit as st
import torch

from kl_core.estimates.estimator_gradients import USES, WEIGHTINGS
from kl_core.estimates.estimators import ESTIMATORS
from kl_core.families import FAMILIES
from kl_core.rlhf.penalty import rlhf_loss
from pages.shared import controls, state
from pages.shared.downloads import downloads
from pages.shared.header import page_header
from pages.shared.live import live
from pages.shared.style import UNITS, Unit, amount, number
from pages.shared.values import ChosenDistribution
from pages.views.sample_estimates.export import (
    estimates_code,
    gradients_code,
    gradients_csv,
    tokens_csv,
    values_code,
    values_csv,
)
from pages.views.sample_estimates.run_view import run_view
from pages.views.sample_estimates.scene import (
    gradient_scene,
    gradient_words,
    gradients_of,
    schulman_rows,
    tokens_scene,
    value_scene,
)
from pages.views.sample_estimates.token_file import Tokens, read_log_probs

VIEWS = ["A negative KL?", "The value", "The gradient", "Your run"]
RATIOS = [0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 2.0]
COUNTS = {"100": 100, "1 000": 1000, "10 000": 10_000}
BRIEF = ("-0.5, -1.2, -0.8, -0.3", "-0.3, -0.5, -0.4, -0.2")
PUBLISHED = {
    "N(0.1, 1)": {"k1": (0, 20), "k2": (0.002, 1.42), "k3": (0, 1.42)},
    "N(1, 1)": {"k1": (0, 2), "k2": (0.25, 1.73), "k3": (0, 1.7)},
}
START = {"p": (0.6, 0.3, 0.1), "q": (0.3, 0.3, 0.4)}
SAMPLERS = {"π itself (on-policy)": None, "π_ref (off-policy)": "q"}
WEIGHT_NAMES = {"none": "no weights", "constant": "weights π/μ, held fixed", "differentiated": "weights π/μ, differentiated"}
USE_NAMES = {"loss": "differentiated, as a loss", "reward": "a number in the reward"}
CHOICES = {
    "unit": UNITS,
    "view": VIEWS,
    "ratio": [f"{one:g}" for one in RATIOS],
    "draws": COUNTS,
    "sampler": SAMPLERS,
    "weights": WEIGHT_NAMES.values(),
    "use": USE_NAMES.values(),
}
MOST_TYPED = 400


def _log_probs(label: str, key: str, default: str) -> torch.Tensor | None:
    """Numbers of at most 0 from a text box; None, with a sentence, if they are not."""
    raw = st.text_input(label, default, key=key, max_chars=MOST_TYPED, bind="query-params")
    try:
        return read_log_probs(raw)
    except ValueError as problem:
        st.caption(f":red[{problem}]")
        return None


def _negative_view(unit: Unit) -> None:
    """The usual example: four tokens, and a penalty that is a bonus."""
    picture, asked = st.columns([2.7, 1], gap="large")
    with asked:
        current = _log_probs("log π of the sampled tokens", "logprobs", BRIEF[0])
        other = _log_probs("log π_ref of the same tokens", "logprobs_ref", BRIEF[1])
        with st.container(horizontal=True):
            reward = st.number_input("Reward", -100.0, 100.0, 2.5, 0.1, key="reward", bind="query-params", format="%.6g")
            beta = st.number_input("β", 0.0, 10.0, 0.05, 0.01, key="beta_loss", bind="query-params", format="%.6g")
    with picture:
        if current is None or other is None or len(current) != len(other):
            if current is not None and other is not None:
                st.caption(f":red[There are {len(current)} tokens under π and {len(other)} under π_ref; they must be as many.]")
            st.caption("Shown instead: the usual example.")
            current, other = (torch.tensor([float(one) for one in row.split(",")], dtype=torch.float64) for row in BRIEF)
        loss, estimate = rlhf_loss(torch.tensor(reward, dtype=torch.float64), current, other, beta)
        with st.container(horizontal=True):
            st.metric("KL estimate: mean of k1", amount(float(estimate), unit))
            st.metric("Loss = −reward + β · estimate", number(float(loss)))
        live(tokens_scene(current, other, unit), key="four_tokens", on_settle=lambda _: None)
        st.markdown(_why(float(estimate), beta, current, other, unit))
    downloads(
        lambda: estimates_code(current, other, reward, beta),
        lambda: tokens_csv(Tokens(current, other, torch.zeros(len(current)).long(), [])),
        "Each estimator at each token",
        "tokens.csv",
    )


def _why(estimate: float, beta: float, current: torch.Tensor, other: torch.Tensor, unit: Unit) -> str:
    k3 = float(ESTIMATORS["k3"](current, other).mean())
    how = (
        f"**How can KL be negative?** It cannot; its *estimate* can. k1 = log π − log π_ref of {len(current)} sampled tokens, and here "
        f"the reference likes them better than π does, which drew them. The average over all that π may say is never below 0."
        if estimate < 0
        else "This time the estimate is not negative; another sample might be. Only the average over all that π may say never is."
    )
    effect = f" In this loss the “penalty” is a bonus of {number(-beta * estimate)}." if estimate < 0 and beta > 0 else ""
    return f"{how}{effect} k3 of the same tokens: {amount(k3, unit)}; it is never negative, and has the same *expected* value."


def _value_view(unit: Unit) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        ratio = st.select_slider(
            "Q’s standard deviation ÷ P’s", RATIOS, 1.0, key="ratio", bind="query-params", format_func=lambda one: f"{one:g}"
        )
        count = COUNTS[
            st.segmented_control("Draws", list(COUNTS), default="1 000", required=True, key="draws", bind="query-params") or "1 000"
        ]
        seed = st.number_input("Seed", 0, 9999, 0, key="draw_seed", bind="query-params", width=140)
    if ratio**2 >= 2:
        st.caption("From a ratio of √2 on, the variance of k3 is infinite: a rare draw outweighs all others, whatever their number.")
    distance = state.left_at("distance", 1.0)
    live(value_scene(ratio, count, int(seed), unit, distance), key="value", on_settle=lambda message: state.leave_at("distance", message))
    _schulman()
    downloads(
        lambda: values_code(ratio, distance, count, int(seed)),
        lambda: values_csv(ratio),
        "Exact bias and sd at every distance",
        "estimators.csv",
    )


def _schulman() -> None:
    """The published table beside ours."""
    with st.expander("Schulman’s table (2020), published and ours", icon=":material/fact_check:", expanded=True):
        rows = [
            "| Q, with P = N(0, 1) | KL(P‖Q) | estimator | bias ÷ KL, published | ours | sd ÷ KL, published | ours |",
            "|---|---|---|---|---|---|---|",
        ]
        for name, true, errors in schulman_rows():
            for estimator, (bias, sd) in errors.items():
                published = PUBLISHED[name][estimator]
                rows.append(f"| {name} | {number(true)} | {estimator} | {published[0]:g} | {bias:.6f} | {published[1]:g} | {sd:.6f} |")
        st.markdown("\n".join(rows))


def _gradient_view(unit: Unit) -> None:
    picture, asked = st.columns([2.7, 1], gap="large")
    bars = FAMILIES["categorical"]
    with asked:
        laws = {}
        for role, name in (("p", "π"), ("q", "π_ref")):
            st.markdown(f"**{name}** — {'solid' if role == 'p' else 'dashed'}")
            laws[role] = controls.parameter_controls(role, bars, {"probs": START[role]})
        sampler = SAMPLERS[
            st.selectbox("The tokens are drawn from μ =", list(SAMPLERS), key="sampler", bind="query-params") or next(iter(SAMPLERS))
        ]
        weights = st.selectbox("Importance weights", WEIGHTINGS, key="weights", bind="query-params", format_func=WEIGHT_NAMES.get)
        use = st.selectbox("The estimate is", USES, key="use", bind="query-params", format_func=USE_NAMES.get)
        for role, law in laws.items():
            if len(law.values["probs"]) != 3:
                st.caption(
                    f":red[This picture is of three words; {len(law.values['probs'])} probabilities cannot be shown, so the "
                    "starting ones are.]"
                )
                laws[role] = ChosenDistribution(bars, {"probs": START[role]})
    drawn = laws["q"].distribution.logits.log_softmax(-1) if sampler else None
    found = gradients_of(laws["p"], laws["q"], drawn, weights or "none", use or "loss")
    with picture:
        live(
            gradient_scene(laws["p"], laws["q"], drawn, weights or "none", use or "loss", unit),
            key="gradient",
            on_settle=lambda message: state.put_from_picture(message, lambda _: bars),
        )
        st.markdown(f"Gradient of — {gradient_words(found)}")
    downloads(
        lambda: gradients_code(*(laws[role].values["probs"] for role in ("p", "q"))),
        lambda: gradients_csv(found),
        "The arrows",
        "gradients.csv",
    )


def main() -> None:
    view, unit = page_header("sample_estimates", VIEWS, problem=lambda: state.link_problem(CHOICES))
    {VIEWS[1]: _value_view, VIEWS[2]: _gradient_view, VIEWS[3]: run_view}.get(view, _negative_view)(unit)


main()
