"""Which direction should the penalty have? Six answers as bars to drag, and the exact optimum of either penalty beside them."""

import streamlit as st
import torch
from torch import Tensor

from kl_core.rlhf.direction import CHOICES, Side, directions

from ...shared.cache import shared_cache
from ...shared.hands import answered, take_message
from ...shared.live.tables import packed
from ...shared.scripts import Script
from ...shared.style import Unit
from .direction_state import (
    FIRST,
    LEAST_BETA,
    LEAST_SHARE,
    MOST_BETA,
    MOST_SHARE,
    REWARDS,
    DirectionState,
    direction_state,
    leave_direction,
    moved,
)

_KEY = "beta_direction"
_component = st.components.v2.component("kl_beta_direction", js=Script("views/beta/direction/main.js").loader)
BETAS = torch.logspace(torch.tensor(LEAST_BETA).log10().item(), torch.tensor(MOST_BETA).log10().item(), 41, dtype=torch.float64)


def _row(side: Side) -> Tensor:
    """The policy, the odds of each answer, then entropy, KL in its own direction and the mean reward."""
    return torch.cat([side.policy, side.odds, side.policy.new_tensor([side.entropy, side.kl, side.reward])])


@shared_cache(64)
def direction_frames(reference: tuple[float, ...], reward: tuple[float, ...], betas: tuple[float, ...]) -> dict[str, Tensor]:
    """Both optima at each β, (betas, 2·answers + 3); exact."""
    both = [directions(reference, reward, beta, FIRST.hack) for beta in betas]
    return {name: torch.stack([_row(getattr(optimum, name)) for optimum in both]) for name in ("reverse", "forward")}


def direction_scene(shown: DirectionState, *, dragged: bool, answers: int, unit: Unit) -> dict:
    """What the component is told. dragged: a bar is under the hand, so only the β on screen is asked for."""
    betas = [shown.beta] if dragged else sorted({*BETAS.tolist(), shown.beta})
    frames = direction_frames(shown.reference, shown.reward, tuple(betas))
    return {
        "count": answers,
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "names": list(FIRST.answers),
        "hack": FIRST.hack,
        "reference": list(shown.reference),
        "reward": list(shown.reward),
        "beta": shown.beta,
        "betas": betas,
        "frames": {name: packed(values) for name, values in frames.items()},
        "shares": [LEAST_SHARE, MOST_SHARE],
        "rewards": list(REWARDS),
        "presets": list(CHOICES),
    }


def _told(trigger: str) -> None:
    if (message := take_message(_KEY, trigger)) is not None:
        leave_direction(moved(direction_state(), message), in_link=trigger == "settle")
        st.session_state[f"{_KEY}_dragged"] = trigger == "move"


@st.fragment
def direction_view(unit: Unit) -> None:
    """The bars, and below them the two formulas with their symbols in words."""
    dragged = bool(st.session_state.get(f"{_KEY}_dragged", False))
    scene = direction_scene(direction_state(), dragged=dragged, answers=answered(_KEY), unit=unit)
    _component(key=_KEY, data=scene, on_move_change=lambda: _told("move"), on_settle_change=lambda: _told("settle"))
    reverse, forward = st.columns(2, gap="large")
    with reverse:
        st.markdown(
            "**Reverse penalty**, averaged under the policy (RLHF’s own)  \n"
            r"$\max_\pi\, \mathbb{E}_\pi[r]-\beta\,\mathrm{KL}(\pi\|\pi_\text{ref})"
            r"\;\Rightarrow\;{\pi^*=\dfrac{\pi_\text{ref}\,e^{r/\beta}}{Z}}$"
        )
    with forward:
        st.markdown(
            "**Forward penalty**, averaged under the reference  \n"
            r"$\max_\pi\, \mathbb{E}_\pi[r]-\beta\,\mathrm{KL}(\pi_\text{ref}\|\pi)"
            r"\;\Rightarrow\;{\pi^*=\dfrac{\beta\,\pi_\text{ref}}{\lambda-r}}$"
        )
    st.caption(
        "r is an answer’s reward; Z and λ make each policy sum to 1. Equal rewards keep the reference’s odds in both. Which one collapses "
        "more depends on β and r (GX-Chen et al. 2025, arXiv 2510.20817). "
        "[Checked: both shares of the hack](./checked?find=directions_hack)"
    )
