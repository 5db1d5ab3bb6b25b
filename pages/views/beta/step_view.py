"""The step behind a run: which words it pushed up or down, and the objective with one word's numbers in it, for two methods."""

from functools import partial

import streamlit as st

from kl_core.rlhf.step_terms import StepTerms, TokenTerms
from kl_core.rlhf.training import RECIPES, Settings

from ...shared.jobs import QUEUE, Job
from ...shared.scripts import Script
from . import frontier_runs as runs
from .run_list import reveal

_KEY, _WORD, _PLACE, _PRESSES = "beta_step", "beta_step_word", "step_place", "step_presses"
_component = st.components.v2.component("kl_beta_step", js=Script("views/beta/step/main.js").loader)
ANSWERS = 5
EVERY = 0.7


FIRST_STEP = 10


def step_button(choices: list[runs.MethodRun]) -> None:
    """Beside the finding, once runs have ended: goes to the step of the last of them, far below, which is made meanwhile."""
    if choices:
        runs.ask_step(*_first(choices))
        st.button("Look inside a step, word by word", key="step_jump", icon=":material/arrow_downward:", on_click=_jump)


def _jump() -> None:
    st.session_state[_PRESSES] = st.session_state.get(_PRESSES, 0) + 1


def _first(choices: list[runs.MethodRun]) -> tuple[runs.MethodRun, str, int]:
    """What the choices of `step_view` begin with: the run, the method beside it, the step."""
    asked = choices[-1]
    return asked, _others(asked)[0], min(FIRST_STEP, asked.steps - 1)


def _others(asked: runs.MethodRun) -> list[str]:
    return [method for method in RECIPES if method != asked.method]


def step_view(choices: list[runs.MethodRun]) -> None:
    """For runs on a reward: choose the run, its step and a second method, then press."""
    if not choices:
        return
    with st.container(key=_PLACE):
        st.subheader("What did one step push up and down?", anchor=False)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            asked = st.selectbox("Run", choices, index=len(choices) - 1, key="step_run", format_func=lambda run: run.name)
            step = st.number_input("Step", 0, max(asked.steps - 1, 0), min(FIRST_STEP, asked.steps - 1), 10, key="step_number")
            other = st.selectbox("Beside it", _others(asked), key="step_other", format_func=lambda name: runs.NAMES[name])
            if st.button("Show the step", key="step_show"):
                runs.ask_step(asked, other, int(step))
        job = QUEUE.find(runs.pulled_key(asked, other, int(step)))
        if job is not None:
            _watched(job, asked, other)
        reveal("step_reveal", _PLACE, int(st.session_state.get(_PRESSES, 0)))


def _watched(job: Job, asked: runs.MethodRun, other: str) -> None:
    @st.fragment(run_every=EVERY if job.live else None)
    def look() -> None:
        if job.results:
            _shown(job.results[0], asked, other)
        elif job.live:
            st.caption("Training up to that step …")
        else:
            st.caption(f":red[The step could not be made: {job.problem or job.state}.]")

    look()


def step_scene(terms: StepTerms, name: str, chosen: tuple[int, int]) -> dict:
    """The first answers of the group, each word with the method's push relative to its largest."""
    most = float(terms.push.abs().max()) or 1.0
    return {
        "name": name,
        "texts": terms.texts[:ANSWERS],
        "rewards": [float(value) for value in terms.reward[:ANSWERS]],
        "pushes": [[float(terms.push[i, j]) / most for j in range(len(terms.texts[i]))] for i in range(ANSWERS)],
        "chosen": list(chosen),
    }


def chosen_word(terms: StepTerms) -> tuple[int, int]:
    """The word that was pressed; else the one that the step pushes most among the answers shown."""
    pressed = st.session_state.get(_WORD)
    if pressed and pressed[0] < ANSWERS and pressed[1] < len(terms.texts[pressed[0]]):
        return pressed
    place = int(terms.push[:ANSWERS].abs().argmax())
    return place // terms.push.shape[-1], place % terms.push.shape[-1]


def _pressed(key: str) -> None:
    message = st.session_state[key].word
    if isinstance(message, dict) and all(isinstance(message.get(name), int) and message[name] >= 0 for name in ("answer", "position")):
        st.session_state[_WORD] = (message["answer"], message["position"])


