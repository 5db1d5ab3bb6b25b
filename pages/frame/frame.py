"""The frame around every page: navigation and header. `app.py` serves this file."""

import logging
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from pages.frame.navigation import pages_by_group
from pages.frame.presets.links import presets_of
from pages.frame.teach import teach
from pages.frame.visits import arrive
from pages.shared.map import page_title

_HERE = Path(__file__).parent
_LOG = logging.getLogger("kl_explorer")


def main() -> None:
    # The icon first: left to itself, the navigation takes each page's own from another host.
    st.set_page_config(page_icon=_HERE / "assets" / "icon.svg", layout="wide")
    chosen = st.navigation(pages_by_group(), position="top")
    st.set_page_config(page_title=page_title(chosen.url_path))
    st.logo(_HERE / "assets" / "icon.svg", size="medium")
    st.html(_HERE / "frame.css")
    header = st.container(key="teach")
    arrive(chosen.url_path)
    _run(chosen)
    with header:
        teach(chosen.url_path, presets_of(chosen.url_path))


def _run(page: StreamlitPage) -> None:
    """A page that fails says so and shows the way on; its traceback is in the server's log, not on the screen."""
    try:
        page.run()
    except Exception:
        _LOG.exception("The page %s failed.", page.title)
        st.error("This page failed. That is our fault, not yours. What you set on other pages is safe.", icon=":material/error:")
        st.link_button("Open this page with its starting values", url=f"./{page.url_path}", icon=":material/refresh:")


main()
