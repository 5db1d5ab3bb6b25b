"""The playground in a real browser: Run, the hills under a hand, drawing, keys, a phone."""

import re

import pytest
from playwright.sync_api import expect

from .chromium import centre, settle

PAGE = "/forward_reverse"
AFTER_A_RUN = f"{PAGE}?step=180"
"""What a run leaves, as the first test holds."""
VERDICT = ".playground .verdict"


def value(page, quantity: str) -> float:
    output = page.locator(f".playground output[data-quantity='{quantity}'][data-state='settled']")
    output.wait_for()
    return float(output.get_attribute("data-value"))


def run(page) -> None:
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text(re.compile(r"step 180 of 180"))).to_be_visible(timeout=30_000)


def test_untouched_run_shows_the_famous_split_and_its_address_shows_the_same_picture(open_link):
    page = open_link(PAGE)
    run(page)
    page.wait_for_url(f"**{AFTER_A_RUN}")
    for _ in ("played", "opened"):
        expect(page.locator(VERDICT)).to_have_text(re.compile("Forward KL covered both hills. Reverse KL took the right-hand hill"))
        assert abs(value(page, "kl_forward") - 0.4619946135) < 1e-6
        assert abs(value(page, "kl_reverse") - 0.6887689959) < 1e-6
        page.reload()
        settle(page)


def test_the_suggestion_moves_the_hills_and_runs_again(open_link):
    page = open_link(PAGE, reduced_motion="reduce")
    page.get_by_role("button", name="Hills at ±2").click()
    expect(page.locator(VERDICT)).to_have_text(re.compile("does not pick a mode"), timeout=120_000)
    assert abs(value(page, "kl_reverse") - 0.2265079608) < 1e-6


def test_arrow_keys_move_a_hill_and_the_fit_follows(open_link):
    page = open_link(AFTER_A_RUN)
    page.get_by_role("slider", name="P first hill mean").focus()
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_url(re.compile("p_locs=-2"))
    expect(page.get_by_role("slider", name="P first hill mean")).to_have_attribute("aria-valuenow", "-2")


@pytest.mark.parametrize("blocked", [False, True], ids=["by the route", "where a proxy answers in its place"])
def test_the_fits_follow_a_hill_while_the_hand_keeps_moving_it(open_link, blocked):
    page = open_link(AFTER_A_RUN)
    if blocked:
        page.route("**/answers/*", lambda route: route.fulfill(body="<h1>Sign in first</h1>"))
    words = page.locator(".playground [data-pane=kl_reverse] .parameters")
    before = words.inner_text()
    x, y = centre(page, "P second hill mean")
    page.mouse.move(x, y)
    page.mouse.down()
    moves = 0
    while words.inner_text() == before and moves < 2000:
        moves += 1
        page.mouse.move(x - 30 - moves % 20, y)
    followed = words.inner_text()
    page.mouse.up()
    assert followed != before
    page.wait_for_url(re.compile("p_locs="))
    page.unroute_all()


def test_arrow_keys_on_a_landscape_move_where_q_begins(open_link):
    page = open_link(PAGE)
    page.locator(".playground .land").first.focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.wait_for_url(re.compile("q_loc="))


def test_a_drawn_target_is_fitted_both_ways(open_link):
    page = open_link(PAGE, reduced_motion="reduce")
    page.get_by_role("radio", name="Draw your own").click()
    box = page.locator(".playground .curves").first.bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + box["height"] - 4)
    page.mouse.down()
    for part in range(1, 20):
        rise = 0.8 if 5 < part < 9 or 13 < part < 16 else 0.1
        page.mouse.move(box["x"] + box["width"] * part / 20, box["y"] + box["height"] * (1 - rise))
    page.mouse.up()
    page.wait_for_url(re.compile("drawn="), timeout=120_000)
    expect(page.get_by_text(re.compile(r"step 180 of 180"))).to_be_visible(timeout=40_000)
    assert value(page, "kl_forward") > 0


def test_with_the_pencil_in_hand_run_asks_for_a_drawing(open_link):
    page = open_link(PAGE)
    page.get_by_role("radio", name="Draw your own").click()
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator(VERDICT)).to_have_text(re.compile("Draw P first"))
    expect(page.get_by_text(re.compile(r"step 0 of 180"))).to_be_attached()


def test_pause_stops_the_run_and_the_scrubber_moves_it(open_link):
    page = open_link(PAGE)
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("button", name="Pause").click()
    scrubber = page.get_by_role("slider", name="Step of the run")
    scrubber.fill("180")
    expect(page.locator(VERDICT)).to_have_text(re.compile("took the right-hand hill"))


def test_on_a_phone_run_and_both_pictures_are_seen_together(open_link):
    page = open_link(PAGE, width=390, height=844)
    page.locator(".playground .land").first.wait_for()
    button = page.get_by_role("button", name="Run", exact=True).bounding_box()
    for picture in page.locator(".playground :is(.curves, .land)").all():
        box = picture.bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= button["y"] + 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_finger_moves_a_hill_of_a_phone_held_sideways(open_page):
    page = open_page(PAGE, width=844, height=390, has_touch=True, is_mobile=True)
    page.locator(".playground .land").first.wait_for()
    for picture in page.locator(".playground .curves").all():
        box = picture.bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= 390
    x, y = centre(page, "P first hill mean")
    finger = page.context.new_cdp_session(page)
    touch = lambda kind, *points: finger.send(
        "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]}
    )
    touch("touchStart", (x, y))
    for step in range(1, 6):
        touch("touchMove", (x + 6 * step, y))
    touch("touchEnd")
    page.wait_for_url(re.compile("p_locs="))
    assert -2.5 < float(page.get_by_role("slider", name="P first hill mean").get_attribute("aria-valuenow")) < 0


def test_on_a_laptop_the_whole_canvas_is_in_sight(open_link):
    page = open_link(PAGE, width=1440, height=900)
    page.locator(".playground .land").first.wait_for()
    for part in page.locator(".playground :is(.land, .scrub, .left)").all():
        box = part.bounding_box()
        assert box["y"] + box["height"] <= 900


def test_a_box_runs_although_reverse_kl_is_infinite(open_link):
    page = open_link(PAGE + "?shape=box&step=180")
    expect(page.locator(VERDICT)).to_have_text(re.compile("Reverse KL is ∞ for every Q here"))


def test_a_hill_can_be_added_and_taken_away(open_link):
    page = open_link(PAGE)
    page.get_by_role("button", name="Add a hill").click()
    page.wait_for_url(re.compile("p_locs=-3%2C3%2C0"))
    page.get_by_role("button", name="Remove a hill").click()
    expect(page.locator(VERDICT)).to_have_text(re.compile("P has two hills"))


def test_in_the_plane_run_ends_where_the_book_does_not_draw_it(open_link):
    page = open_link(PAGE + "?view=Two+dimensions", reduced_motion="reduce")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator(VERDICT)).to_have_text(re.compile("Both directions cover both hills. Reverse KL has no other minimum"))
    assert abs(value(page, "kl_reverse") - 0.200711) < 1e-5


def test_in_the_plane_arrow_keys_move_a_hill_and_show_its_axes(open_link):
    page = open_link(PAGE + "?view=Two+dimensions")
    page.get_by_role("slider", name="P first hill mean").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(re.compile("plane_hills="))
    expect(page.get_by_role("slider", name="P first hill longer axis")).to_be_attached()
