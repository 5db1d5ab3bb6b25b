"""The start page: a story of ten scenes beside one picture, computed once and moved in the browser."""

from pathlib import Path

import streamlit as st

from ...shared.cache import shared_cache
from ...shared.map import GROUPS, MAP
from ...shared.plain import plain
from ...shared.scripts import Script
from .hills import hills_data
from .scenes import SCENES, words
from .thumbnails import SIZE, thumbnail
from .uses import uses_data
from .weather import weather_data

CSS = "".join((Path(__file__).parent / name).read_text(encoding="utf-8") for name in ("story.css", "picture.css", "map.css"))
_story = st.components.v2.component("kl_story", js=Script("views/start/story.js").loader, css=CSS)

ROUTES = (
    {"title": "Teach a class", "shape": "round", "pages": ["lessons", "two_distributions", "forward_reverse", "practice"]},
    {"title": "Train a model", "shape": "square", "pages": ["beta", "sample_estimates", "your_numbers"]},
)
"""Where a teacher and an engineer begin, and go on."""


def story() -> None:
    """The whole story, opened at the scene that the address asks for."""
    scene, problem = asked_scene(st.query_params.get("scene"))
    if problem:
        st.caption(f":material/info: {plain(problem)}")
    _story(key="story", data=story_data() | {"scene": scene})


def asked_scene(word: str | None) -> tuple[int, str | None]:
    """The scene to begin with, from 1; and one quiet sentence if the address asks for one that there is not."""
    if word is None:
        return 1, None
    if word.isascii() and word.isdecimal() and 1 <= int(word[:4]) <= len(SCENES):
        return int(word[:4]), None
    return 1, f"The story has scenes 1 to {len(SCENES)}, so it begins with the first."


@shared_cache(1)
def story_data() -> dict:
    """Everything that the browser needs, made once for all visitors."""
    return {"scenes": words(), "weather": weather_data(), "hills": hills_data(), "uses": uses_data(), "map": _map()}


def _map() -> dict:
    return {
        "groups": [
            {"title": group.title, "question": group.question, "pages": [_page(entry) for entry in MAP if entry.group == group.title]}
            for group in GROUPS
        ],
        "routes": ROUTES,
    }


def _page(entry) -> dict:
    first = {"scene": 1} if entry is MAP[0] else {}
    return {"name": entry.name, "title": entry.title, "question": entry.question, "marks": thumbnail(entry.name), "size": SIZE} | first
