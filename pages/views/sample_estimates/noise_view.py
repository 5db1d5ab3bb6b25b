"""The view "Gradient noise": each estimator's gradient as an arrow with its ellipse, for a sampler that is dragged from π to π_ref."""

from dataclasses import asdict
from math import log

import streamlit as st

from ...shared import state
from ...shared.downloads import downloads
from ...shared.live.messages import number, parse_fields
from ...shared.scripts import Script
from ...shared.style import Unit
from .noise_export import noise_code, noise_csv
from .noise_frames import SEQUENCE_LOSSES, WORD_LOSSES, Samples, noise_scene
from .three_words import three_word_policies, without_zeros

KINDS = ("Single words", "Sequences")
DRAWS = (1, 4, 16, 64, 256, 1024)
LENGTHS = (1, 2, 4, 6, 8, 10)
_KEY, _SHARE = "gradient_noise", "mu"
_FIRST = {KINDS[0]: ("k2", "k3", "weighted_k3"), KINDS[1]: ("token_k3", "sequence_k2", "sequence_weighted_k3")}
_component = st.components.v2.component("kl_gradient_noise", js=Script("views/sample_estimates/noise/main.js").loader)


def noise_view(unit: Unit) -> None:
    """The picture with its slider; what is drawn, and from which policies, beside it."""
    picture, asked = st.columns([2.7, 1], gap="large")
    with asked:
        kind = st.segmented_control("The samples are", KINDS, default=KINDS[0], required=True, key="noise_of", bind="query-params")
        samples = _sequences() if kind == KINDS[1] else _words()
        names = SEQUENCE_LOSSES if kind == KINDS[1] else WORD_LOSSES
        shown = st.pills(
            "As a loss",
            list(names.values()),
            selection_mode="multi",
            default=[names[loss] for loss in _FIRST[kind or KINDS[0]]],
            key="noise_sequence_losses" if samples.sequences else "noise_losses",
            bind="query-params",
            wrap=True,
        )
        draws = st.select_slider("Samples averaged per step", DRAWS, 64, key="noise_draws", bind="query-params")
    share = state.left_at(_SHARE, 0.0)
    start = share if 0 <= share <= 1 else 0.0
    scene = noise_scene(samples, [loss for loss, name in names.items() if name in (shown or [])], int(draws), unit, start)
    with picture:
        _component(key=_KEY, data=scene | {"plane": asdict(scene["plane"])}, on_settle_change=_left)
    st.markdown(
        r"If an older policy $\mu$ drew the samples, differentiate the weight $\pi/\mu$ too: "
        r"$\mathbb{E}_\mu\big[\nabla\big(\tfrac{\pi}{\mu}\,k_3\big)\big]=\nabla\,\mathrm{KL}(\pi\|\pi_\text{ref})$ for every $\mu$."
    )
    st.caption(
        r"Arrow: the expected gradient. Ellipse: one standard deviation of the mean of the samples, in the table relative to the true "
        r"gradient’s length. Both are exact sums. "
        r"$\mu\propto\pi^{1-s}\,\pi_\text{ref}^{\,s}$ with s the slider’s place. Source: DeepSeek-V3.2 (2025, arXiv 2512.02556). "
        "[Checked: off-policy k3](./checked?find=off_policy_k3)"
    )
    downloads(lambda: noise_code(samples, start, int(draws)), lambda: noise_csv(samples, int(draws)), "Every sampler", "gradient_noise.csv")


def _left() -> None:
    raw = st.session_state[_KEY].settle
    message = None if raw is None else parse_fields(raw, {"scrub": number})
    if message is not None and 0 <= message.get("scrub", -1.0) <= 1:
        state.leave_at(_SHARE, message)


def _words() -> Samples:
    policy, reference = without_zeros(three_word_policies())
    return Samples(tuple(policy.tolist()), tuple(reference.tolist()))


def _sequences() -> Samples:
    """Two policies over sequences of 0 and 1, by the probability of a 1 after either."""
    chances = {}
    for role, name, starts in (("pi", r"$\pi$", (0.3, 0.8)), ("ref", r"$\pi_\text{ref}$", (0.5, 0.5))):
        with st.container(horizontal=True):
            for word, start in enumerate(starts):
                chances[role, word] = st.number_input(
                    f"{name}: 1 after {word}", 0.02, 0.98, start, 0.05, key=f"noise_{role}_{word}", bind="query-params", format="%.3g"
                )
    length = st.select_slider("Words in a sequence", LENGTHS, 4, key="noise_length", bind="query-params")
    odds = lambda role: tuple(log(chances[role, word] / (1 - chances[role, word])) for word in (0, 1))
    return Samples(odds("pi"), odds("ref"), int(length))
