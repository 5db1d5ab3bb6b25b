"""The app wherever a host puts it: each way has a real nginx before it, which forwards only what such a host forwards."""

import json
import re
import sys
from collections.abc import Iterator
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.parse import urljoin, urlsplit
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Frame, Locator, Page, expect

from pages.shared.map import MAP
from tests.browser.conftest import PATIENCE, SHOWN
from tests.nginx import nginx
from tests.server import free_port, serving, streamlit_run


class Way(NamedTuple):
    """How a host shows the app. base: where it begins. frame: the page that has it in a frame, if one has. shared: where its links lead."""

    base: str
    frame: str = ""
    shared: str = ""


FRAMED = 'default_type text/html; return 200 \'<!doctype html><title>A host</title><iframe src="{}" style="{}"></iframe>\';'
STYLE = "width:1300px;height:850px;border:0"


COLD = """
import sys
from pages.views import warm
warm.warm_slowly = lambda then: None
from streamlit.web.cli import main
sys.argv = ["streamlit", *sys.argv[1:]]
main()
"""
"""Starts the app as usual, but makes nothing before it is asked for: for what is tried here that would be half a minute of a processor."""

SECURE = """
      proxy_set_header Host $http_host; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;
      proxy_set_header X-Forwarded-Proto https;"""
"""A host that speaks https with its visitors. Of 127.0.0.1 a browser takes what it would else take over https alone."""


@pytest.fixture(scope="module")
def ways(server, tmp_path_factory) -> Iterator[dict[str, Way]]:
    below = free_port()
    elsewhere = server.replace("localhost", "127.0.0.1")
    locations = f"""
      location /kl/ {{ proxy_pass http://127.0.0.1:{below}; }}
      location /user/x/proxy/8501/ {{ proxy_pass {elsewhere}/; }}
      location /~/+/ {{ proxy_pass {elsewhere}/; }}
      location = /cloud {{ {FRAMED.format("/~/+/two_distributions?p_loc=2&embed=true&embed_options=show_toolbar", STYLE)} }}
      location = /spaces {{ {FRAMED.format(f"{elsewhere}/two_distributions?p_loc=2&__theme=light&embed=true", STYLE)} }}
      location /secure/ {{ {SECURE} proxy_pass {elsewhere}/; }}
      location = /plain_frame {{ {FRAMED.format(f"{elsewhere}/your_numbers?embed=true", STYLE)} }}
      location = /secure_frame {{ {FRAMED.format("http://127.0.0.1:$server_port/secure/your_numbers?embed=true", STYLE)} }}
      location /https/ {{ proxy_pass {elsewhere}/; }}
      location / {{ return 404; }}"""
    with (
        serving([sys.executable, "-c", COLD, *streamlit_run(below)[3:], "--server.baseUrlPath", "kl"], below, health="/kl/_stcore/health"),
        nginx(tmp_path_factory.mktemp("nginx"), locations) as host,
    ):
        yield {
            "root": Way(server),
            "baseUrlPath": Way(f"http://localhost:{below}/kl"),
            "nginx": Way(f"{host}/kl"),
            "stripped": Way(f"{host}/user/x/proxy/8501"),
            "cloud": Way(f"{host}/~/+", f"{host}/cloud", host),
            "spaces": Way(elsewhere, f"{host}/spaces"),
            "plain": Way(elsewhere, f"{host}/plain_frame"),
            "secure": Way(f"{host}/secure", f"{host}/secure_frame"),
        }


@pytest.fixture
def page(profiles) -> Iterator[Page]:
    with profiles.borrowed() as context:
        opened = context.new_page()
        opened.set_viewport_size({"width": 1440, "height": 900})
        opened.set_default_timeout(PATIENCE)
        yield opened


WALKED = ["nginx", "stripped", "cloud", "spaces"]
"""The root is walked by all other tests of the browser, and baseUrlPath behind nginx."""


def opened(page: Page, way: Way) -> Frame:
    """The app's own frame, on two_distributions."""
    if not way.frame:
        page.goto(f"{way.base}/two_distributions?p_loc=2")
        return page.main_frame
    page.goto(way.frame)
    frame = page.locator("iframe").element_handle().content_frame()
    frame.wait_for_load_state("domcontentloaded")
    return frame


def drawn(frame: Frame) -> None:
    frame.wait_for_selector(SHOWN)
    frame.wait_for_selector("[data-test-script-state='notRunning']", state="attached")


def chosen_in_navigation(frame: Frame, name: str) -> Locator:
    """The link to a page, in the menu of its group."""
    entry = next(entry for entry in MAP if entry.name == name)
    frame.get_by_role("banner").get_by_text(entry.group, exact=True).click()
    return frame.get_by_test_id("stTopNavDropdownLink").filter(has_text=entry.title)


def shared_link(frame: Frame) -> str:
    frame.get_by_role("button", name="Share", exact=True).click()
    link = frame.get_by_label("Link to this state")
    expect(link).to_have_value(re.compile("^http"))
    frame.wait_for_function("() => [...document.querySelectorAll('*')].some((e) => e.shadowRoot?.querySelector('img.qr')?.naturalWidth)")
    return link.input_value()


