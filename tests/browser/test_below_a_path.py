"""The app below a path of its host, as with server.baseUrlPath: its scripts come from below that path."""

from collections.abc import Iterator

import pytest

from tests.browser.chromium import settle
from tests.server import free_port, serving, streamlit_run


@pytest.fixture(scope="module")
def below() -> Iterator[str]:
    port = free_port()
    with serving([*streamlit_run(port), "--server.baseUrlPath", "kl"], port, health="/kl/_stcore/health"):
        yield f"http://localhost:{port}/kl"


@pytest.mark.parametrize("path", ["/", "/two_distributions"])
def test_the_picture_and_the_header_come_from_below_the_path(below, browser, path):
    page = browser.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(below + path)
    settle(page)
    page.wait_for_selector(".live svg.plot, .story svg.picture")
    page.wait_for_selector("button:text('Share')")
    scripts = [url for url in asked if "/js/" in url and "/static/" not in url]
    assert scripts and all(url.startswith(f"{below}/js/") for url in scripts)
    page.close()
