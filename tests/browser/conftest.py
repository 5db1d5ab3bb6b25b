"""One server for the whole run and one browser a process; every page is watched for errors and for requests to other hosts."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cache, partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import chromium, settle, visit
from tests.browser.one_server import one_server
from tests.browser.profiles import Profiles

SHOWN = (
    ".live, .playground, .beta-screen, .plane, .noise, .speculative, .elbo-gap, .diffusion, .drawing, .checked, "
    ".st-key-lesson_text, [data-testid=stMarkdown] table"
)
DRAWN = f"{SHOWN}, .stMain .story[data-ready]"
BETWEEN = "/lessons"
"""A page without widgets of others, which stands between two links."""
STREAM = """(() => {
  const Own = window.WebSocket;
  window.WebSocket = class extends Own {
    constructor(url, protocols) {
      const app = String(url).includes("/_stcore/stream");
      super(url, app && window.asNewVisitor ? protocols.slice(0, 2) : protocols);
      if (app) window.stream = this;
    }
  };
})()"""
"""Holds the connection of Streamlit's client, and lets it connect without the name of its session, which comes third."""
NEW_VISITOR = """() => new Promise((done) => {
  localStorage.clear();
  sessionStorage.clear();
  const before = window.stream;
  window.asNewVisitor = true;
  before.close();
  const connected = () => window.stream !== before && document.querySelector("[data-test-connection-state='CONNECTED']");
  const look = () => (connected() ? done() : setTimeout(look, 20));
  look();
})"""
"""The client's connection breaks, and the server takes the next one for a new visitor's: it has none of the settings of before."""
PATIENCE = 90_000  # ms: a busy machine is no fault of a page
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """On a busy machine a browser may be waited for in vain, or read before it has drawn: what fails twice is a fault."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[str]:
    here = tmp_path_factory.getbasetemp()
    with one_server((here.parent if "PYTEST_XDIST_WORKER" in os.environ else here) / "server") as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium("--process-per-site") as running:
        yield running


@pytest.fixture(scope="session")
def profiles(browser: Browser, server: str) -> Profiles:
    return Profiles(browser, server)


@pytest.fixture(scope="session")
def open_pages(server: str, profiles: Profiles) -> Callable[[], AbstractContextManager[Callable[..., Page]]]:
    """with open_pages() as opened: opened("/beta?beta=2", width=390): a settled page. At the end nothing may have gone wrong."""

    @contextmanager
    def opening() -> Iterator[Callable[..., Page]]:
        troubles: list[str] = []
        with ExitStack() as at_the_end:
            visitor = cache(lambda **options: at_the_end.enter_context(profiles.borrowed(bypass_csp=True, **options)))

            def opened(path: str, width=1440, height=900, scheme="light", reduced_motion="no-preference", **options) -> Page:
                page = visitor(**options).new_page()
                page.set_viewport_size({"width": width, "height": height})
                page.emulate_media(color_scheme=scheme, reduced_motion=reduced_motion)
                page.set_default_timeout(PATIENCE)
                page.on("console", lambda message: troubles.append(f"{page.url}: {message.text}") if message.type == "error" else None)
                page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error}"))
                page.on("request", lambda request: troubles.append(request.url) if _elsewhere(request.url) else None)
                page.goto(server + path)
                settle(page)
                page.wait_for_selector(DRAWN, state="attached")
                return page

            yield opened
        assert not troubles, f"errors in the browser, or requests to other hosts: {troubles}"

    return opening


@pytest.fixture(scope="session")
def tab(open_pages) -> Iterator[Page]:
    """The tab of tests that need no new one; errors in it are told at the end, with their address."""
    with open_pages() as opened:
        page = opened(BETWEEN)
        page.add_init_script(STREAM)
        page.reload()
        settle(page)
        yield page


@pytest.fixture(scope="session")
def follow(server: str, tab: Page) -> Callable[..., Page]:
    """follow("/vae?beta_vae=4", width=390): a new visitor opens a link, in the tab and the client that are there.

    Not for BETWEEN itself, nor for a short link, which the server makes whole as it sends the page.
    """

    def followed(path: str, width=1440, height=900, scheme="light", reduced_motion="no-preference", anew=False) -> Page:
        tab.unroute_all()
        tab.context.clear_permissions()
        tab.mouse.move(0, 0)
        tab.set_viewport_size({"width": width, "height": height})
        tab.emulate_media(color_scheme=scheme, reduced_motion=reduced_motion)
        if anew:
            tab.goto(server + BETWEEN)
        if urlsplit(tab.url).path != BETWEEN:
            visit(tab, BETWEEN)
        settle(tab)
        tab.evaluate(NEW_VISITOR)
        visit(tab, path)
        tab.wait_for_selector(DRAWN, state="attached")
        return tab

    return followed


@pytest.fixture
def open_link(request, follow) -> Callable[..., Page]:
    """open_link("/two_distributions?p_loc=2", width=390): a link that a new visitor opens, without a start of Streamlit's client.

    The start is three quarters of what a page costs. Tests of it, of the browser's history and of fingers take `open_page`.
    """
    return partial(follow, anew=getattr(request.node, "execution_count", 1) > 1)


@pytest.fixture
def open_page(open_pages) -> Iterator[Callable[..., Page]]:
    """open_page("/two_distributions?p_loc=2", width=390): a page for one test."""
    with open_pages() as opened:
        yield opened


def _elsewhere(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in ("localhost", "127.0.0.1")
