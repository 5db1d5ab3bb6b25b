"""The story in a real browser: gestures, keyboard, addresses, a cut connection, touch, and who comes back.

Most tests share one tab, whose first scene each begins with.
"""

from collections.abc import Iterator
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.chromium import go_to, readout, settle

SCENES = 10


@pytest.fixture(scope="module")
def told(open_pages) -> Iterator[Page]:
    with open_pages() as opened:
        yield opened("/", reduced_motion="reduce")


@pytest.fixture
def story(told) -> Page:
    """The story in the tab that is there, in its first scene."""
    told.bring_to_front()
    told.mouse.move(0, 0)
    told.set_viewport_size({"width": 1440, "height": 900})
    told.emulate_media(reduced_motion="reduce")
    go(told, 1)
    return told


def go(page: Page, number: int) -> None:
    page.locator(f".rail a:nth-child({number})").click()
    expect(page.locator(".rail [aria-current]")).to_have_attribute("href", f"?scene={number}")


def load(page: Page, address: str) -> None:
    page.goto(address)
    settle(page)
    page.wait_for_selector(".story[data-ready]", state="attached")


def scene(page: Page, number: int):
    return page.locator(f"[data-scene='{number}']")


def act(page: Page, number: int, action: str) -> None:
    scene(page, number).locator(f"[data-action='{action}']").click()


def press(page: Page, slider: str, *keys: str) -> None:
    page.locator(f"[role=slider][aria-label='{slider}']").focus()
    for key in keys:
        page.keyboard.press(key)


def raise_rain(page: Page) -> None:
    press(page, "Q of rain", "ArrowUp")


def play_to_the_end(page: Page) -> None:
    act(page, 2, "all")


def bring_kl_to_zero(page: Page) -> None:
    press(page, "Q of rain", *["ArrowUp"] * 15)
    press(page, "Q of storm", *["ArrowUp"] * 8)
    press(page, "Q of snow", *["ArrowUp"] * 7)


def guess_and_look(page: Page) -> None:
    expect(scene(page, 7).locator("[data-action='run']")).to_have_count(0)
    press(page, "Mean of your Q", "ArrowRight")
    act(page, 7, "run")


GESTURES = {
    1: raise_rain,
    2: play_to_the_end,
    3: lambda page: act(page, 3, "rain"),
    4: bring_kl_to_zero,
    5: lambda page: act(page, 5, "pq"),
    6: lambda page: press(page, "Q of snow", "Home"),
    7: guess_and_look,
    8: lambda page: press(page, "Distance of the hills from 0", "Home"),
    9: lambda page: press(page, "Penalty β", "End"),
}


def in_scene(page: Page, number: int, quantity: str) -> float:
    return float(scene(page, number).locator(f"output[data-quantity='{quantity}']").get_attribute("data-value").replace("Infinity", "inf"))


def nothing_is_left(page: Page) -> None:
    assert in_scene(page, 4, "kl_pq") == pytest.approx(0, abs=1e-12)


def one_direction_is_infinite(page: Page) -> None:
    assert in_scene(page, 6, "kl_pq") == float("inf")
    assert 0 < in_scene(page, 6, "kl_qp") < 1


def the_average_is_near_the_limit(page: Page) -> None:
    expect(scene(page, 2).get_by_text("your average, 10,000 days")).to_be_attached()
    assert in_scene(page, 2, "average") == pytest.approx(in_scene(page, 2, "kl_pq"), abs=0.02)


THEN = {2: the_average_is_near_the_limit, 4: nothing_is_left, 6: one_direction_is_infinite}


@pytest.mark.parametrize("number", GESTURES)
def test_a_scene_knows_that_its_gesture_was_made_and_its_numbers_follow(story, number):
    if scene(story, number).get_attribute("data-done") is not None:  # a second try
        load(story, story.url)
    go(story, number)
    expect(scene(story, number)).not_to_have_attribute("data-done", "")
    if number == 4:
        assert in_scene(story, 4, "kl_pq") == pytest.approx(0.3193, abs=1e-4)
    GESTURES[number](story)
    expect(scene(story, number)).to_have_attribute("data-done", "")
    expect(scene(story, number).locator(".says")).not_to_be_empty()
    THEN.get(number, lambda _: None)(story)


def test_a_bar_follows_the_hand_as_a_preview(story):
    page = story
    before, surprise = page.locator("[role=slider][aria-label='Q of rain']").get_attribute("aria-valuenow"), in_scene(page, 1, "surprise")
    box = page.locator("[role=slider][aria-label='Q of rain'] .knob").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 60, steps=6)
    expect(page.locator("[role=slider][aria-label='Q of rain']")).not_to_have_attribute("aria-valuenow", before)
    assert readout(page, "surprise", "preview") < surprise
    page.mouse.up()


