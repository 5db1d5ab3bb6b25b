"""What only a real browser shows of "Two distributions"."""

from math import inf, log

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import centre, drag, go_to, readout, settle

PAGE = "/two_distributions"


@pytest.fixture
def untouched(open_link, tab) -> Page:
    """The page as it opens; tests that only look at it share one."""
    if not (tab.url.endswith(PAGE) and tab.evaluate("window.untouched === window.stream")):
        open_link(PAGE)
        tab.evaluate("window.untouched = window.stream")
    return tab


def test_the_untouched_page_shows_both_directions_beside_each_other_above_the_fold(untouched):
    page = untouched
    left, right = (page.locator(f"output[data-quantity={name}]").first.bounding_box() for name in ("kl_pq", "kl_qp"))
    tops = [page.locator(".direction .readout").nth(i).bounding_box()["y"] for i in (0, 1)]
    assert tops[0] == pytest.approx(tops[1], abs=1) and left["x"] < right["x"]
    assert left["y"] + left["height"] < 900
    assert page.get_by_text("averaged over P").is_visible() and page.get_by_text("averaged over Q").is_visible()


def test_hovering_says_in_words_what_a_place_contributes(untouched):
    page = untouched
    box = page.locator(".plot.curves").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] * 0.5)
    reading = page.locator("[data-quantity=reading]")
    expect(reading).to_contain_text("log p/q")
    assert "to KL(P‖Q)" in reading.inner_text()


def test_the_picture_is_saved_as_svg_and_png(untouched):
    page = untouched
    for kind, start in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        with page.expect_download() as waiting:
            page.get_by_role("button", name=kind, exact=True).click()
        with open(waiting.value.path(), "rb") as file:
            assert file.read(4) == start[:4]


def test_the_code_and_the_data_appear_when_they_are_asked_for(untouched):
    page = untouched
    page.get_by_text("Show the PyTorch").click()
    expect(page.get_by_text("torch.distributions")).to_have_count(1)
    page.get_by_text("Data and link").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Densities and contributions").click()
    with open(waiting.value.path(), encoding="utf-8") as file:
        assert file.readline().startswith("x,p,q,")


def test_a_drag_previews_every_frame_on_still_axes_and_settles_to_torch_numbers(open_link):
    page = open_link(PAGE)
    labels = lambda: page.locator(".plot.curves .axis text").all_inner_texts()
    before, axis = readout(page, "kl_pq"), labels()
    drag(page, "P mean μ", 120)
    assert readout(page, "kl_pq", "preview") != before
    curve = page.locator("path[data-curve=p]").first
    path = curve.get_attribute("d")
    page.mouse.move(*[value + 40 for value in centre(page, "P mean μ")])
    expect(curve).not_to_have_attribute("d", path)
    preview = readout(page, "kl_pq", "preview")
    assert labels() == axis
    page.mouse.up()
    settle(page)
    settled = readout(page, "kl_pq")
    assert preview == pytest.approx(settled, rel=0.02)
    loc = float(page.get_by_label("μ mean").first.input_value())
    assert settled == pytest.approx(_normal_kl(loc, 0.8, 1.0, 1.5), rel=1e-12)
    page.wait_for_url(f"**/two_distributions?*p_loc={loc}*")


WATCH = """(output, curve) => {
  window.drawn = [];
  const look = () => {
    if (output.dataset.state === "settled") window.drawn.push(curve.getAttribute("d"));
    else window.drawn = [];
    if (window.drawn.length < 30) requestAnimationFrame(look);
  };
  look();
}"""


def test_under_reduced_motion_the_picture_is_at_rest_as_soon_as_its_number_has_settled(open_link):
    page = open_link(PAGE)
    page.emulate_media(reduced_motion="reduce")
    drag(page, "P mean μ", -300)
    readout(page, "kl_pq", "preview")
    curve = page.locator("path[data-curve=p]").first.element_handle()
    page.locator("output[data-quantity=kl_pq]").first.evaluate(WATCH, curve)
    page.mouse.up()
    page.wait_for_function("window.drawn.length > 20")
    drawn = page.evaluate("window.drawn")
    page.emulate_media(reduced_motion="no-preference")
    assert len(set(drawn)) == 1


def _normal_kl(m, s, n, t):
    return log(t / s) + (s**2 + (m - n) ** 2) / (2 * t**2) - 0.5


@pytest.mark.parametrize(
    ("query", "handle"),
    [
        ("p=Cauchy&q=Student-t", "P location"),
        ("p=Laplace&q=Normal", "Q standard deviation σ"),
        ("kind=discrete&p=Poisson&q=Geometric", "P mean λ"),
    ],
)
def test_a_preview_is_close_to_the_numbers_that_replace_it(open_link, query, handle):
    """Tails far beyond the view are summed over too; otherwise a heavy one would be lost while a hand is there."""
    page = open_link(f"{PAGE}?{query}")
    drag(page, handle, 60)
    previews = [readout(page, name, "preview") for name in ("kl_pq", "kl_qp")]
    page.mouse.up()
    settle(page)
    assert previews == pytest.approx([readout(page, name) for name in ("kl_pq", "kl_qp")], rel=0.02)


