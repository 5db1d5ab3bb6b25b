"""The frame around every page: navigation and header. `app.py` serves this file."""

from pathlib import Path

import streamlit as st

from pages.shared.frame_map import MAP, TITLE

_SHARED = Path(__file__).parent


def main() -> None:
    st.set_page_config(page_title=TITLE, page_icon=_SHARED / "assets" / "icon.svg", layout="wide")
    st.html(_SHARED / "frame.css")
    pages = [st.Page(one.path, title=one.title, icon=one.icon, default=one is MAP[0]) for one in MAP]
    st.navigation(pages, position="top").run()


main()
