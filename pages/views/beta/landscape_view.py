"""Three answers, one landscape: the objective over two log-ratios, and the path of every method from the same reference."""

from dataclasses import dataclass

import streamlit as st
import torch

from kl_core.rlhf.paths import PathEnd, best_place, method_path, objective_landscape, path_end

from ...shared.cache import shared_cache
from ...shared.plane import Line, Plane, plane, surface_of
from ...shared.style import Unit
from .usual import show_cards

NAMES = {
    "policy_gradient": "policy gradient",
    "natural_gradient": "natural gradient",
    "grpo": "GRPO",
    "dr_grpo": "Dr. GRPO",
    "dpo": "DPO",
    "dpo_missing": "DPO, best answer missing",
    "chi_po": "χPO",
    "forward_kl": "forward penalty",
}
_COLOURS = dict(zip(NAMES, (1, 9, 3, 4, 6, 5, 7, 2), strict=True))
FIRST = ("policy_gradient", "grpo", "dr_grpo", "dpo", "dpo_missing", "chi_po")
ANSWERS = ("A", "B", "C")
BETAS = (0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0)
STEPS = (10, 30, 100, 300, 1000, 3000)
RATE = 0.3
DEPTH = 3.0
"""The bands go so many times as deep below the optimum as the reference lies."""
SHOWN = 120
"""Points of a path that are drawn: the others are skipped, the end is not."""


@dataclass(frozen=True)
class Problem:
    """π_ref and the reward of each of three answers, and β."""

    reference: tuple[float, float, float]
    reward: tuple[float, float, float]
    beta: float

    @property
    def best(self) -> int:
        return best_place(torch.tensor(self.reward))


@shared_cache(128)
def path_of(problem: Problem, method: str, steps: int) -> torch.Tensor:
    """(steps + 1, 2), exact: along the mean of the method's gradient."""
    return method_path(problem.reference, problem.reward, problem.beta, method, steps, RATE)


def landscape_view(unit: Unit) -> None:
    """The finding, the landscape with its controls, and where each method ended."""
    head = st.container(key="landscape_finding")
    picture, right = st.columns([2.7, 1], gap="large")
    with right:
        problem, methods, steps = _problem(), _methods(), _steps()
    paths = {method: path_of(problem, method, steps) for method in methods}
    ends = {method: path_end(problem.reference, problem.reward, problem.beta, path[-1]) for method, path in paths.items()}
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


def _problem() -> Problem:
    rewards, weights = [], []
    starts = zip(ANSWERS, (0.2, 1.0, 1.5), (0.6, 0.3, 0.1), strict=True)
    number = lambda label, low, high, start, key: st.number_input(label, low, high, start, 0.1, key=key, bind="query-params", format="%.3g")
    for name, reward, weight in starts:
        with st.container(horizontal=True):
            weights.append(number(rf"$\pi_\text{{ref}}$ of {name}", 0.01, 100.0, weight, f"land_ref_{name}"))
            rewards.append(number(f"reward of {name}", -5.0, 5.0, reward, f"land_reward_{name}"))
    beta = st.select_slider("β", BETAS, 0.5, key="land_beta", bind="query-params", format_func=lambda value: f"{value:g}")
    total = sum(weights)
    first, second, third = (weight / total for weight in weights)
    left, middle, right = map(float, rewards)
    return Problem((first, second, third), (left, middle, right), float(beta))


def _methods() -> list[str]:
    chosen = st.pills(
        "Methods",
        list(NAMES.values()),
        selection_mode="multi",
        default=[NAMES[method] for method in FIRST],
        key="land_methods",
        bind="query-params",
        wrap=True,
    )
    return [method for method, name in NAMES.items() if name in chosen]


def _steps() -> int:
    return int(st.select_slider("Steps", STEPS, 300, key="land_steps", bind="query-params"))


def landscape_plane(problem: Problem, paths: dict[str, torch.Tensor]) -> Plane:
    """The objective as bands, the reference, the optimum, and the paths as far as the landscape reaches."""
    far = max([1.0, *(float(path.abs().max()) for path in paths.values())])
    land = objective_landscape(problem.reference, problem.reward, problem.beta)
    reach = max(float(land.best.abs().max()), min(far, 2.2 * max(float(land.best.abs().max()), 1.0)), 1.0)
    low, high = _window([land.best, torch.zeros(2, dtype=torch.float64), *(path.clamp(-reach, reach) for path in paths.values())])
    wide = 2.4 * float(torch.cat([low, high]).abs().max())
    land = objective_landscape(problem.reference, problem.reward, problem.beta, reach=wide, points=201)
    start = float(land.value[100, 100])  # at the reference
    deepest = float(land.value.max()) - DEPTH * (float(land.value.max()) - start or 1.0)
    lines = [Line(NAMES[method], *_drawn(path, low, high), "run", _COLOURS[method]) for method, path in paths.items()]
    return Plane(
        "E[r] − β·KL(π‖π_ref) over two log-ratios",
        ("log(π(A)/π(C)), less that of π_ref", float(low[0]), float(high[0])),
        ("log(π(B)/π(C)), less that of π_ref", float(low[1]), float(high[1])),
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


def finding(problem: Problem, ends: dict[str, PathEnd]) -> str:
    """Which methods came near the optimum, and how far the others stay below it."""
    land = objective_landscape(problem.reference, problem.reward, problem.beta, points=2)
    best = path_end(problem.reference, problem.reward, problem.beta, land.best)
    start = path_end(problem.reference, problem.reward, problem.beta, torch.zeros(2, dtype=torch.float64))
    gain = best.objective - start.objective
    if gain < 1e-9:
        return "All rewards are equal, so the reference is already the optimum."
    if not ends:
        return "One landscape for all methods. Choose some to see where they go."
    missed = {method: (best.objective - end.objective) / gain for method, end in ends.items()}
    there = [NAMES[method] for method, share in missed.items() if share < 0.01]
    reach = "reach" if len(there) > 1 else "reaches"
    said = f"{_capital(_listed(there))} {reach} the optimum π*." if there else "No method has reached π* yet."
    worst = max(missed, key=lambda method: missed[method])
    if missed[worst] < 0.01:
        return said
    share = float(ends[worst].log_policy[problem.best].exp())
    return f"{said} {_capital(NAMES[worst])} {_ends(missed[worst])}, with {share:.0%} on the best answer."


def _ends(missed: float) -> str:
    """How much of what could be gained a method has."""
    if missed > 1:
        return "ends below the reference"
    return f"gains {1 - missed:.0%} of what π* gains"


def _capital(text: str) -> str:
    """χPO keeps its letter."""
    return text if text.startswith("χ") else text[0].upper() + text[1:]


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def ends_columns(unit: Unit) -> tuple[str, ...]:
    return ("method", *ANSWERS, "E[r]", f"KL, {unit.name}", "objective")


def ends_rows(problem: Problem, ends: dict[str, PathEnd], unit: Unit) -> list[list[str]]:
    """Shares, reward, KL and objective at the end of each path; first the optimum."""
    land = objective_landscape(problem.reference, problem.reward, problem.beta, points=2)
    rows = []
    every = {"π*": path_end(problem.reference, problem.reward, problem.beta, land.best)} | {NAMES[name]: end for name, end in ends.items()}
    for name, end in every.items():
        numbers = [f"{end.reward:.2f}", f"{end.kl * unit.per_nat:.2f}", f"{end.objective:.3f}"]
        rows.append([name, *(f"{share:.1%}" for share in end.log_policy.exp().tolist()), *(one.replace("-", "−") for one in numbers)])
    return rows