def test_the_address_follows_the_scroll_without_a_new_entry_and_opens_its_scene(story):
    page = story
    load(page, page.url.split("?")[0])
    entries = page.evaluate("history.length")
    page.mouse.move(700, 500)
    for _ in range(4):
        page.mouse.wheel(0, 820)
        page.wait_for_timeout(100)
    page.wait_for_url("**scene=**")
    assert page.evaluate("history.length") == entries
    there = page.url
    load(page, there)
    expect(page.locator(".rail [aria-current]")).to_have_attribute("href", f"?{there.split('?')[1]}")


def at_scene(page: Page, number: int) -> None:
    """Waits until its words are in the place where they are read, below the header."""
    scene(page, number).evaluate(
        """(node, patience) => new Promise((done, failed) => {
          const until = performance.now() + patience;
          const look = () => {
            const { top } = node.getBoundingClientRect();
            if (Math.abs(top - 60) < 3) done();
            else if (performance.now() > until) failed(new Error(`the scene stays at ${top}`));
            else requestAnimationFrame(look);
          };
          look();
        })""",
        30_000,
    )


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_keys_walk_the_scenes(story, motion):
    page = story
    page.emulate_media(reduced_motion=motion)
    for number in range(2, SCENES + 1):
        page.keyboard.press("PageDown")  # faster than pictures are drawn: each counts
        assert page.url.endswith(f"?scene={number}")
    at_scene(page, SCENES)
    page.keyboard.press("Home")
    at_scene(page, 1)


@pytest.mark.parametrize("number, width, height", [(8, 1440, 900), (2, 844, 390)])
def test_a_scene_that_a_link_asks_for_is_in_its_place_once_fonts_and_styles_are_there(open_page, number, width, height):
    at_scene(open_page(f"/?scene={number}", width=width, height=height), number)


@pytest.mark.parametrize("number", [2, 6])
def test_on_a_phone_a_link_opens_its_scene_right_below_the_picture_and_stays_there(open_page, number):
    page = open_page(f"/?scene={number}", width=390, height=844, has_touch=True, is_mobile=True)
    page.wait_for_selector(".stMain .story[data-ready]", state="attached")
    assert page.url.endswith(f"?scene={number}")
    picture, words = page.locator(".figure").bounding_box(), scene(page, number).bounding_box()
    assert words["y"] == pytest.approx(picture["y"] + picture["height"], abs=2)


def test_a_scene_that_there_is_not_opens_the_first_with_a_quiet_sentence(open_page):
    page = open_page("/?scene=77")
    expect(page.get_by_text("The story has scenes 1 to 10")).to_be_visible()
    expect(page.locator(".rail [aria-current]")).to_have_attribute("href", "?scene=1")


def test_the_story_goes_on_when_the_connection_is_cut(open_page):
    page = open_page("/", reduced_motion="reduce")
    page.context.set_offline(True)
    for number in range(2, SCENES):
        page.locator(f".rail a:nth-child({number})").click()
        expect(page.locator(".rail [aria-current]")).to_have_attribute("href", f"?scene={number}")
    page.locator(".rail a:nth-child(6)").click()
    press(page, "Q of snow", "Home")
    expect(scene(page, 6)).to_have_attribute("data-done", "")


@pytest.fixture
def bare(server, profiles):
    """A page of which Streamlit's client waits: what is held, and the page."""
    urlopen(f"{server}/story/tables", timeout=60).read()  # made now, if the server has not come to it yet
    held: list[Route] = []
    with profiles.borrowed() as context:
        page = context.new_page()
        page.route("**/static/js/index*", lambda route: held.append(route))
        page.goto(server, wait_until="commit")
        yield page, held


def test_the_story_begins_before_streamlit_has_arrived_and_goes_on_when_it_has(bare):
    page, held = bare
    raise_rain(page)
    expect(scene(page, 1)).to_have_attribute("data-done", "")
    expect(page.locator(".stApp")).to_have_count(0)
    value, place = in_scene(page, 1, "surprise"), page.locator("[role=slider][aria-label='Q of rain']").bounding_box()
    page.wait_for_function("document.querySelector('template#kl-client') === null")
    for route in held:
        route.continue_()
    page.unroute("**/static/js/index*")
    expect(page.locator(".stMain .story")).to_be_attached()
    expect(page.locator("#kl-opening")).to_have_count(0)
    expect(page.locator(".story")).to_have_count(1)
    assert in_scene(page, 1, "surprise") == value
    assert page.locator("[role=slider][aria-label='Q of rain']").bounding_box() == pytest.approx(place, abs=1)
    expect(page.locator("[role=slider][aria-label='Q of rain']")).to_be_focused()


