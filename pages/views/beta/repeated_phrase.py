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
    """The sentence with its quotient; reward, KL and both together by number of repetitions."""
    with st.spinner("Adding up all answers …"):
        told = repeated(settings)
    st.markdown(f"**{verdict(told, beta)}**")
    st.markdown(f"${quotient(told)}$")
    for column, (name, picture) in zip(st.columns(3), planes(told, beta, unit).items(), strict=True):
        with column:
            plane(f"beta_repeated_{name}", picture)
    st.caption(
        f"The policy says “{' '.join(PHRASE)}” so many times, then goes on as the reference. Exact. Reward as training counts it: "
        f"× {settings.scale:g}."
    )


def verdict(told: Repetitions, beta: float) -> str:
    """Whether one more repetition pays, at any β and at the one on screen."""
    phrase = " ".join(PHRASE)
    if told.break_even <= 0:
        return f"One more “{phrase}” earns nothing: it never pays."
    here = ""
    if isfinite(beta) and beta >= 0:
        pays = "every further one pays" if beta < told.break_even else "it does not pay"
        here = f" At your β = {beta:.2g}, {pays}."
    return f"One more “{phrase}” pays while β is below {told.break_even:.2g}.{here}"


def quotient(told: Repetitions) -> str:
    """The β at which one more repetition stops paying, with its numbers; in nats, as every β."""
    numbers = rf"\dfrac{{{told.reward_each:.3g}}}{{{told.cost_each:.3g}\ \text{{nats}}}}={told.break_even:.2g}"
    return rf"\beta=\dfrac{{\text{{its reward}}}}{{\text{{its KL}}}}={numbers}"


def planes(told: Repetitions, beta: float, unit: Unit) -> dict[str, Plane]:
    """Reward gained, KL, and reward − β·KL, each by number of repetitions."""
    counts = told.count.tolist()
    straight = lambda title, values, colour: _by_count(title, [Line("", counts, values, "exact", colour)])
    return {
        "reward": straight("Reward gained", told.proxy.tolist(), 0),
        "kl": straight(f"KL, {unit.name}", (told.kl * unit.per_nat).tolist(), 8),
        "objective": repeated_plane(told, beta),
    }


def repeated_plane(told: Repetitions, beta: float) -> Plane:
    """reward − β·KL at the β that decides, and on either side of it: at the β on screen, or at half and one and a half of it."""
    edge = told.break_even
    below = beta if 0 <= beta < 0.95 * edge else 0.5 * edge
    above = beta if 1.05 * edge < beta <= 3 * edge else 1.5 * edge
    betas = {below: 1, edge: 0, above: 2} if edge > 0 else {}
    counts = told.count.tolist()
    name = lambda value: f"β = {value:.2g}{', yours' if value == beta else ''}"
    return _by_count(
        "Reward − β·KL", [Line(name(value), counts, told.objective(value).tolist(), "exact", colour) for value, colour in betas.items()]
    )


def _by_count(title: str, lines: list[Line]) -> Plane:
    heights = [y for line in lines for y in line.ys] or [0.0, 1.0]
    margin = 0.06 * (max(heights) - min(heights)) or 1.0
    return Plane(title, ("repetitions", 0.0, float(MOST)), (title, min(heights) - margin, max(heights) + margin), lines, medium=True)
