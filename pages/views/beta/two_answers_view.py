"""Two answers, one landscape: the policy is one number, the objective a hill over it, and every method's path climbs or passes it."""

import streamlit as st
import torch

from kl_core.rlhf.paths import PathEnd, Profile, objective_profile

from ...shared.plane import Line, Plane, plane, surface_of
from ...shared.style import Unit
from .landscape_parts import (
    ANSWERS,
    COLOURS,
    DEPTH,
    NAMES,
    NEAR,
    SHORT,
    BanditProblem,
    choose_beta,
    choose_methods,
    choose_steps,
    ends_columns,
    ends_of,
    ends_rows,
    missed_by,
    no_finding,
    path_of,
    reached,
)
from .usual import show_cards

POINTS = 101
"""Of the hill, and of the bands along either axis."""
SHOWN = 150
"""Steps of a path that are drawn, even in number."""
_OBJECTIVE = "E[r] − β·KL(π‖π_ref)"


def two_answers_view(unit: Unit) -> None:
    """The finding; the paths over the hill, seen from above and from the side; and where each method ended."""
    head = st.container(key="landscape_finding")
    picture, right = st.columns([2.7, 1], gap="large")
    with right:
        problem, methods, steps = _problem(), choose_methods(), choose_steps()
    paths = {method: path_of(problem, method, steps) for method in methods}
    with picture:
        above, side = st.columns([2, 1], gap="small")
        with above:
            plane("two_answers_plane", paths_plane(problem, paths, steps))
        with side:
            plane("two_answers_hill", hill_plane(problem, paths))
    ends = ends_of(problem, paths)
    with head:
        st.subheader(two_answers_finding(problem, ends), anchor=False)
    st.caption(
        "With two answers the policy is one number, the probability of B. Colour and hill: the objective. Each path follows the mean of "
        "its method’s gradient, without samples."
    )
    show_cards(ends_columns(unit, 2), ends_rows(problem, ends, unit), "numbers")
    with st.expander("More: why they end elsewhere", icon=":material/info:", key="two_answers_more"):
        st.markdown(
            "GRPO divides by the rewards’ standard deviation, so it cannot see by how much B is better: move the lead, and π* moves while "
            "GRPO’s end stays. Dr. GRPO has no penalty and goes on to 100 %. χPO stops early, because it also charges χ². DPO whose pairs "
            "lack the better answer has no pair left and learns nothing. [Checked: DPO](./checked?find=dpo_)"
        )


def _problem() -> BanditProblem:
    share = st.slider(r"$\pi_\text{ref}$ of B", 0.01, 0.99, 0.2, 0.01, key="land_two_ref", bind="query-params")
    lead = st.slider("B’s reward over A’s", -3.0, 3.0, 1.0, 0.1, key="land_two_lead", bind="query-params")
    return BanditProblem((1 - float(share), float(share)), (0.0, float(lead)), choose_beta())


def two_answers_finding(problem: BanditProblem, ends: dict[str, PathEnd]) -> str:
    """Who reaches the optimum, and what GRPO, or else the farthest, makes of the better answer."""
    missed = missed_by(problem, ends)
    if not missed:
        return no_finding(problem)
    share = lambda end: f"{float(end.log_policy[problem.best].exp()):.0%}"
    better = ANSWERS[problem.best]
    said = f"{reached(missed)[:-1]}, {share(problem.optimum)} on {better}."
    if missed.get("grpo", 0.0) > NEAR:
        return f"{said} GRPO puts {share(ends['grpo'])} there: it cannot see by how much {better} is better."
    worst = max(missed, key=lambda method: missed[method])
    return said if missed[worst] < NEAR else f"{said} {NAMES[worst][0].upper()}{NAMES[worst][1:]} puts {share(ends[worst])} there."


def share_of_b(problem: BanditProblem, path: torch.Tensor) -> list[float]:
    """π(B) at the shifts of A's logit, (steps, 1)."""
    odds = torch.logit(torch.tensor(problem.reference[1], dtype=torch.float64))
    return torch.sigmoid(odds - path[:, 0]).tolist()


def paths_plane(problem: BanditProblem, paths: dict[str, torch.Tensor], steps: int) -> Plane:
    """The hill from above: π(B) step by step, the objective as bands across, π* as a line."""
    profile = objective_profile(problem.reference, problem.reward, problem.beta, POINTS)
    every = max(steps // SHOWN, 1)
    drawn = list(range(0, steps, every)) + [steps]
    lines = [Line("π*", [0.0, float(steps)], [profile.best, profile.best], "bound", 0)]
    for method, path in paths.items():
        ys = share_of_b(problem, path)
        lines.append(Line(NAMES[method], drawn, [ys[step] for step in drawn], "run", COLOURS[method], short=SHORT.get(method, "")))
    return Plane(
        "Probability of B, step by step",
        ("step", 0.0, float(steps)),
        ("π(B)", 0.0, 1.0),
        lines,
        [(0.0, problem.reference[1], "π_ref")],
        percent=True,
        surface=_bands(problem, profile, 0.0, float(steps)),
    )


def _bands(problem: BanditProblem, profile: Profile, left: float, right: float) -> dict:
    """The objective as bands from left to right; deep below the optimum they are one."""
    best, start = problem.optimum.objective, problem.start.objective
    values = profile.value.clamp_min(best - DEPTH * ((best - start) or 1.0))
    return surface_of(torch.tensor([left] * (POINTS - 1) + [right]), profile.share, values.unsqueeze(1).expand(-1, POINTS).contiguous())


def hill_plane(problem: BanditProblem, paths: dict[str, torch.Tensor]) -> Plane:
    """The hill from the side, its height across, and a dot where each method stands on it at its last step."""
    profile = objective_profile(problem.reference, problem.reward, problem.beta, POINTS)
    lines = [Line("objective", profile.value.tolist(), profile.share.tolist())]
    for method, end in ends_of(problem, paths).items():
        place = [float(end.log_policy[1].exp())]
        lines.append(Line(NAMES[method], [end.objective], place, "run", COLOURS[method], dots=True, joined=False))
    low, high = float(profile.value.min()), float(profile.value.max())
    best, top = problem.optimum, high + 0.06 * (high - low)
    return Plane(
        "The same from the side",
        (_OBJECTIVE, low, top),
        ("π(B)", 0.0, 1.0),
        lines,
        [(best.objective, profile.best, "π*"), (problem.start.objective, problem.reference[1], "π_ref")],
        percent=True,
        nameless=True,
        surface=_bands(problem, profile, low, top),
    )