def _shown(pulled: runs.Pulled, asked: runs.MethodRun, other: str) -> None:
    """Each method's words with its objective below them, so that on a phone the numbers stand under the word that was pressed."""
    chosen = chosen_word(pulled.own)
    names = (asked.name, runs.NAMES[other])
    st.markdown(":green-background[pushed up] :red-background[pushed down] Press a word: its numbers stand in the formula.")
    for i, (column, name, terms) in enumerate(zip(st.columns(2, gap="large"), names, (pulled.own, pulled.other), strict=True)):
        with column:
            key = f"{_KEY}_{i}"
            _component(key=key, data=step_scene(terms, name, chosen), on_word_change=partial(_pressed, key))
            _numbers_of(terms, name, chosen)
    st.caption(
        r"w is the word’s weight in the loss. A: how much better this answer was than the others of its group, in reward ($A_r$) and "
        r"in log-ratio to $\pi_\text{ref}$ ($A_\mathrm{KL}$). $\rho=\pi/\pi_\text{old}$. "
        r"$k_3=e^{-\ell}-1+\ell$ with $\ell=\log(\pi/\pi_\text{ref})$."
    )


def _numbers_of(terms: StepTerms, name: str, chosen: tuple[int, int]) -> None:
    token = terms.token(*chosen)
    st.markdown(f"**{name}**, the word “{token.word}”")
    st.latex(objective(terms.settings))
    st.latex(with_numbers(terms.settings, token, terms.beta))
    direction = "likelier" if token.push > 0 else "less likely" if token.push < 0 else "neither likelier nor less likely"
    stopped = " The clip stops its gradient." if token.clipped else ""
    st.caption(
        f"This step makes the word {direction}.{stopped} The whole step’s cosine with the exact gradient is {terms.cosine:.2f}.".replace(
            "-", "−"
        )
    )


def in_reward(settings: Settings) -> bool:
    """Whether the KL is taken off the reward, before advantages are formed."""
    return settings.penalty == "k1_in_reward" and settings.method != "grpo"


def objective(settings: Settings) -> str:
    """What is maximised at one word, in symbols."""
    if settings.method == "reinforce":
        return r"w\,\log\pi\cdot A,\qquad A=A_r-\beta\,A_\mathrm{KL}"
    high = r"\varepsilon" if settings.clip_high is None else r"\varepsilon_\text{high}"
    gain = rf"\min\big(\rho A,\ \mathrm{{clip}}(\rho,\,1-\varepsilon,\,1+{high})\,A\big)"
    if in_reward(settings):
        return rf"\begin{{gathered}}w\,{gain}\\A=A_r-\beta\,A_\mathrm{{KL}}\end{{gathered}}"
    return rf"w\,{gain}" if settings.beta == 0 else rf"\begin{{gathered}}w\,\big[{gain}\\-\beta\,k_3\big]\end{{gathered}}"


def with_numbers(settings: Settings, token: TokenTerms, beta: float) -> str:
    """The same with the word's numbers, a line for each step of the sum; the value comes last."""
    lines, advantage, value = [], _number(token.advantage), f"={_number(-token.loss, bare=True)}"
    if in_reward(settings):
        parts = rf"{_number(token.advantage_reward, bare=True)}-{beta:g}\cdot{_number(token.advantage_kl)}"
        lines.append(rf"A&={parts}={_number(token.advantage, bare=True)}")
    if settings.method == "reinforce":
        lines.append(rf"&{token.weight:.3g}\cdot{_number(token.log_policy)}\cdot{advantage}{value}")
        return _aligned(lines)
    high = settings.clip if settings.clip_high is None else settings.clip_high
    low, high = 1 - settings.clip, 1 + high
    lines.append(rf"&\mathrm{{clip}}({token.ratio:.3g},\,{low:g},\,{high:g})={token.ratio_clipped:.3g}")
    bracket = r"\big[" if "k_3" in objective(settings) else ""
    lines.append(rf"&{token.weight:.3g}\,{bracket}\min\big({token.ratio:.3g}\cdot{advantage},")
    lines.append(rf"&\qquad{token.ratio_clipped:.3g}\cdot{advantage}\big)")
    if bracket:
        lines.append(rf"&\qquad-{beta:g}\cdot{_number(token.kl)}\big]")
    lines[-1] += value
    return _aligned(lines)


def _aligned(lines: list[str]) -> str:
    between = r"\\"
    return rf"\begin{{aligned}}{between.join(lines)}\end{{aligned}}"  # lines, for phones


def _number(value: float, *, bare: bool = False) -> str:
    """Three digits; a negative number is in brackets unless it stands alone (bare)."""
    value = value or 0.0  # no −0
    return f"{value:.3g}" if bare or value >= 0 else f"({value:.3g})"
