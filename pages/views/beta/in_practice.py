"""β outside this small world: what libraries set, per token against per sequence, and what a number of nats means."""

from collections.abc import Callable, Iterator
from html import escape
from math import exp, inf, isinf

import streamlit as st
from scipy.optimize import brentq

from kl_core.rlhf.single_step import best_of_n_bound
from kl_core.rlhf.world import PolicyMeasures

from ...shared.cache import shared_cache
from ...shared.style import Unit, amount
from .answer_frames import answer_frames, effect, said_at_table
from .scene import WorldSettings, gain, measured_at
from .usual import show_cards

USUAL_ROWS = (
    (0.0, "β = 0 (no penalty)", "full optimisation of reward", "reward hacking, collapsed language"),
    (0.01, "β = 0.01 (very light)", "strong optimisation, slight constraint", "still some reward hacking"),
    (0.05, "β = 0.05 (typical)", "good balance", "the standard RLHF setting"),
    (0.1, "β = 0.1 (typical)", "good balance", "the standard RLHF setting"),
    (0.5, "β = 0.5 (strong)", "minimal drift from the reference", "reward too weak to change behaviour"),
    (inf, "β = ∞", "no change from the reference", "defeats the purpose of RLHF"),
)
_TRL = "https://huggingface.co/docs/trl/main/en"
DEFAULTS = (
    (f"[TRL, PPO]({_TRL}/ppo_trainer)", "0.05", "k1 in the reward"),
    (f"[TRL, GRPO]({_TRL}/grpo_trainer)", "0.0", "k3 as a loss"),
    (f"[TRL, DPO]({_TRL}/dpo_trainer)", "0.1", "implicit"),
    ("[OpenRLHF](https://github.com/OpenRLHF/OpenRLHF)", "0.01", "k1 in the reward"),
    ("[verl](https://verl.readthedocs.io/en/latest/examples/config.html)", "off; 0.001 if on", "a loss"),
    ("[DeepSeekMath, GRPO](https://arxiv.org/abs/2402.03300)", "0.04", "k3 as a loss"),
)
COLUMNS = ("β", "rule of thumb", "remark", "here", "true reward", "reward model’s score", "KL", "it says")
MOST_N = 1e9


def beta_table(settings: WorldSettings, unit: Unit) -> None:
    """The usual table of β, each row beside what it does here, measured now."""
    show_cards(COLUMNS, _rows(settings, unit), "said")
    st.markdown(
        f"β is a price: units of reward per nat of KL of a whole answer. Here **training counts the reward × {settings.scale:g}**. "
        "With a reward ten times as large, the same policy needs ten times the β."
    )
    st.caption(
        "A larger β need not help: Gao et al. (2022, arXiv 2210.10760) found no gain in true reward at equal KL, and note that this may "
        "depend on their hyperparameters. [Checked: the optimum at β](./checked?find=world_optimum)"
    )


@shared_cache(8)
def measured_rows(settings: WorldSettings) -> tuple[PolicyMeasures, tuple[str, ...]]:
    """What the policy of each row gives, exactly, and what it answers, as under the slider of "The answer"."""
    return measured_at(settings, [row[0] for row in USUAL_ROWS]), said_at_table(settings)


def _rows(settings: WorldSettings, unit: Unit) -> Iterator[tuple[str, ...]]:
    """One row a β, its cells as in COLUMNS."""
    measured, sentences = measured_rows(settings)
    reference = float(measured.gold[-1])
    best = reference + answer_frames(settings).best_gain
    for i, (_, name, said, risk) in enumerate(USUAL_ROWS):
        here = _verdict(float(measured.gold[i]), reference, best, float(measured.kl[i]))
        yield (
            name,
            said,
            risk,
            f"<b>{here}</b>",
            gain(float(measured.gold[i] - measured.gold[-1])),
            gain(float(measured.proxy[i] - measured.proxy[-1])),
            amount(float(measured.kl[i]), unit),
            f"“{escape(sentences[i])}”",
        )


def _verdict(gold: float, reference: float, best: float, kl: float) -> str:
    """What this β really does here, in a few words."""
    if kl == 0:
        return "exactly the reference"
    return _SAID[effect(gold - reference, best - reference, kl)]


_SAID = {
    "little": "hardly moved",
    "hacked": "hacked: worse than the reference",
    "near the best": "near the best there is",
    "better": "better than the reference",
}


def in_practice(scale: Callable[[], float], unit: Unit) -> None:
    """The libraries' defaults, a converter, and the table. scale: asks in what units the reward counts."""
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Each library’s default**")
        st.markdown("\n".join(["| library | β | the penalty as |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in DEFAULTS)]))
        st.caption("As published; look it up in your version. A β per token and a β per sequence cannot be compared.")
    with right.container(key="converter"):  # its inputs stay on a projector: they are what is shown
        _converter(unit)
    st.markdown("**β from 0 to ∞: rules of thumb, and what this small world measures**")
    with st.container(width=480):
        counted = scale()
    beta_table(WorldSettings(scale=counted), unit)


def _converter(unit: Unit) -> None:
    st.markdown("**From KL per token to KL per answer**")
    with st.container(horizontal=True):
        per_token = st.number_input("KL per token, nats", 0.0, 10.0, 0.02, 0.01, key="per_token", bind="query-params", format="%.6g")
        tokens = st.number_input("Tokens in an answer", 1, 100_000, 200, key="tokens", bind="query-params")
    kl = per_token * tokens
    st.metric("KL per answer = tokens × KL per token", amount(kl, unit))
    n = equivalent_n(kl)
    as_n = f"the best of about {n:,.{0 if n >= 10 else 1}f}" if n < MOST_N else "the best of more than 10⁹"
    st.markdown(
        f"- Choosing **{as_n}** answers from the reference has at most this KL: log\u00a0n\u00a0−\u00a0(n\u00a0−\u00a01)/n.\n"
        rf"- $\log\pi-\log\pi_\text{{ref}}$ averages {kl:.3g} over π’s own answers: a typical one is **{_times(kl)} times** as probable as "
        r"under $\pi_\text{ref}$."
    )


def _times(kl: float) -> str:
    return f"{exp(kl):,.3g}" if kl < 700 else "more than 10³⁰⁰"


def equivalent_n(kl: float) -> float:
    """The n (not whole) at which log n − (n − 1)/n is this KL; inf beyond a thousand million."""
    bound = lambda n: float(best_of_n_bound(n)) - kl
    if isinf(kl) or bound(MOST_N) < 0:
        return inf
    return brentq(bound, 1.0, MOST_N) if kl > 0 else 1.0
