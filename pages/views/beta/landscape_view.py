"""Three answers, one landscape: the objective over two log-ratios, and the path of every method from the same reference."""

import streamlit as st
import torch

from kl_core.rlhf.paths import objective_landscape

from ...shared.plane import Line, Plane, plane, surface_of
from ...shared.style import Unit
from .landscape_parts import (
    ANSWERS,
    COLOURS,
    DEPTH,
    NAMES,
    BanditProblem,
    choose_beta,
    choose_methods,
    choose_steps,
    ends_columns,
    ends_of,
    ends_rows,
    finding,
    path_of,
)
from .usual import show_cards

SHOWN = 120
"""Points of a path that are drawn: the others are skipped, the end is not."""


def landscape_view(unit: Unit) -> None:
    """The finding, the landscape with its controls, and where each method ended."""
    head = st.container(key="landscape_finding")
    picture, right = st.columns([2.7, 1], gap="large")
    with right:
        problem, methods, steps = _problem(), choose_methods(), choose_steps()
    paths = {method: path_of(problem, method, steps) for method in methods}
    ends = ends_of(problem, paths)
    with picture:
        plane("landscape_plane", landscape_plane(problem, paths))
    with head:
        st.subheader(finding(problem, ends), anchor=False)
    st.caption(
        r"The surface: the objective $\mathbb{E}_\pi[r]-\beta\,\mathrm{KL}(\pi\|\pi_\text{ref})$. Each path follows the mean of its "
        "method’s gradient, without samples, for the same number of steps."
    )
    show_cards(ends_columns(unit), ends_rows(problem, ends, unit), "numbers")
    with st.expander("More: why they end elsewhere", icon=":material/info:", key="landscape_more"):
        st.markdown(
            "Policy gradient is REINFORCE, and PPO before it clips. GRPO divides by the rewards’ deviation and follows k3, so it ends "
            "elsewhere. Dr. GRPO has no penalty. DPO without the best answer in its pairs takes that answer to be worth the average. "
            "[Checked: DPO](./checked?find=dpo_)"
        )


def _problem() -> BanditProblem:
    rewards, weights = [], []
    starts = zip(ANSWERS, (0.2, 1.0, 1.5), (0.6, 0.3, 0.1), strict=True)
    number = lambda label, low, high, start, key: st.number_input(label, low, high, start, 0.1, key=key, bind="query-params", format="%.3g")
    for name, reward, weight in starts:
        with st.container(horizontal=True):
            weights.append(number(rf"$\pi_\text{{ref}}$ of {name}", 0.01, 100.0, weight, f"land_ref_{name}"))
            rewards.append(number(f"reward of {name}", -5.0, 5.0, reward, f"land_reward_{name}"))
    beta = choose_beta()
    total = sum(weights)
    first, second, third = (weight / total for weight in weights)
    left, middle, right = map(float, rewards)
    return BanditProblem((first, second, third), (left, middle, right), beta)


def landscape_plane(problem: BanditProblem, paths: dict[str, torch.Tensor]) -> Plane:
    """The objective as bands, the reference, the optimum, and the paths as far as the landscape reaches."""
    far = max([1.0, *(float(path.abs().max()) for path in paths.values())])
    land = objective_landscape(problem.reference, problem.reward, problem.beta)
    reach = max(float(land.best.abs().max()), min(far, 2.2 * max(float(land.best.abs().max()), 1.0)), 1.0)
    low, high = _window([land.best, torch.zeros(2, dtype=torch.float64), *(path.clamp(-reach, reach) for path in paths.values())])
    wide = 2.4 * float(torch.cat([low, high]).abs().max())
    land = objective_landscape(problem.reference, problem.reward, problem.beta, reach=wide, points=201)
    start = float(land.value[100, 100])  # at the reference
    deepest = float(land.value.max()) - DEPTH * (float(land.value.max()) - start or 1.0)
    lines = [Line(NAMES[method], *_drawn(path, low, high), "run", COLOURS[method]) for method, path in paths.items()]
    return Plane(
        "E[r] − β·KL(π‖π_ref) over two log-ratios",
        ("log(π(A)/π(C)) minus that of π_ref", float(low[0]), float(high[0])),
        ("log(π(B)/π(C)) minus that of π_ref", float(low[1]), float(high[1])),
        lines,
        [(0.0, 0.0, "π_ref"), (float(land.best[0]), float(land.best[1]), "π*")],
        equal=True,
        surface=surface_of(land.first, land.second, land.value.clamp_min(deepest)),
    )


def _window(places: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    every = torch.cat([place.reshape(-1, 2) for place in places])
    low, high = every.min(0).values, every.max(0).values
    margin = 0.12 * float((high - low).max()) or 1.0
    return low - margin, high + margin


def _drawn(path: torch.Tensor, low: torch.Tensor, high: torch.Tensor) -> tuple[list[float], list[float]]:
    """A path's points in the window, until it leaves it; thinned to even pieces of its length."""
    inside = ((path >= low) & (path <= high)).all(-1)
    until = len(path) if bool(inside.all()) else max(int((~inside).to(torch.uint8).argmax()), 1)
    length = torch.cat([path.new_zeros(1), (path[1:until] - path[: until - 1]).norm(dim=-1).cumsum(0)])
    pieces = (length / float(length[-1] or 1) * SHOWN).floor()
    drawn = torch.cat([pieces.diff() > 0, torch.ones(1, dtype=torch.bool)])
    drawn[0] = True
    shown = path[:until][drawn]
    return shown[:, 0].tolist(), shown[:, 1].tolist()