@pytest.mark.parametrize(("query", "handle"), [("", "P mean μ"), ("kind=discrete&names=cat, dog, owl", "P probability of dog")])
def test_a_released_handle_has_its_numbers_from_a_route_which_are_those_of_the_pages_run(open_link, query, handle):
    page = open_link(f"{PAGE}?{query}")
    drag(page, handle, 40, 40)
    with page.expect_response("**/answers/pair") as told:
        page.mouse.up()
    early = told.value.json()["numbers"]
    page.wait_for_url("**p_*")
    settle(page)
    assert readout(page, "kl_pq") == float(early["kl_pq"]["value"]) and readout(page, "kl_qp") == float(early["kl_qp"]["value"])


def test_where_no_route_answers_the_pages_run_brings_the_numbers(open_link):
    page = open_link(PAGE)
    page.route("**/answers/*", lambda route: route.fulfill(body="a proxy's own page"))
    before = readout(page, "kl_pq")
    drag(page, "P mean μ", 40)
    readout(page, "kl_pq", "preview")
    page.mouse.up()
    assert readout(page, "kl_pq") != before
    page.unroute("**/answers/*")


def test_an_infinity_beyond_the_view_stays_while_a_count_is_dragged(open_link):
    page = open_link(f"{PAGE}?kind=discrete&p=Poisson&q=Binomial")
    drag(page, "Q number of tosses n", 60)
    assert readout(page, "kl_pq", "preview") == inf
    page.mouse.up()


def test_the_keyboard_moves_every_handle(open_link):
    page = open_link(PAGE)
    handle = page.locator("[role=slider][aria-label='Q mean μ']")
    handle.focus()
    page.keyboard.press("ArrowRight")
    assert handle.get_attribute("aria-valuenow") == "1.1"
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("End")
    assert handle.get_attribute("aria-valuenow") == handle.get_attribute("aria-valuemax")
    page.keyboard.press("Home")
    page.wait_for_url("**/two_distributions?*q_loc=-6*")


def test_a_bar_top_changes_a_probability_and_the_others_rescale(open_link):
    page = open_link(f"{PAGE}?kind=discrete")
    drag(page, "P probability of B", 0, 60)
    page.mouse.up()
    page.wait_for_url("**p_probs=**")
    settle(page)
    first, second, third = (float(one) for one in page.get_by_label("P probability of each outcome").first.input_value().split(","))
    assert second < 0.45
    assert first / third == pytest.approx(1.5, rel=1e-4)
    assert first + second + third == pytest.approx(1, abs=1e-5)


def test_touch_drags_a_handle_on_a_phone_without_scrolling_the_page(open_page):
    page = open_page(PAGE, width=390, height=844, has_touch=True)
    expect(page.locator("output[data-quantity=kl_pq]")).to_be_in_viewport()  # once the page is laid out
    x, y = centre(page, "P mean μ")
    client = page.context.new_cdp_session(page)
    touch = lambda kind, points: client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    touch("touchStart", [{"x": x, "y": y}])
    for step in range(1, 9):
        touch("touchMove", [{"x": x + 6 * step, "y": y + 4 * step}])
    assert readout(page, "kl_pq", "preview") > 0
    touch("touchEnd", [])
    page.wait_for_url("**p_loc=**")
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == 0


def test_infinity_is_shown_with_its_region_its_reason_and_no_made_up_numbers_on_its_axis(open_page):
    page = open_page(f"{PAGE}?preset=no-overlap")
    assert readout(page, "kl_pq") == inf
    assert page.locator("output[data-quantity=kl_pq]").first.inner_text() == "∞"
    expect(page.locator(".reason").first).to_have_text("P has mass between −3 and −1, where Q has none.")
    assert page.locator(".plot.curves [data-region=infinite]").get_attribute("d")
    axis = page.locator(".plot.integrand").first.locator(".axis text").all_text_contents()
    assert not any("e" in label for label in axis), axis


def test_a_hostile_link_gives_a_valid_page_and_one_quiet_sentence(open_link):
    page = open_link(f"{PAGE}?p=<script>&p_scale=-3&q_loc=nan&kind=continuous")
    assert readout(page, "kl_pq") > 0
    assert page.get_by_text("Part of this link cannot be shown").count() == 1


def test_what_was_set_is_there_when_its_link_is_opened_elsewhere_and_after_a_visit_to_another_page(open_page):
    page = open_page(PAGE)
    drag(page, "P standard deviation σ", 45)
    page.mouse.up()
    page.wait_for_url("**p_scale=**")
    settle(page)
    before = readout(page, "kl_pq")
    again = open_page(page.evaluate("location.pathname + location.search"))
    assert readout(again, "kl_pq") == before
    again.close()
    page.bring_to_front()
    go_to(page, "Learn", "Forward and reverse")
    page.wait_for_selector("output[data-quantity=kl_forward]", state="attached")
    go_to(page, "Learn", "Two distributions")
    page.wait_for_selector("output[data-quantity=hellinger]", state="attached")
    assert readout(page, "kl_pq") == before
