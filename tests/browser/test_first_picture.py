"""The picture that a page's HTML brings, in a real browser: there before Streamlit, and taken over without a jump."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.chromium import at_rest, centre, settle
from tests.browser.conftest import PATIENCE
from tests.browser.profiles import Profiles

EARLY = "#kl-first"
RECTANGLE = """() => {
  const early = document.querySelector("#kl-first")?.shadowRoot.getElementById("picture");
  const places = early ? [early] : document.querySelectorAll("[data-testid=stBidiComponentIsolated]");
  const picture = [...places].map((one) => one.shadowRoot.querySelector(".live, .playground, .noise")).find((one) => one?.offsetWidth);
  const { left, top, width, height } = picture.getBoundingClientRect();
  return [left, top, width, height];
}"""


@pytest.fixture(scope="module")
def with_picture(server) -> Callable[[str], str]:
    """The address of a page, once its HTML has its picture."""

    def address(path: str) -> str:
        deadline = time.monotonic() + PATIENCE / 1000
        while time.monotonic() < deadline:
            with urlopen(server + path, timeout=60) as answer:
                if b'id="kl-first"' in answer.read():
                    return server + path
            time.sleep(0.5)
        raise AssertionError(f"{path} has no picture in its HTML.")

    return address


@contextmanager
def held_back(profiles: Profiles, width=1440, height=900, scheme="light") -> Iterator[tuple[Page, Callable[[], None]]]:
    """A page to which Streamlit's client comes once the second of both is called. Nothing may go wrong in it."""
    held: list[Route] | None = []
    troubles: list[str] = []
    with profiles.borrowed(bypass_csp=True) as context:
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda problem: troubles.append(str(problem)))
        page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
        page.route("**/static/js/index.*.js", lambda route: route.continue_() if held is None else held.append(route))

        def let_come() -> None:
            nonlocal held
            waiting, held = held or [], None
            for route in waiting:
                route.continue_()

        yield page, let_come
    assert not troubles


def taken_over(page: Page) -> None:
    expect(page.locator(EARLY)).to_have_count(0)
    settle(page)


@pytest.mark.parametrize(
    ("path", "width", "height", "scheme"),
    [
        ("/two_distributions?present=1", 1440, 900, "light"),
        ("/two_distributions?p_loc=2&q=Laplace", 390, 844, "dark"),
        ("/forward_reverse?hide=unit", 390, 844, "light"),
        ("/vae?embed=true&embed_options=dark_theme", 820, 1180, "light"),
        ("/sample_estimates?view=Gradient+noise", 390, 844, "light"),
        ("/vae?view=Sum+or+mean", 390, 844, "light"),
        ("/your_numbers", 390, 844, "dark"),
    ],
)
def test_nothing_jumps_when_streamlit_takes_over(profiles, with_picture, path, width, height, scheme):
    with held_back(profiles, width, height, scheme) as (page, let_come):
        page.goto(with_picture(path), wait_until="commit")
        page.locator(f"{EARLY} #picture :is(.live, .playground, .noise)").first.wait_for()
        page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
        before, ground = page.evaluate(RECTANGLE), page.evaluate(f"getComputedStyle(document.querySelector('{EARLY}')).backgroundColor")
        let_come()
        taken_over(page)
        assert page.evaluate(RECTANGLE) == pytest.approx(before, abs=1)
        assert page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor") == ground


def test_words_alone_stand_where_streamlits_will(profiles, with_picture):
    places = """root => [...root.querySelectorAll("h1, h4, [class*=st-key-page_]")].map((one) => {
      const { left, top, width } = one.getBoundingClientRect();
      return [left, top, width];
    })"""
    with held_back(profiles, 390, 844) as (page, let_come):
        page.goto(with_picture("/lessons"), wait_until="commit")
        page.locator(f"{EARLY} h1").wait_for()
        page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
        before = page.evaluate(f"({places})(document.querySelector('{EARLY}').shadowRoot)")
        let_come()
        taken_over(page)
        after = page.evaluate(f"({places})(document.querySelector('.stMain'))")
        assert len(before) > 1 and [pytest.approx(one, abs=1) for one in before] == after[: len(before)]


def test_moves_made_before_streamlit_are_kept_and_get_their_exact_numbers(profiles, with_picture):
    with held_back(profiles) as (page, let_come):
        page.goto(with_picture("/two_distributions"), wait_until="commit")
        for name in ("P mean μ", "Q mean μ"):
            handle = page.locator(f"[role=slider][aria-label='{name}']")
            handle.focus()
            for _ in range(3):
                page.keyboard.press("ArrowRight")
        places = [page.locator(f"[role=slider][aria-label='{one} mean μ']").get_attribute("aria-valuenow") for one in "PQ"]
        assert float(places[0]) > -1 and float(places[1]) > 1
        let_come()
        taken_over(page)
        page.wait_for_url(lambda url: "p_loc=" in url and "q_loc=" in url)
        page.locator("output[data-quantity=kl_pq][data-state=settled]").wait_for()
        assert [page.locator(f"[role=slider][aria-label='{one} mean μ']").get_attribute("aria-valuenow") for one in "PQ"] == places
        expect(page.locator(".st-key-p_loc input")).to_have_value(places[0])


def test_a_drag_goes_on_across_the_take_over(profiles, with_picture):
    with held_back(profiles) as (page, let_come):
        page.goto(with_picture("/two_distributions"), wait_until="commit")
        handle = page.locator("[role=slider][aria-label='P mean μ']")
        handle.wait_for()
        x, y = centre(page, "P mean μ")
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 60, y, steps=4)
        let_come()
        page.wait_for_selector(".stMain .st-key-two_distributions_picture", state="attached")
        at_rest(page)
        halfway = float(handle.first.get_attribute("aria-valuenow"))
        page.mouse.move(x + 120, y, steps=4)
        expect(page.locator(EARLY)).to_have_count(1)
        assert float(handle.first.get_attribute("aria-valuenow")) > halfway
        page.mouse.up()
        taken_over(page)
        page.wait_for_url("**p_loc=**")
        assert float(handle.get_attribute("aria-valuenow")) > halfway


def test_a_theme_chosen_by_hand_is_there_at_once(profiles, with_picture):
    with profiles.borrowed(bypass_csp=True) as context:
        page = context.new_page()
        page.add_init_script("localStorage.setItem(`stActiveTheme-${location.pathname}-v2`, JSON.stringify('Dark'))")
        page.goto(with_picture("/two_distributions"), wait_until="commit")
        expect(page.locator(EARLY)).to_have_css("background-color", "rgb(16, 20, 27)")


@pytest.mark.parametrize("query", ["room=ABCD", "p_loc=oops", "lesson=none.1", "view=" + "x" * 700])
def test_an_address_in_doubt_has_no_picture_in_its_html(server, query):
    with urlopen(f"{server}/two_distributions?{query}", timeout=60) as answer:
        assert b'id="kl-first-scene"' not in answer.read()
