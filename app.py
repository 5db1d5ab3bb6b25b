"""The server: reads the settings, warms torch and the live picture, and serves the frame.

`streamlit run app.py`, `python app.py` and `uvicorn app:app` give the same app, from any folder.
"""

import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from streamlit import config, net_util

ROOT = Path(__file__).resolve().parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

# Streamlit looks for settings beside its main script. Under uvicorn that would be pages/frame/frame.py.
if config._main_script_path is None:
    config._main_script_path = str(ROOT / "app.py")

# For each connection from another site Streamlit asks a host elsewhere for this machine's address, while everyone waits.
net_util.get_external_ip = lambda: None


@asynccontextmanager
async def warmed(_: st.App) -> AsyncIterator[None]:
    """Imports torch and makes every table once, so that the first visitor waits for neither."""
    import torch

    from pages.shared.live import warm
    from pages.views.warm import warm_slowly

    torch.set_num_threads(1)  # visitors share the cores; one computation must not take them all
    warm()
    gc.collect()
    gc.freeze()  # what is loaded now stays: later collections need not look at it
    warm_slowly()
    yield


from pages.frame.shell import routes  # noqa: E402 - needs the path above

# `streamlit run` finds the app by reading this line, not by running it.
app = st.App(str(ROOT / "pages" / "frame" / "frame.py"), lifespan=warmed, routes=routes())

if __name__ == "__main__":
    app.run()
