"""The map on the start page: every page in learning order, with a small picture of what it shows."""

from pathlib import Path

import streamlit as st

from ...shared.map import MAP
from ...shared.scripts import SITE_MAP
from .thumbnails import SIZE, thumbnail

_site_map = st.components.v2.component(
    "kl_site_map", js=SITE_MAP.loader, css=(Path(__file__).parent / "map.css").read_text(encoding="utf-8")
)


def site_map() -> None:
    """A card for each page but the first."""
    cards = [
        {"address": f"/{one.name}", "title": one.title, "answers": one.answers, "paths": thumbnail(one.name), "size": SIZE}
        for one in MAP[1:]
    ]
    _site_map(key="site_map", data={"cards": cards})
