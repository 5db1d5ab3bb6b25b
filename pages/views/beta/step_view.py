"""The step behind a run: which words it pushed up or down, and the objective with one word's numbers in it, for two methods."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from kl_core.rlhf.step_terms import StepTerms, TokenTerms
from kl_core.rlhf.training import RECIPES

from ...shared.jobs import QUEUE
from ...shared.scripts import Script
from . import frontier_runs as runs

_KEY, _WORD = "beta_step", "beta_step_word"
_component = st.components.v2.component(
    "kl_beta_step",
    js=Script("views/beta/step/main.js").loader,
    css=(Path(__file__).parent / "step" / "step.css").read_text(encoding="utf-8"),
)
ANSWERS = 5
EVERY = 0.7


def step_view(choices: list[runs.Asked]) -> None:
    """For runs on a reward: choose the run, its step and a second method, then press."""
    if not choices:
        return
    st.subheader("What did one step push up and down?", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        asked = st.selectbox("Run", choices, index=len(choices) - 1, key="step_run", format_func=lambda run: run.name)
        step = st.number_input("Step", 0, max(asked.steps - 1, 0), min(10, asked.steps - 1), 10, key="step_number")
        others = [method for method in RECIPES if method != asked.method]
        other = st.selectbox("Beside it", others, key="step_other", format_func=lambda name: runs.NAMES[name])
        if st.button("Show the step", key="step_show"):
            runs.ask_step(asked, other, int(step))
    job = QUEUE.find(runs.pulled_key(asked, other, int(step)))
    if job is None:
        return

    @st.fragment(run_every=EVERY if job.live else None)
    def look() -> None:
        if job.results:
            _shown(job.results[0], asked, other)
        elif job.live:
            st.caption("Training up to that step …")

    look()


def step_scene(pulled: runs.Pulled, names: tuple[str, str], chosen: tuple[int, int]) -> dict:
    """The first answers of the group, each word with the push of either method relative to its largest."""
    sides = []
    for terms in (pulled.own, pulled.other):
        most = float(terms.push.abs().max()) or 1.0
        sides.append([[float(terms.push[i, j]) / most for j in range(len(terms.texts[i]))] for i in range(ANSWERS)])
    return {
        "names": list(names),
        "texts": pulled.own.texts[:ANSWERS],
        "rewards": [float(value) for value in pulled.own.reward[:ANSWERS]],
        "pushes": sides,
        "chosen": list(chosen),
    }


def chosen_word(terms: StepTerms) -> tuple[int, int]:
    """The word that was pressed; else the one that the step pushes most among the answers shown."""
    pressed = st.session_state.get(_WORD)
    if pressed and pressed[0] < ANSWERS and pressed[1] < len(terms.texts[pressed[0]]):
        return pressed
    place = int(terms.push[:ANSWERS].abs().argmax())
    return place // terms.push.shape[-1], place % terms.push.shape[-1]


def _pressed() -> None:
    message = st.session_state[_KEY].word
    if isinstance(message, dict) and all(isinstance(message.get(name), int) and message[name] >= 0 for name in ("answer", "position")):
        st.session_state[_WORD] = (message["answer"], message["position"])


def _shown(pulled: runs.Pulled, asked: runs.Asked, other: str) -> None:
    chosen = chosen_word(pulled.own)
    names = (asked.name, runs.NAMES[other])
    _component(key=_KEY, data=step_scene(pulled, names, chosen), on_word_change=_pressed)
    recipes = (asked.recipe, RECIPES[other])
    for column, name, recipe, terms in zip(st.columns(2, gap="large"), names, recipes, (pulled.own, pulled.other), strict=True):
        token = terms.token(*chosen)
        with column:
            st.markdown(f"**{name}**, the word “{token.word}”")
            st.latex(objective(recipe))
            st.latex(with_numbers(recipe, token, terms.beta))
            direction = "likelier" if token.push > 0 else "less likely" if token.push < 0 else "neither likelier nor less likely"
            st.caption(
                f"The step makes it {direction}: push {token.push:+.3g}.{' The clip stops its gradient.' if token.clipped else ''} "
                f"The whole sampled gradient has cosine {terms.cosine:.2f} with the exact gradient of E[r] − β·KL.".replace("-", "−")
            )
    st.caption(
        r"$\rho=\pi/\pi_\text{old}$ is the ratio to the policy that sampled the answer, A the advantage (how much better than expected "
        r"it turned out), "
        r"w what a word counts in the loss, $k_3=e^{-\ell}-1+\ell$ with $\ell=\log(\pi/\pi_\text{ref})$."
    )


def objective(recipe: Mapping[str, Any]) -> str:
    """What is maximised at one word, in symbols; recipe: as in RECIPES."""
    if recipe["method"] == "reinforce":
        return r"w\,\big[\log\pi\cdot A\big]"
    gain = r"\min\big(\rho A,\ \mathrm{clip}(\rho)\,A\big)"
    return rf"w\,\big[{gain}\big]" if recipe["penalty"] == "k1_in_reward" or recipe.get("beta") == 0 else rf"w\,\big[{gain}-\beta\,k_3\big]"


def with_numbers(recipe: Mapping[str, Any], token: TokenTerms, beta: float) -> str:
    """The same with the word's numbers."""
    number = lambda value: f"{value:.3g}" if value >= 0 else f"({value:.3g})"
    value = f"{-token.loss:.3g}"
    if recipe["method"] == "reinforce":
        return rf"{token.weight:.3g}\,\big[{number(token.log_policy)}\cdot{number(token.advantage)}\big]={value}"
    terms = [rf"{number(ratio)}\cdot{number(token.advantage)}" for ratio in (token.ratio, token.ratio_clipped)]
    gain = rf"\min\big({terms[0]},\ {terms[1]}\big)"
    if "k_3" not in objective(recipe):
        return rf"{token.weight:.3g}\,\big[{gain}\big]={value}"
    penalty = rf"-{beta:g}\cdot{number(token.kl)}\big]={value}"
    return rf"\begin{{aligned}}&{token.weight:.3g}\,\big[{gain}\\&\qquad{penalty}\end{{aligned}}"  # two lines, for phones
