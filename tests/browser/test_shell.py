"""The HTML that a link's reader, and a link's preview, get first."""

from urllib.request import urlopen

import pytest

from pages.shared.frame_map import MAP


def got(url: str) -> tuple[str, bytes]:
    with urlopen(url, timeout=10) as answer:
        return answer.headers["content-type"], answer.read()


@pytest.mark.parametrize("entry", MAP[1:], ids=lambda entry: entry.name)
def test_a_deep_link_has_its_own_title_and_description(server, entry):
    shell = got(f"{server}/{entry.name}")[1].decode()
    assert f"<title>{entry.title}" in shell
    assert 'name="description"' in shell


def test_the_icon_and_the_preview_picture_are_served(server):
    assert got(f"{server}/icon.svg")[0].startswith("image/svg")
    assert got(f"{server}/preview.png")[1].startswith(b"\x89PNG")


def test_an_unknown_page_says_so_and_shows_the_start_page(server, browser):
    page = browser.new_page()  # not watched: that nothing is there is logged as an error, rightly
    page.goto(f"{server}/no_such_page")
    page.get_by_text("Page not found").first.wait_for()
    page.wait_for_selector(".live output", state="attached")
    page.close()
