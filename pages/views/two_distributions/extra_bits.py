"""KL as extra bits per symbol: ideal code lengths under P and Q, and a message from P sent with Q's code."""

from math import isinf

import streamlit as st
import torch
from torch import Tensor
from torch.distributions import Distribution

from kl_core import kl
from kl_core.vectors.coding import code_lengths, draw_message, running_extra_length

from ...shared.live import live, scene
from ...shared.live.tables import packed
from ...shared.pair.scene import pair_view
from ...shared.style import Unit, amount, number
from ...shared.values import ChosenDistribution

LENGTHS = {"100": 100, "1 000": 1000, "10 000": 10_000}
MOST_SEED = 9999
SHOWN = 48
PLACES = 400
"""Of the running mean, evenly spread over the logarithm of the symbols sent."""


def extra_bits(p: ChosenDistribution, q: ChosenDistribution, names: list[str] | None, unit: Unit) -> None:
    """The section: code lengths at the left, the running extra length at the right."""
    st.header(f"KL as extra {unit.name} per symbol", anchor=False, divider="gray")
    st.markdown(
        "The best code for Q spends −log q(x) on outcome x, its *surprisal*. Used for messages from P, it costs the cross-entropy "
        "H(P, Q) per symbol: KL(P‖Q) more than the best code for P."
    )
    message = _message(p.distribution)
    live(_scene(p, q, names, unit, message), key="extra_bits", on_settle=lambda _: None)
    _words(p.distribution, q.distribution, message, names, unit)


def _message(p: Distribution) -> Tensor:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        length = st.segmented_control(
            "Symbols drawn from P", list(LENGTHS), default="1 000", required=True, key="symbols", bind="query-params"
        )
        seed = st.number_input("Random seed", 0, MOST_SEED, 0, key="seed", bind="query-params", width=140)
    return draw_message(p, LENGTHS[length or "1 000"], int(seed))


def _scene(p: ChosenDistribution, q: ChosenDistribution, names: list[str] | None, unit: Unit, message: Tensor) -> dict:
    curves = {role: scene.curve(role.upper(), role, chosen.family, chosen.values, movable=False) for role, chosen in (("p", p), ("q", q))}
    target = float(kl(p.distribution, q.distribution)) * unit.per_nat
    return {
        "kind": "discrete",
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "view": pair_view(p, q),
        "names": names,
        "curves": curves,
        "numbers": {},
        "panels": [
            {
                "kind": "lengths",
                "curves": ["p", "q"],
                "half": True,
                "title": f"Ideal code length of each outcome, in {unit.name}",
                "note": "−log of the outcome’s probability: solid for P’s code, dashed for Q’s",
            },
            {
                "kind": "chart",
                "name": "running",
                "half": True,
                "title": f"Extra {unit.name} per symbol so far",
                "note": f"against the number of symbols sent; it approaches KL(P‖Q) = {number(target)} {unit.name}",
                "label": "Running extra length per symbol",
                "series": [{"style": "p", "label": ""}, {"style": "fit", "label": "KL(P‖Q)"}],
            },
        ],
        "charts": {"running": _chart(running_extra_length(p.distribution, q.distribution, message) * unit.per_nat, target)},
    }


def _chart(running: Tensor, target: float) -> dict:
    """The running mean against the logarithm of the symbols sent, and the line it closes in on."""
    count = len(running)
    decades = torch.tensor(float(count)).log10().item()
    drawn = torch.unique(torch.logspace(0, decades, PLACES).long()) - 1
    shown = running[drawn]
    settled = shown[shown.isfinite()]
    # The first few symbols may swing far: what counts is where it goes from there.
    reach = settled[len(settled) // 4 :] if len(settled) else torch.zeros(1, dtype=torch.float64)
    around = [0.0, *([] if isinf(target) else [target])]
    low, high = min(float(reach.min()), *around), max(float(reach.max()), *around, 1e-12)
    margin = 0.1 * (high - low)
    straight = torch.tensor([target, target], dtype=torch.float64)
    return {
        "x_range": [0.0, decades],
        "y_range": [low - margin, high + margin],
        "x_ticks": [[power, f"{10**power:,}".replace(",", " ")] for power in range(int(decades) + 1)],
        "series": [
            {"x": packed((drawn + 1).double().log10()), "y": packed(shown.where(shown.isfinite(), torch.nan))},
            {"x": packed(torch.tensor([0.0, decades], dtype=torch.float64)), "y": packed(straight.where(straight.isfinite(), torch.nan))},
        ],
    }


def _words(p: Distribution, q: Distribution, message: Tensor, names: list[str] | None, unit: Unit) -> None:
    first = [names[int(k)] if names else str(int(k)) for k in message[:SHOWN]]
    own, other = (float(code_lengths(distribution, message).sum()) for distribution in (p, q))
    st.markdown("The message begins")
    st.text(f"{' '.join(first)} …")
    if isinf(other):
        st.markdown("Q's code cannot send this message: it contains an outcome with q(x) = 0, so the extra length is **∞**.")
        return
    extra = (other - own) / len(message)
    st.markdown(
        f"These {len(message):,} symbols need {amount(own, unit)} in P's code and {amount(other, unit)} in Q's: "
        f"**{amount(extra, unit)} extra per symbol** in this sample. The exact average is KL(P‖Q) = {amount(float(kl(p, q)), unit)}."
    )
