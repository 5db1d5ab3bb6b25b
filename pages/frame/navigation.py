"""The pages as Streamlit's navigation takes them."""

from copy import copy
from functools import cache
from typing import TypeAlias

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from ..shared.map import GROUPS, MAP

ByGroup: TypeAlias = dict[str, list[StreamlitPage]]


def pages_by_group() -> ByGroup:
    """For one run: Streamlit notes on the page that is shown that it was."""
    return {group: [copy(page) for page in pages] for group, pages in _pages().items()}


@cache
def _pages() -> ByGroup:
    """Made anew in each run, they cost a millisecond and thirty questions to the file system."""
    return {
        group.title: [st.Page(one.path, title=one.title, icon=one.icon, default=one is MAP[0]) for one in MAP if one.group == group.title]
        for group in GROUPS
    }
