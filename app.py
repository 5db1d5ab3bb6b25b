"""The server: reads the settings, warms torch and the live picture, and serves the frame.

`streamlit run app.py`, `python app.py` and `uvicorn app:app` give the same app, from any folder.
"""

import asyncio
import gc
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

# Streamlit reads .streamlit/config.toml of the working folder; uvicorn may have been started in another one.
os.chdir(ROOT)

import streamlit as st  # noqa: E402 - it may read its settings at once
from starlette.requests import Request  # noqa: E402
from starlette.responses import Response  # noqa: E402

from pages.frame.first.pictures import Pictures  # noqa: E402 - needs the path above
from pages.frame.inside_streamlit.patches import (  # noqa: E402
    ask_no_other_host,
    clear_own_session_only,
    take_no_infinite_number,
    take_turns,
)
from pages.frame.inside_streamlit.savings import save  # noqa: E402
from pages.frame.memory import give_back, keep_small  # noqa: E402 - needs the path above
from pages.frame.middleware import middleware  # noqa: E402 - needs the path above
from pages.frame.shell import inline_scripts, routes  # noqa: E402 - needs the path above
from pages.shared.map import MAP  # noqa: E402

keep_small()
ask_no_other_host()
clear_own_session_only()
take_no_infinite_number()
take_turns()
save()

pictures = Pictures()


@asynccontextmanager
async def warmed(_: st.App) -> AsyncIterator[None]:
    """Imports torch and makes every table once, so that the first visitor waits for neither."""
    import torch

    from pages.frame import client, compressed
    from pages.shared.live import warm
    from pages.views.warm import warm_slowly

    connections = logging.getLogger("uvicorn.error")
    if not connections.hasHandlers():  # a line for every visitor, read by nobody
        connections.setLevel(logging.WARNING)
    torch.set_num_threads(1)  # visitors share the cores; one computation must not take them all
    warm()
    compressed.prepare([*client.named(), *client.late()])
    gc.collect()
    gc.freeze()  # what is loaded now stays: later collections need not look at it
    loop = asyncio.get_running_loop()

    def at_the_end() -> None:
        give_back()
        with suppress(RuntimeError):  # the server has ended meanwhile
            asyncio.run_coroutine_threadsafe(pictures.prepare(one.name for one in MAP[1:]), loop)

    warm_slowly(then=at_the_end)
    yield


def opening(query: dict[str, str]) -> str:
    """The story's first screen, in the HTML itself; imported when asked for, since it needs torch."""
    from pages.views.start.opening import opening as made

    return made(query)


def opening_part(request: Request) -> Response:
    """What the first screen's HTML asks for."""
    from pages.views.start.opening import part

    return part(request)


def answers(name: str) -> Callable[[dict], dict] | None:
    """Who answers the pictures of this name while a hand moves them; imported when asked for, since it needs torch."""
    from pages.views.answers import ANSWERS

    return ANSWERS.get(name)


def judge(judge: str, said: Sequence) -> Mapping[str, Sequence]:
    """What the dragged answers of a class did; imported when asked for, since it needs torch."""
    from pages.views.answers import judged

    return judged(judge, said)


def questions(address: str) -> Mapping[str, Callable[[], dict]]:
    """What a class can be asked about a page at this address; imported when asked for, since it needs torch."""
    from pages.views.answers import questions_at

    return questions_at(address)


def table(name: str, version: str) -> bytes | None:
    """A file that a picture fetches once; None where there is none of this name and version."""
    from pages.views.answers import TABLES

    current, made = TABLES.get(name, (lambda: "", bytes))
    return made() if version and version == current() else None


# `streamlit run` finds the app by reading this line, not by running it.
app = st.App(
    str(ROOT / "pages" / "frame" / "frame.py"),
    lifespan=warmed,
    routes=routes(opening, opening_part, answers, judge, table, pictures, questions),
    middleware=middleware(inline_scripts()),
)

if __name__ == "__main__":
    app.run()
