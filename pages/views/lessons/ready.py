"""The ready lessons as cards, and the links that start a lesson."""

from urllib.parse import parse_qsl, urlsplit

import streamlit as st

from ...frame.lessons import Lesson, ready, written
from ...frame.presets.links import expanded
from .draft import take
from .filmstrip import page_of

TAUGHT = {
    "what_kl_is": "KL(P‖Q) is the extra surprise of believing Q when P is true: never negative, not symmetric, possibly infinite. "
    "For a first hour; needs densities and logarithms.",
    "two_directions": "Forward KL is mass-covering, reverse KL can be mode-seeking; between hills at ±2 it is not. Needs the first lesson.",
    "kl_in_language_models": "The KL penalty of RLHF, its estimators k1, k2 and k3, reward hacking, and distillation. "
    "Needs the first two lessons.",
    "kl_in_distillation_and_generation": "Soft targets and T², on-policy distillation, speculative decoding, a VAE’s rate and collapse, "
    "what the ELBO leaves out, and diffusion. Needs the first two lessons.",
}


def ready_lessons() -> None:
    """Two in a row: on a tablet, four would have no room for their links."""
    lessons = list(ready().items())
    for pair in (lessons[at : at + 2] for at in range(0, len(lessons), 2)):
        for column, (name, lesson) in zip(st.columns(2), pair, strict=False):
            with column.container(border=True, height="stretch"):
                _card(name, lesson)


def _card(name: str, lesson: Lesson) -> None:
    st.markdown(f"**{lesson.title}**")
    st.markdown(TAUGHT[name])
    st.caption(f"{len(lesson.steps)} steps, about 20 minutes")
    start_links(name, lesson)
    st.button("Change it", key=f"copy_{name}", on_click=take, args=(written(lesson),), help="Copies its steps below.")


def start_links(word: str, lesson: Lesson) -> None:
    """Links to its first step: as it is, and for a projector."""
    first = lesson.steps[0]
    path, query = str(page_of(first).path), dict(parse_qsl(urlsplit(expanded(first.address)).query)) | {"lesson": f"{word}.1"}
    st.page_link(path, label="Start", icon=":material/play_arrow:", query_params=query)
    st.page_link(path, label="Start on a projector", icon=":material/present_to_all:", query_params=query | {"present": "1"})
