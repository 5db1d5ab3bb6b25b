"""The view "The gradient": what each estimator does on average when it is differentiated."""

import streamlit as st
from torch.distributions import Categorical

from kl_core.estimates.estimator_gradients import USES, WEIGHTINGS
from kl_core.families import FAMILIES

from ...shared import state
from ...shared.downloads import downloads
from ...shared.live import live
from ...shared.style import Unit
from ...shared.typeset import typeset
from .export import gradients_code, gradients_csv
from .gradient_scene import gradient_scene, gradient_words, gradients_of
from .three_words import three_word_policies

SAMPLERS = {"π itself (on-policy)": None, "the reference (off-policy)": "q"}
WEIGHT_NAMES = {"none": "no weights", "constant": "weights π/μ, held fixed", "differentiated": "weights π/μ, differentiated"}
USE_NAMES = {"loss": "differentiated, as a loss", "reward": "a number in the reward"}


def gradient_view(unit: Unit) -> None:
    """The arrows at the left; the two policies and how the tokens are drawn at the right."""
    picture, asked = st.columns([2.7, 1], gap="large")
    bars = FAMILIES["categorical"]
    with asked:
        policies = three_word_policies()
        sampler = SAMPLERS[
            st.selectbox("The tokens are drawn from μ =", list(SAMPLERS), key="sampler", bind="query-params") or next(iter(SAMPLERS))
        ]
        weights = st.selectbox("Importance weights", WEIGHTINGS, key="weights", bind="query-params", format_func=WEIGHT_NAMES.__getitem__)
        use = st.selectbox("The estimate is", USES, key="use", bind="query-params", format_func=USE_NAMES.__getitem__)
    reference = policies["q"].distribution
    drawn = reference.logits.log_softmax(-1) if sampler and isinstance(reference, Categorical) else None
    gradients = gradients_of(policies["p"], policies["q"], drawn, weights or "none", use or "loss")
    with picture:
        live(
            gradient_scene(policies["p"], policies["q"], drawn, weights or "none", use or "loss", unit),
            key="gradient",
            on_settle=lambda message: state.put_from_picture(message, lambda _: bars),
        )
        st.markdown(typeset(f"Expected gradient of {gradient_words(gradients)}"))
    downloads(
        lambda: gradients_code(*(policies[role].values["probs"] for role in ("p", "q"))),
        lambda: gradients_csv(gradients),
        "The arrows",
        "gradients.csv",
    )