def test_scrolling_asks_nothing_of_the_server(story):
    page = story
    sent = []
    page.on("request", lambda request: sent.append(request.url))
    page.mouse.move(700, 500)
    for _ in range(30):
        page.mouse.wheel(0, 240)
        page.wait_for_timeout(20)
    assert not [url for url in sent if "/static/" not in url and "/js/" not in url]
    expect(page.locator("[data-test-script-state='notRunning']")).to_be_attached()


def finger(page: Page, x: float, y: float, dy: float) -> None:
    """A finger put down, moved by dy and lifted."""
    hand = page.context.new_cdp_session(page)
    hand.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for part in range(1, 11):
        hand.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y + dy * part / 10}]})
    hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def scrolled(page: Page) -> float:
    return page.evaluate("document.querySelector('.stMain').scrollTop")


def test_a_swipe_over_the_picture_scrolls_and_a_finger_on_a_bar_drags(open_page):
    page = open_page("/?scene=4", width=390, height=844, has_touch=True, is_mobile=True)
    expect(page.locator("[role=slider][aria-label='Q of sun']")).to_be_visible()
    before, value = scrolled(page), in_scene(page, 4, "kl_pq")
    box = page.locator("[role=slider][aria-label='Q of sun'] .knob").bounding_box()
    finger(page, box["x"] + 8, box["y"] + 8, 40)
    expect(page.locator("[role=slider][aria-label='Q of sun']")).not_to_have_attribute("aria-valuenow", "0.6")
    assert in_scene(page, 4, "kl_pq") != value
    assert scrolled(page) == pytest.approx(before, abs=2)
    finger(page, 200, 330, -150)
    page.wait_for_function(f"document.querySelector('.stMain').scrollTop > {before + 50}")


@pytest.mark.parametrize("width, height", [(390, 844), (844, 390), (820, 1180), (1440, 900), (1920, 1080)])
def test_no_scene_is_wider_than_the_screen_and_its_heading_is_in_sight(story, width, height):
    page = story
    page.set_viewport_size({"width": width, "height": height})
    for number in range(1, SCENES + 1):
        page.locator(f".rail a:nth-child({number})").click()
        expect(page.locator(f"#scene-{number}")).to_be_focused()
        assert page.evaluate("document.querySelector('.stMain').scrollWidth") <= width
        box = page.locator(f"#scene-{number}").bounding_box()
        assert 0 < box["y"] < height * 0.8, number
        assert box["x"] + box["width"] <= width, number


def test_who_has_been_here_is_led_straight_to_the_pages(story):
    page = story
    page.evaluate("localStorage.clear()")
    load(page, page.url.split("?")[0])
    expect(page.locator(".shortcut")).to_have_text("Skip to the pages")
    page.locator(".rail a:nth-child(2)").click()
    page.wait_for_url("**scene=2")
    load(page, page.url.split("?")[0])
    page.locator(".shortcut", has_text="Welcome back").click()
    page.wait_for_url("**scene=10")
    expect(page.locator(".groups a").first).to_be_in_viewport()


def test_the_map_leads_to_pages_and_so_does_the_navigation(open_page):
    page = open_page("/?scene=10", reduced_motion="reduce")
    page.locator(".groups a", has_text="Two distributions").click()
    page.wait_for_url("**/two_distributions")
    page.wait_for_selector("output[data-quantity=hellinger]", state="attached")
    go_to(page, "Learn", "The story")
    page.wait_for_selector(".story[data-ready]", state="attached")


def test_an_old_link_to_two_curves_leads_to_the_page_that_has_them_now(open_page):
    page = open_page("/?p_loc=0&q_loc=0.5&p_scale=1&q_scale=1")
    assert "/two_distributions?" in page.url
    assert readout(page, "kl_pq") == pytest.approx(0.125, rel=1e-12)


def test_the_first_stop_of_the_keyboard_skips_the_header(open_page):
    page = open_page("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to")).to_have_count(1)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(".story a, .story button").first).to_be_focused()


def test_tab_reaches_what_belongs_to_the_scene_on_screen_only(story):
    page = story
    go(page, 6)
    assert page.locator(".story :is(button, a)[tabindex='0']").evaluate_all(
        "(all) => all.every((one) => one.closest('[data-scene]')?.dataset.scene === '6')"
    )
    assert page.locator(".picture [role=slider]").count() == 5


def test_on_the_projector_one_scene_fills_the_screen(open_page):
    page = open_page("/?scene=3&present=1", width=1920, height=1080)
    box = page.locator(".figure").bounding_box()
    assert box["height"] == pytest.approx(1080, abs=2)
    expect(page.locator("#scene-3")).to_be_in_viewport()
    expect(page.locator("#scene-4")).not_to_be_in_viewport()
