"""The view "The value": how far k1, k2 and k3 of draws from π can be trusted, at every distance of π_ref."""

import streamlit as st

from ...shared import state
from ...shared.downloads import downloads
from ...shared.live import live
from ...shared.style import Unit, number
from ...shared.typeset import typeset
from .export import values_code, values_csv
from .scene import schulman_rows, value_scene

RATIOS = [0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 2.0]
COUNTS = {"100": 100, "1 000": 1000, "10 000": 10_000}
PUBLISHED = {
    "N(0.1, 1)": {"k1": (0, 20), "k2": (0.002, 1.42), "k3": (0, 1.42)},
    "N(1, 1)": {"k1": (0, 2), "k2": (0.25, 1.73), "k3": (0, 1.7)},
}


def value_view(unit: Unit) -> None:
    """The picture under its scrubber; how it is drawn, and Schulman's table, below."""
    picture = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        ratio = st.select_slider(
            typeset("Standard deviation of π_ref ÷ that of π"),
            RATIOS,
            1.0,
            key="ratio",
            bind="query-params",
            format_func=lambda value: f"{value:g}",
        )
        count = COUNTS[
            st.segmented_control("Draws", list(COUNTS), default="1 000", required=True, key="draws", bind="query-params") or "1 000"
        ]
        seed = st.number_input("Seed", 0, 9999, 0, key="draw_seed", bind="query-params", width=140)
    if ratio**2 >= 2:
        st.caption(
            f"Above a ratio of √2 the variance of k3 is infinite. Its mean still converges, but slowly: the error shrinks like "
            f"n^(−1/{ratio:g}²) = n^(−{1 / ratio**2:.2g}) instead of n^(−0.5)."
        )
    distance = state.left_at("distance", 1.0)
    with picture:
        live(
            value_scene(ratio, count, int(seed), unit, distance), key="value", on_settle=lambda message: state.leave_at("distance", message)
        )
    _schulman()
    downloads(
        lambda: values_code(ratio, distance, count, int(seed)),
        lambda: values_csv(ratio),
        "Exact bias and sd at every distance",
        "estimators.csv",
    )


def _schulman() -> None:
    """The published table beside ours."""
    with st.expander("Schulman’s table (2020), published and computed here", icon=":material/fact_check:"):
        rows = [
            typeset("| π_ref, with π = N(0, 1) | KL(π‖π_ref) | estimator | bias ÷ KL, published | ours | sd ÷ KL, published | ours |"),
            "|---|---|---|---|---|---|---|",
        ]
        for name, true, errors in schulman_rows():
            for estimator, (bias, sd) in errors.items():
                published = PUBLISHED[name][estimator]
                rows.append(f"| {name} | {number(true)} | {estimator} | {published[0]:g} | {bias:.4g} | {published[1]:g} | {sd:.4g} |")
        st.markdown("\n".join(rows))
