"""What both landscapes share: the methods and their colours, the paths, and where each path ended, in words and as a table."""

from dataclasses import dataclass

import streamlit as st
import torch

from kl_core.rlhf.paths import PathEnd, best_place, method_path, optimum_end, path_end

from ...shared.cache import shared_cache
from ...shared.style import Unit

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
SHORT = {"policy_gradient": "PG", "natural_gradient": "NG", "dpo_missing": "DPO, missing", "forward_kl": "forward"}
"""Names in a narrow picture."""
COLOURS = dict(zip(NAMES, (1, 9, 3, 4, 6, 5, 7, 2), strict=True))
FIRST = ("policy_gradient", "grpo", "dr_grpo", "dpo", "dpo_missing", "chi_po")
ANSWERS = ("A", "B", "C")
BETAS = (0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0)
STEPS = (10, 30, 100, 300, 1000, 3000)
RATE = 0.3
NEAR = 0.01
"""Of what π* gains: a method that misses less has reached it."""
DEPTH = 3.0
"""The bands go so many times as deep below the optimum as the reference lies."""


@dataclass(frozen=True)
class BanditProblem:
    """π_ref and the reward of each of two or three answers, and β."""

    reference: tuple[float, ...]
    reward: tuple[float, ...]
    beta: float

    @property
    def best(self) -> int:
        return best_place(torch.tensor(self.reward))

    @property
    def start(self) -> PathEnd:
        """What π_ref is worth."""
        return path_end(self.reference, self.reward, self.beta, torch.zeros(len(self.reward) - 1, dtype=torch.float64))

    @property
    def optimum(self) -> PathEnd:
        return optimum_end(self.reference, self.reward, self.beta)


@shared_cache(128)
def path_of(problem: BanditProblem, method: str, steps: int) -> torch.Tensor:
    """(steps + 1, k − 1), exact: along the mean of the method's gradient."""
    return method_path(problem.reference, problem.reward, problem.beta, method, steps, RATE)


def ends_of(problem: BanditProblem, paths: dict[str, torch.Tensor]) -> dict[str, PathEnd]:
    return {method: path_end(problem.reference, problem.reward, problem.beta, path[-1]) for method, path in paths.items()}


def choose_beta() -> float:
    beta = st.select_slider("β", BETAS, 0.5, key="land_beta", bind="query-params", format_func=lambda value: f"{value:g}")
    return float(beta)


def choose_methods() -> list[str]:
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


def choose_steps() -> int:
    return int(st.select_slider("Steps", STEPS, 1000, key="land_steps", bind="query-params"))


def finding(problem: BanditProblem, ends: dict[str, PathEnd]) -> str:
    """Which methods came near the optimum, and how far the others stay below it."""
    missed = missed_by(problem, ends)
    if not missed:
        return no_finding(problem)
    said, worst = reached(missed), max(missed, key=lambda method: missed[method])
    if missed[worst] < NEAR:
        return said
    share = float(ends[worst].log_policy[problem.best].exp())
    return f"{said} {_capital(NAMES[worst])} {_ends(missed[worst])}, with {share:.0%} on the best answer."


def missed_by(problem: BanditProblem, ends: dict[str, PathEnd]) -> dict[str, float]:
    """The share of what π* gains that each method misses; {} where nothing can be gained."""
    best = problem.optimum.objective
    gain = best - problem.start.objective
    return {method: (best - end.objective) / gain for method, end in ends.items()} if gain > 1e-9 else {}


def no_finding(problem: BanditProblem) -> str:
    """What is said without methods, and where nothing can be gained."""
    if problem.optimum.objective - problem.start.objective <= 1e-9:
        return "All rewards are equal, so the reference is already the optimum."
    return "One landscape for all methods. Choose some to see where they go."


def reached(missed: dict[str, float]) -> str:
    there = [NAMES[method] for method, share in missed.items() if share < NEAR]
    if not there:
        return "No method has reached π* yet."
    return f"{_capital(_listed(there))} {'reach' if len(there) > 1 else 'reaches'} the optimum π*."


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


def ends_columns(unit: Unit, answers: int = 3) -> tuple[str, ...]:
    return ("method", *ANSWERS[:answers], "E[r]", f"KL, {unit.name}", "objective")


def ends_rows(problem: BanditProblem, ends: dict[str, PathEnd], unit: Unit) -> list[list[str]]:
    """Shares, reward, KL and objective at the end of each path; first the optimum."""
    rows = []
    for name, end in {"π*": problem.optimum, **{NAMES[method]: end for method, end in ends.items()}}.items():
        numbers = [f"{end.reward:.2f}", f"{end.kl * unit.per_nat:.2f}", f"{end.objective:.3f}"]
        rows.append([name, *(f"{share:.1%}" for share in end.log_policy.exp().tolist()), *(one.replace("-", "−") for one in numbers)])
    return rows
