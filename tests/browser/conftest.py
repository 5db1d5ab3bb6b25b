"""One server and one browser a session; every page is watched for errors and for requests to other hosts."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import chromium, settle
from tests.server import free_port, serving, streamlit_run

SHOWN = ".live, .playground, .beta-screen, .checked, .st-key-lesson_text, [data-testid=stMarkdown] table"
PATIENCE = 90_000  # ms: a busy machine is no fault of a page
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    port = free_port()
    with serving(streamlit_run(port), port):
        yield f"http://localhost:{port}"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def open_page(server: str, browser: Browser) -> Iterator[Callable[..., Page]]:
    """open_page("/two_distributions?p_loc=2", width=390): a settled page. At the end nothing may have gone wrong."""
    contexts, troubles = [], []

    def watched(path: str, width: int = 1440, height: int = 900, scheme: str = "light", **options) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda request: troubles.append(request.url) if _elsewhere(request.url) else None)
        page.goto(server + path)
        settle(page)
        page.wait_for_selector(
            ".live, .playground, .beta-screen, .stMain .story[data-ready], .checked, .st-key-lesson_text, [data-testid=stMarkdown] table",
            state="attached",
        )
        return page

    yield watched
    for context in contexts:
        context.close()
    assert not troubles, f"errors in the browser, or requests to other hosts: {troubles}"


def _elsewhere(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in ("localhost", "127.0.0.1")
