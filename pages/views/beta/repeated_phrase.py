"""One phrase said up to 50 times: reward and KL of each repetition, and the β at which one more stops paying."""

from math import isfinite

import streamlit as st

from kl_core.rlhf.repetition import PHRASE, Repetitions, repetitions

from ...shared.cache import shared_cache
from ...shared.plane import Line, Plane, plane
from ...shared.style import Unit
from .scene import WorldSettings, world_of

MOST = 50


@shared_cache(8)
def repeated(settings: WorldSettings) -> Repetitions:
    return repetitions(world_of(settings.pairs, settings.noise, settings.seed), MOST, scale=settings.scale)


def repeated_phrase(settings: WorldSettings, unit: Unit, beta: float) -> None:
    """The sentence, the picture, and what it is."""
    with st.spinner("Adding up all answers …"):
        told = repeated(settings)
    st.markdown(f"**{verdict(told, beta, unit)}**")
    plane("beta_repeated", repeated_plane(told, beta))
    st.markdown(r"$\text{reward}-\beta\,\mathrm{KL}$ rises while $\beta<\dfrac{\text{reward of one more}}{\text{KL of one more}}$")
    st.caption("The policy says the phrase so many times and then goes on as the reference. Both numbers are exact.")


def verdict(told: Repetitions, beta: float, unit: Unit) -> str:
    """What one more repetition earns and costs, and whether it pays at this β."""
    phrase = " ".join(PHRASE)
    each = f"Each “{phrase}” earns {told.reward_each:.3g} of reward and costs {told.cost_each * unit.per_nat:.3g} {unit.name}"
    if told.break_even <= 0:
        return f"{each}: it never pays.".replace("-", "−")
    pays = "one more always pays" if beta < told.break_even else "not one more pays"
    here = f" At β = {beta:.2g}, {pays}." if isfinite(beta) and beta >= 0 else ""
    return f"{each}. Below β = {told.break_even:.3g} the policy repeats it for ever.{here}"


def repeated_plane(told: Repetitions, beta: float) -> Plane:
    """reward − β·KL against the number of repetitions, at the β on screen and around the one that decides."""
    edge = told.break_even
    betas = {0.5 * edge: 1, edge: 0, 1.5 * edge: 2} if edge > 0 else {}
    if isfinite(beta) and 0 <= beta <= 3 * max(edge, 0.0):
        betas[beta] = 4
    counts = told.count.tolist()
    lines = [Line(f"β = {value:.2g}", counts, told.objective(value).tolist(), "exact", colour) for value, colour in betas.items()]
    heights = [y for line in lines for y in line.ys] or [0.0, 1.0]
    margin = 0.06 * (max(heights) - min(heights)) or 1.0
    return Plane(
        "Reward − β·KL over the reference’s, by number of repetitions",
        ("repetitions", 0.0, float(MOST)),
        ("Reward − β·KL", min(heights) - margin, max(heights) + margin),
        lines,
    )
