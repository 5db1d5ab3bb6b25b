"""The HTML that a link's reader, and a link's preview, get first."""

from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect

from pages.shared.map import MAP


def got(url: str) -> tuple[str, bytes]:
    with urlopen(url, timeout=90) as answer:
        return answer.headers["content-type"], answer.read()


@pytest.mark.parametrize("entry", MAP[1:], ids=lambda entry: entry.name)
def test_a_deep_link_has_its_own_title_and_description(server, entry):
    shell = got(f"{server}/{entry.name}")[1].decode()
    assert f"<title>{entry.title}" in shell
    assert 'name="description"' in shell


def test_the_icon_and_the_preview_picture_are_served(server):
    assert got(f"{server}/icon.svg")[0].startswith("image/svg")
    assert got(f"{server}/preview.png")[1].startswith(b"\x89PNG")


def refused(url: str) -> tuple[int, str]:
    with pytest.raises(HTTPError) as answer:
        urlopen(url, timeout=90)
    return answer.value.code, answer.value.read().decode()


@pytest.mark.parametrize(
    "path, said",
    [
        ("two_distribution", 'Did you mean <a href="./two_distributions">'),
        ("<script>", "There is no page “%3Cscript%3E”"),
        ("x" * 300, "There is no page"),
    ],
)
def test_an_address_without_a_page_names_the_nearest_and_all_of_them(server, path, said):
    code, page = refused(f"{server}/{quote(path)}")
    assert code == 404
    assert said in page.replace("&lt;", "%3C").replace("&gt;", "%3E")
    assert all(f'href="./{entry.name}"' in page for entry in MAP[1:])


def test_a_preset_s_short_link_leads_to_the_whole_address(server):
    with urlopen(f"{server}/two_distributions?preset=heavy-tail&unit=bits", timeout=90) as answer:
        assert "p=Cauchy" in answer.url
        assert "unit=bits" in answer.url


def test_a_qr_code_is_an_svg_and_too_long_a_link_is_refused(server):
    kind, drawn = got(f"{server}/qr.svg?link={quote(server, safe='')}")
    assert kind.startswith("image/svg")
    assert drawn.startswith(b"<svg")
    assert refused(f"{server}/qr.svg?link={'x' * 1801}")[0] == 400


def test_on_a_phone_one_s_own_numbers_are_asked_for_before_the_picture(open_link):
    page = open_link("/your_numbers", width=390, height=844)
    expect(page.get_by_label("Q", exact=True)).to_be_in_viewport(ratio=1)  # without scrolling
    box, picture = page.get_by_label("Q", exact=True).bounding_box(), page.locator(".live").bounding_box()
    assert box["y"] + box["height"] <= picture["y"]