@pytest.mark.parametrize("name", WALKED)
def test_pictures_pages_links_lessons_and_reloads_stay_below_where_the_app_begins(ways, page, name):
    way = ways[name]
    asked, failed, errors = [], [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    frame = opened(page, way)
    frame.wait_for_selector(".live svg.plot")

    link = shared_link(frame)
    assert link.startswith(f"{way.shared or way.base}/two_distributions?") and "p_loc=2" in link
    assert not {"embed", "__theme"} & set(urlsplit(link).query.replace("=", "&").split("&"))
    frame.get_by_text("For a class", exact=True).click()
    frame.get_by_label("Words for this step").fill("Look.")
    frame.get_by_role("button", name="Add to my lesson").click()
    frame.get_by_role("button", name="Close").click()

    frame.evaluate("window.stays = true")
    chosen = chosen_in_navigation(frame, "forward_reverse")
    assert chosen.evaluate("(link) => link.href").startswith(f"{way.base}/forward_reverse")
    chosen.click()
    frame.wait_for_selector(".playground")
    assert frame.url.split("?")[0] == f"{way.base}/forward_reverse"
    assert frame.evaluate("window.stays"), "the page changed without loading anew"

    embed = "&embed=true" if way.frame else ""
    frame.goto(f"{way.base}/?lesson=what_kl_is.1{embed}")
    frame.wait_for_selector(".story svg.picture")
    frame.get_by_role("button", name="Next →").click()
    frame.wait_for_url(f"{way.base}/two_distributions?**lesson=what_kl_is.2**")
    assert ("embed=true" in frame.url) == bool(way.frame), "a frame stays bare from step to step"
    frame.wait_for_selector(".live svg.plot")
    assert all(url.startswith((way.base, way.frame or way.base, "data:", "blob:")) for url in asked), asked
    assert not errors
    assert not [url for url in failed if not url.endswith("favicon.ico")]


def answer(url: str, **headers: str) -> tuple[int, str, str]:
    """Status, final address and text of what an address gives."""
    try:
        with urlopen(Request(url, headers=headers), timeout=90) as got:
            return got.status, got.url, got.read().decode()
    except HTTPError as refused:
        return refused.code, url, refused.read().decode()


@pytest.mark.parametrize("name", ["root", "baseUrlPath", "nginx", "stripped", "cloud"])
def test_short_links_slashes_previews_and_mistyped_addresses_stay_there_too(ways, name):
    base = ways[name].base
    whole = answer(f"{base}/two_distributions?preset=heavy-tail")[1]
    assert whole.startswith(f"{base}/two_distributions?") and "p=Cauchy" in whole
    assert answer(f"{base}/vae/?beta_vae=4")[1] == f"{base}/vae?beta_vae=4"
    for wrong in ("two_distribution", "vae/two_distribution"):
        status, at, text = answer(f"{base}/{wrong}")
        assert status == 404
        guess = re.search(r'Did you mean <a href="([^"]+)"', text).group(1)
        assert urljoin(at, guess) == f"{base}/two_distributions"
        assert answer(urljoin(at, re.search(r'rel="icon" href="([^"]+)"', text).group(1)))[0] == 200
    preview = re.search(r'og:image" content="([^"]+)"', answer(f"{base}/vae")[2]).group(1)
    if name != "cloud":  # which says nowhere what it cut off
        assert preview == f"{base}/preview.png"


def test_a_path_of_the_host_without_its_last_slash_leads_to_the_app(ways):
    for name in ("baseUrlPath", "nginx"):
        assert answer(ways[name].base)[1] == f"{ways[name].base}/"


def test_links_made_for_a_visitor_over_https_are_https_and_have_the_visitor_s_host(ways):
    text = answer(f"{urljoin(ways['nginx'].base, '/https/')}vae")[2]
    assert re.search(r'og:image" content="([^"]+)"', text).group(1) == "https://kl.example.org/preview.png"


def said_by_the_button(frame: Frame) -> str:
    """What it says for four seconds: looked for within the page, since a busy machine's next question would come too late."""
    button = "[...document.querySelectorAll('*')].map((node) => node.shadowRoot?.querySelector('dialog.share button.main')).find(Boolean)"
    return frame.wait_for_function(f"() => {button}?.textContent.match(/Copied|Selected/)?.[0]").json_value()


def test_a_link_is_copied_in_a_frame_or_selected_and_the_button_says_which(ways, page):
    frame = opened(page, ways["spaces"])
    drawn(frame)
    link = shared_link(frame)
    frame.get_by_role("button", name="Copy link").click()
    if "Copied" in said_by_the_button(frame):
        frame.get_by_text("For a class", exact=True).click()
        frame.get_by_label("Words for this step").focus()
        page.keyboard.press("Control+v")
        assert frame.get_by_label("Words for this step").input_value() == link
    else:
        selected = "() => [...document.querySelectorAll('*')].map((e) => e.shadowRoot?.querySelector('dialog input')).find(Boolean)"
        assert json.loads(frame.evaluate(f"JSON.stringify((({selected})() ?? {{}}).selectionEnd)")) == len(link)


@pytest.mark.parametrize("name", ["plain", "secure"])
def test_a_file_dropped_in_a_frame_of_another_site_is_read_over_https_and_else_the_page_says_why_not(ways, page, name):
    answers = []
    page.on("response", lambda answer: answers.append(answer.status) if "upload_file" in answer.url else None)
    frame = opened(page, ways[name])
    drawn(frame)
    frame.get_by_role("radio", name="Open a file").click()
    drop = frame.locator("input[type=file]")
    drop.wait_for(state="attached")
    refused = frame.get_by_text("Files cannot be sent from this frame")
    if name == "plain":
        expect(refused).to_be_visible()
        expect(drop).to_be_disabled()
    else:
        drop.set_input_files({"name": "pets.csv", "mimeType": "text/csv", "buffer": b"word,P,Q\ncat,0.5,1\ndog,0.5,0\n"})
        expect(frame.get_by_text("“dog”").first).to_be_visible()
        expect(refused).to_have_count(0)
        assert answers and set(answers) <= {200, 204}
