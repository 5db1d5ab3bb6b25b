"""Two distributions: P and Q, both directions of KL beside each other, and what each place contributes."""

import streamlit as st

from kl_core.families import FAMILIES
from pages.shared import controls
from pages.shared.code import pair_code
from pages.shared.controls import Law, law_controls
from pages.shared.data import pair_csv
from pages.shared.extra_bits import extra_bits
from pages.shared.live import live
from pages.shared.pair import pair_scene, pair_view
from pages.shared.presets import PRESETS
from pages.shared.style import UNITS, Unit

PICTURE = "two_distributions_picture"
FIRST = {"continuous": "normal", "discrete": "categorical"}
DEFAULTS = {
    "p": {"normal": {"loc": -1.0, "scale": 0.8}, "categorical": {"probs": (0.3, 0.5, 0.2)}},
    "q": {"normal": {"loc": 1.0, "scale": 1.5}, "categorical": {"probs": (0.35, 0.4, 0.25)}},
}
KEPT = ("kind", "p", "q", "unit", "names", "payer", "symbols", "seed")
ALL_PAY = "all others, in proportion"


def _use_preset() -> None:
    """Sets every control to the preset's state; the pills are a way in, not a state of their own."""
    preset = PRESETS.get(st.session_state["preset"])
    if preset is None:
        return
    st.session_state["kind"] = preset.kind
    for role, (name, values) in (("p", preset.p), ("q", preset.q)):
        controls.put(role, FAMILIES[name], values)
    if preset.kind == "discrete":
        st.session_state["names"] = preset.names
    st.session_state["preset"] = None


def _moved(message: dict) -> None:
    controls.put_from_picture(message, lambda role: FAMILIES[st.session_state[role]])


def _kind_changed() -> None:
    """Families of the other kind are gone, so each law starts anew in the new kind."""
    for role in ("p", "q"):
        st.session_state[role] = FIRST[st.session_state["kind"]]


def _settings() -> tuple[Unit, str]:
    """Unit and kind, side by side."""
    kinds = list(FIRST)
    left, right = st.columns([2, 3], gap="small")
    kind = right.segmented_control(
        "Outcomes", kinds, default=kinds[0], required=True, key="kind", bind="query-params", on_change=_kind_changed
    )
    unit = left.segmented_control("Unit", list(UNITS), default="nats", required=True, key="unit", bind="query-params")
    return UNITS[unit or "nats"], kind or kinds[0]


def _names(p: Law, q: Law) -> list[str] | None:
    """The outcomes' names, where both laws are over named outcomes; missing ones are numbered."""
    if not p.family.name == q.family.name == "categorical":
        return None
    most = max(len(p.values["probs"]), len(q.values["probs"]))
    raw = st.text_input("Names of the outcomes", value="A, B, C", key="names", max_chars=200, bind="query-params")
    given = [name.strip()[:16] for name in raw.split(",")][:most]
    return [name or str(i) for i, name in enumerate(given, 1)] + [str(i) for i in range(len(given) + 1, most + 1)]


def _payer(names: list[str] | None) -> int | None:
    """Who gives and takes when a bar is dragged: an outcome's index, or None for all in proportion."""
    if not names:
        return None
    payer = st.selectbox("A moved bar is paid for by", [ALL_PAY, *dict.fromkeys(names)], key="payer", bind="query-params")
    return names.index(payer) if payer in names else None


def _look(p: Law, q: Law) -> str | None:
    """What to look at while the state is exactly a preset's."""
    shown = tuple((law.family.name, law.values) for law in (p, q))
    return next((preset.look for preset in PRESETS.values() if (preset.p, preset.q) == shown), None)


def _take_along(p: Law, q: Law, kind: str) -> None:
    code, data = st.columns(2, gap="large")
    with code.expander("Show the PyTorch", icon=":material/code:"):
        st.code(pair_code(p, q), language="python")
    with data.expander("Data and link", icon=":material/table:"):
        st.download_button(
            "Densities and contributions (CSV)" if kind == "continuous" else "Probabilities and contributions (CSV)",
            data=lambda: pair_csv(p.distribution, q.distribution, pair_view(p, q), kind).encode(),
            file_name="two_distributions.csv", mime="text/csv", on_click="ignore",
        )
        st.caption("The address bar holds this exact state: copy it, or use “Copy link” under the picture.")


def main() -> None:
    controls.restore("two_distributions")
    problem = controls.link_problem(FIRST, ("p", "q")) if "seen_two" not in st.session_state else None
    st.session_state["seen_two"] = True
    st.title("Two distributions", anchor=False)
    st.pills("Try", list(PRESETS), key="preset", on_change=_use_preset, label_visibility="collapsed")
    picture, asked = st.columns([2.7, 1], gap="large")
    with asked:
        unit, kind = _settings()
        p = law_controls("p", kind, DEFAULTS["p"], FIRST[kind])
        q = law_controls("q", kind, DEFAULTS["q"], FIRST[kind])
        names = _names(p, q)
        payer = _payer(names)
    with picture:
        if problem:
            st.caption(f":material/info: {problem}")
        scene = pair_scene(p, q, unit, names=names, payer=payer, export="two_distributions", look=_look(p, q))
        live(scene, key=PICTURE, on_settle=_moved)
    if kind == "discrete":
        extra_bits(p.distribution, q.distribution, names, unit)
    _take_along(p, q, kind)
    controls.keep("two_distributions", KEPT)


main()
