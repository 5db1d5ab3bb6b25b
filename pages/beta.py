"""β: the KL penalty of RLHF in a world small enough to be computed whole."""

import streamlit as st

from kl_core.rlhf.single_step import best_of_n_bound
from pages.shared import state
from pages.shared.downloads import downloads
from pages.shared.header import page_header
from pages.shared.live import live
from pages.shared.style import UNITS, Unit
from pages.views.beta.adapting import SEEN, adapting_view
from pages.views.beta.answer_frames import answer_frames
from pages.views.beta.answer_view import TABLE_SCALE, answer_view
from pages.views.beta.direction_view import direction_view
from pages.views.beta.export import penalty_code, penalty_csv
from pages.views.beta.forgetting_runs import TARGETS
from pages.views.beta.forgetting_view import ACROSS, LEVELS, METHODS, forgetting_view
from pages.views.beta.frontier_plane import REWARDS
from pages.views.beta.frontier_runs import LENGTH_NAMES
from pages.views.beta.frontier_view import PICTURES, frontier_view
from pages.views.beta.in_practice import in_practice
from pages.views.beta.introductions import OF_VIEWS
from pages.views.beta.repeated_phrase import repeated_phrase
from pages.views.beta.scene import BEST_OF, WorldSettings, best_of_n_of, frames_of, gain, gain_fits, penalty_scene, world_of
from pages.views.beta.training import METHOD_NAMES, PENALTY_NAMES, training_view

VIEWS = ["The answer", "Forgetting", "Which direction?", "One frontier", "Train it yourself", "Who sets β?", "In practice"]
PAIRS = [100, 300, 1000, 3000, 10_000]
NOISES = [0.0, 0.5, 1.0, 2.0, 4.0]
SCALES = [0.1, 0.3, 1.0, 3.0, 10.0]
CHOICES = {
    "unit": UNITS,
    "view": VIEWS,
    "pairs": map(str, PAIRS),
    "noise": [f"{one:g}" for one in NOISES],
    "scale": [f"{one:g}" for one in SCALES],
    "method": METHOD_NAMES.values(),
    "forget_by": METHODS,
    "forget_target": TARGETS,
    "forget_across": ACROSS,
    "forget_level": map(str, LEVELS),
    "frontier_of": PICTURES,
    "frontier_reward": REWARDS,
    "own_length": LENGTH_NAMES.values(),
    "adapting_watch": SEEN,
    "penalty": PENALTY_NAMES.values(),
}


def _world_controls() -> WorldSettings:
    """How the reward model came to be."""
    st.markdown("**The reward model**")
    pairs = st.select_slider("Preference pairs it learned from", PAIRS, 1000, key="pairs", bind="query-params")
    noise = st.select_slider("Noise of the labeller", NOISES, 1.0, key="noise", bind="query-params", format_func=lambda one: f"{one:g}")
    seed = st.number_input("Seed", 0, 9999, 0, key="world_seed", bind="query-params")
    return WorldSettings(int(pairs), float(noise), int(seed), _scale())


def _scale() -> float:
    """In what units the reward counts: β is in these units a nat."""
    return float(
        st.select_slider(
            "Reward counts ×",
            SCALES,
            TABLE_SCALE,
            key="scale",
            bind="query-params",
            format_func=lambda one: f"{one:g}",
            help="The same policies come back at a β that is as many times larger.",
        )
    )


def _moved(key: str):
    return lambda message: state.leave_at(key, message)


def _answer_view(unit: Unit) -> None:
    """The answer under the slider first; how its reward model came to be, and what else is known of it, behind "More"."""
    picture = st.container()
    with st.expander("More: the reward model, best-of-n, Gao’s fits", icon=":material/tune:", key="more_beta", on_change="rerun") as more:
        chart, asked = st.columns([3.4, 1], gap="large")
        with asked:
            settings = _world_controls()
        best = float(answer_frames(settings).best_beta)
        start = state.left_at("beta", best)
        if more.open:
            with chart, st.spinner("The exact best-of-n of this reward model is being computed …"):
                best_of_n_of(settings.pairs, settings.noise, settings.seed)
            with asked:
                _about(settings)
            with chart:
                live(penalty_scene(settings, unit, start, best), key="penalty", on_settle=_moved("beta"))
    with st.expander("More: one phrase said 50 times", icon=":material/repeat:", key="more_phrase", on_change="rerun") as phrase:
        if phrase.open:
            repeated_phrase(settings, unit, start)
    with picture:
        answer_view(settings)
    downloads(lambda: penalty_code(settings, start), lambda: penalty_csv(settings), "The optimum at each β", "beta.csv")


def _about(settings: WorldSettings) -> None:
    """The reward model in numbers, and Gao et al.'s forms fitted to this world."""
    model = world_of(settings.pairs, settings.noise, settings.seed).model
    st.caption(
        f"It agrees with the true reward on {model.accuracy:.0%} of its pairs. It pays the same for a word every time, so repeating a "
        "good word always earns more."
    )
    fits = gain_fits(frames_of(settings))
    said = "; ".join(f"{name}: a = {_short(fit.alpha)}, b = {_short(fit.beta)}" for name, fit in fits.items())
    st.caption(f"Gao et al. (2022) give two forms of the true reward’s gain in d = √KL. Fitted below 5 nats: {said}.")
    best_of = best_of_n_of(settings.pairs, settings.noise, settings.seed)
    at, base = BEST_OF.index(16), float(frames_of(settings).measures.gold[-1])
    st.caption(
        f"The best of 16 answers, exactly: true reward {gain(float(best_of.gold[at]) - base)} at KL "
        f"{_short(float(best_of.kl[at]))} nats. The bound log n − (n − 1)/n is {_short(float(best_of_n_bound(16.0)))}; ties keep it below."
    )


def _short(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")


def main() -> None:
    state.drop_former_view("The penalty")
    view, unit = page_header("beta", VIEWS, of_views=OF_VIEWS, problem=lambda: state.link_problem(CHOICES))
    if view == "Forgetting":
        forgetting_view(unit)
    elif view == "Which direction?":
        direction_view(unit)
    elif view == "One frontier":
        frontier_view(unit)
    elif view == "Train it yourself":
        training_view(WorldSettings(), unit)
    elif view == "Who sets β?":
        adapting_view(unit)
    elif view == "In practice":
        in_practice(_scale, unit)
    else:
        _answer_view(unit)


main()
