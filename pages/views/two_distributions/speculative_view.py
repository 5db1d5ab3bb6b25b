"""The view "Speculative decoding": a draft Q and a target P as bars, how often P keeps a draft, and a run that leaves exactly P."""

from math import isinf

import streamlit as st
import torch

from kl_core import kl_from_probs
from kl_core.vectors.speculative import (
    acceptance,
    bretagnolle_huber_bound,
    expected_tokens,
    pinsker_bound,
    speculative_run,
    speed_up,
)

from ...shared.downloads import downloads
from ...shared.hands import answered, take_message
from ...shared.scripts import Script
from .speculative_export import speculative_code, speculative_csv
from .speculative_state import (
    AFTER,
    CHAINS,
    MOST_GAMMA,
    NAMES,
    PRESETS,
    SpeculativeState,
    leave_speculative,
    moved,
    of_chains,
    speculative_state,
)

_KEY = "speculative"
COST = 0.1
"""The time of one call of Q, in calls of P."""
CALLS = 2000
SHOWN = 6
_MORE = """
A small model Q drafts γ words. The large model P scores all of them in one call, and keeps word x with probability
min(1, p(x)/q(x)). It replaces the first rejected word by one from the residual, max(0, p − q)/TV, where TV is the total variation.
If it keeps all γ, it adds a word of its own.

Here every word is drawn anew, as if the context never changed. In a language model, p and q change with every word.
Temperature softens both rows: p ∝ p^(1/T).

Source: Leviathan, Kalman & Matias 2022, [arXiv 2211.17192](https://arxiv.org/abs/2211.17192).
"""
_component = st.components.v2.component("kl_speculative", js=Script("views/two_distributions/speculative/main.js").loader)


def speculative_scene(shown: SpeculativeState, answers: int = 0) -> dict:
    """What the component is told; every number is exact but those of the run."""
    p, q = (torch.tensor(shown.shown(role), dtype=torch.float64) for role in ("p", "q"))
    accepted, forward, reverse = acceptance(p, q), kl_from_probs(p, q), kl_from_probs(q, p)
    least = torch.minimum(forward, reverse)
    speed = [float(speed_up(accepted, gamma, COST)) for gamma in range(1, MOST_GAMMA + 1)]
    return {
        "count": answers,
        "names": list(shown.names),
        "about": _about(shown),
        "p": p.tolist(),
        "q": q.tolist(),
        "overlap": torch.minimum(p, q).tolist(),
        "acceptance": float(accepted),
        "kl_pq": _finite(float(forward)),
        "kl_qp": _finite(float(reverse)),
        "bounds": [_finite(float(pinsker_bound(least))), float(bretagnolle_huber_bound(least))],
        "tokens": float(expected_tokens(accepted, shown.gamma)),
        "by_length": [float(expected_tokens(accepted, gamma)) for gamma in range(1, MOST_GAMMA + 1)],
        "speed": speed,
        "best": 1 + speed.index(max(speed)),
        "cost": COST,
        "gamma": shown.gamma,
        "temperature": shown.temperature,
        "seed": shown.seed,
        "presets": [*PRESETS, *CHAINS],
        **_run(p, q, shown),
    }


def _about(shown: SpeculativeState) -> str:
    """Whose words they are."""
    if shown.names == NAMES or shown.names != of_chains()[0].names:
        return ""
    return f"The word after “the answer {AFTER}”. P is the teacher of the page Distillation, view On-policy; Q is its student of rank 2."


def _finite(value: float) -> float | None:
    """JSON has no infinity: None stands for it."""
    return None if isinf(value) else value


def _run(p: torch.Tensor, q: torch.Tensor, shown: SpeculativeState) -> dict:
    """The first calls word by word, and what all of them said."""
    run = speculative_run(p, q, shown.gamma, CALLS, shown.seed)
    shares = torch.bincount(run.text, minlength=len(NAMES)).double() / len(run.text)
    rows = zip(run.drafts[:SHOWN].tolist(), run.accepted[:SHOWN].tolist(), run.last[:SHOWN].tolist(), strict=True)
    calls = [{"drafts": drafts, "accepted": accepted, "last": last} for drafts, accepted, last in rows]
    whole = {"calls": calls, "count": CALLS, "words": len(run.text), "farthest": float((shares - p).abs().max())}
    return {"run": whole, "shares": shares.tolist()}


def _hand(trigger: str) -> None:
    if (message := take_message(_KEY, trigger)) is not None:
        leave_speculative(moved(speculative_state(), message), in_link=trigger == "settle")


@st.fragment  # a dragged bar reruns this alone
def speculative_view() -> None:
    """The bars with all that follows from them, then why the text is P's own."""
    shown = speculative_state()
    scene = speculative_scene(shown, answered(_KEY))
    _component(key=_KEY, data=scene, on_move_change=lambda: _hand("move"), on_settle_change=lambda: _hand("settle"))
    st.markdown(r"$\min(p,q)+\mathrm{TV}\cdot\dfrac{\max(0,\,p-q)}{\mathrm{TV}}=p$")
    st.caption(
        "A word comes from a kept draft (first term) or from the *residual* (second term), and the sum is p. So the text is exactly P’s. "
        "[Checked: speculative decoding](./checked?find=speculative)"
    )
    with st.expander("More: how it works"):
        st.markdown(_MORE)
    downloads(
        lambda: speculative_code(shown), lambda: speculative_csv(shown), "Both rows and every draft length", "speculative_decoding.csv"
    )
