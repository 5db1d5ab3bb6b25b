"""What one chooses of P and Q beside the picture: unit, kind of outcomes, families, parameters, and the outcomes' names."""

import streamlit as st

from ...shared import controls
from ...shared.style import UNITS, Unit
from ...shared.values import ChosenDistribution, Values

FIRST = {"continuous": "normal", "discrete": "categorical"}
DEFAULTS: dict[str, dict[str, Values]] = {
    "p": {"normal": {"loc": -1.0, "scale": 0.8}, "categorical": {"probs": (0.3, 0.5, 0.2)}},
    "q": {"normal": {"loc": 1.0, "scale": 1.5}, "categorical": {"probs": (0.35, 0.4, 0.25)}},
}
ALL_GIVE = "all others, in proportion"


def unit_and_kind() -> tuple[Unit, str]:
    """Side by side."""
    kinds = list(FIRST)
    with st.container(horizontal=True):
        unit = st.segmented_control("Unit", list(UNITS), default="nats", required=True, key="unit", bind="query-params")
        kind = st.segmented_control(
            "Outcomes", kinds, default=kinds[0], required=True, key="kind", bind="query-params", on_change=_kind_changed
        )
    return UNITS[unit or "nats"], kind or kinds[0]


def _kind_changed() -> None:
    """Families of the other kind are gone, so each distribution starts anew in the new kind."""
    for role in ("p", "q"):
        st.session_state[role] = FIRST[st.session_state["kind"]]


def distribution(role: str, kind: str) -> ChosenDistribution:
    """P's or Q's family and parameters; a mixture's modes can be added and removed."""
    chosen = controls.distribution_controls(role, kind, DEFAULTS[role], FIRST[kind])
    if chosen.family.name == "gaussian_mixture":
        controls.mode_buttons(role, chosen.family)
    return chosen


def outcome_names(p: ChosenDistribution, q: ChosenDistribution) -> list[str] | None:
    """The outcomes' names, where both distributions are over named outcomes; missing ones are numbered."""
    if not p.family.name == q.family.name == "categorical":
        return None
    most = max(len(p.values["probs"]), len(q.values["probs"]))
    raw = st.text_input("Names of the outcomes", value="A, B, C", key="names", max_chars=200, bind="query-params")
    given = [name.strip()[:16] for name in raw.split(",")][:most]
    given += [""] * (most - len(given))
    # Each needs a name of its own: a second "A" is called by its place.
    return [name if name and name not in given[:i] else str(i + 1) for i, name in enumerate(given)]


def giver(names: list[str] | None) -> int | None:
    """Which outcome gives when a bar is dragged up and takes when it is dragged down: an index, or None for all in proportion."""
    if not names:
        return None
    chosen = st.selectbox("A dragged bar takes its probability from", [ALL_GIVE, *names], key="payer", bind="query-params")
    return names.index(chosen) if chosen in names else None
