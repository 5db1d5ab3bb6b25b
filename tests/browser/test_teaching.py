"""Share, the projector, locks and lessons: what only a browser shows."""

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from tests.browser.chromium import drag, go_to, readout, settle


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_share_has_the_link_with_its_qr_code_and_what_is_hidden_and_locked_stays_so_when_the_page_reruns(open_page):
    page = open_page("/two_distributions")
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page.get_by_label("Link to this state")).to_have_value(page.url)
    page.wait_for_function(
        "() => [...document.querySelectorAll('*')].some((node) => node.shadowRoot?.querySelector('img.qr')?.naturalWidth > 0)"
    )
    page.get_by_text("For a class").click()
    page.get_by_role("group", name="Unit").get_by_label("hidden").check()
    page.get_by_role("group", name="P μ mean").get_by_label("locked").check()
    page.keyboard.press("Escape")
    page.locator(".st-key-q_loc input").fill("2")
    page.keyboard.press("Enter")
    page.wait_for_url("**q_loc=2**")
    assert query(page)["hide"] == ["unit"]
    assert query(page)["lock"] == ["p_loc"]
    expect(page.locator(".st-key-unit")).to_be_hidden()
    assert page.locator(".st-key-p_loc").evaluate("(one) => one.inert")
    assert not page.locator(".st-key-q_loc").evaluate("(one) => one.inert")


def test_the_projector_hides_the_controls_until_c_is_pressed_and_escape_leaves_it(open_page):
    page = open_page("/two_distributions?present=1")
    controls = page.locator(".st-key-p_loc")
    expect(controls).to_be_hidden()
    page.keyboard.press("c")
    expect(controls).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stTopNav")).to_be_visible()
    assert "present" not in query(page)


def test_arrow_keys_walk_through_a_lesson_across_pages_without_loading_anew(open_page):
    page = open_page("/?lesson=what_kl_is.1")
    page.evaluate("window.stillHere = true")
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/two_distributions?**lesson=what_kl_is.2**")
    settle(page)
    page.wait_for_function("() => document.title")
    assert abs(readout(page, "kl_pq") - 0.0207) < 1e-4
    page.keyboard.press("PageDown")
    page.wait_for_url("**unit=bits**")
    expect(page.get_by_text("· 3 of")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**lesson=what_kl_is.2**")
    assert page.evaluate("window.stillHere")


def test_a_state_added_to_a_lesson_stands_in_its_text(open_page):
    page = open_page("/two_distributions?p_loc=2")
    page.get_by_role("button", name="Share", exact=True).click()
    page.get_by_text("For a class").click()
    page.get_by_label("Words for this step").fill("Look at the right edge")
    page.get_by_role("button", name="Add to my lesson").click()
    page.get_by_text("Added.").wait_for()
    page.get_by_role("button", name="Close", exact=True).click()
    go_to(page, "Practise", "Lessons")
    expect(page.locator(".st-key-lesson_text textarea")).to_have_value("My lesson\n\n/two_distributions?p_loc=2\nLook at the right edge\n")


def test_a_step_of_a_lesson_is_dragged_into_its_place_by_its_picture(open_page):
    page = open_page("/lessons")
    page.get_by_role("button", name="Change it").first.click()
    captions, pictures = page.locator(".st-key-filmstrip textarea"), page.locator(".st-key-filmstrip [data-testid=stImage]")
    for i in range(2):
        expect(captions.nth(i)).not_to_have_value("")
        expect(pictures.nth(i).locator("img")).to_be_visible()
    page.locator("html[data-drags]").wait_for(state="attached")
    first, second = (captions.nth(i).input_value() for i in range(2))
    pictures.first.scroll_into_view_if_needed()
    start, end = (pictures.nth(i).bounding_box() for i in (0, 1))
    page.mouse.move(start["x"] + 50, start["y"] + 30)
    page.mouse.down()
    page.mouse.move(end["x"] + 0.9 * end["width"], end["y"] + 30, steps=4)
    page.mouse.up()
    expect(captions.first).to_have_value(second)
    expect(captions.nth(1)).to_have_value(first)


def test_a_preset_s_link_is_whole_when_its_distributions_are_of_other_families(open_page):
    page = open_page("/two_distributions")
    page.get_by_test_id("stMain").get_by_text("Looks symmetric", exact=True).click()
    page.wait_for_function("['kind', 'p_probs', 'q_probs'].every((one) => new URLSearchParams(location.search).has(one))")
    assert query(page)["q_probs"] == ["0.3, 0.4, 0.3"]
    assert query(page)["kind"] == ["discrete"]


def test_the_interactive_file_opens_without_a_server_and_moves(open_page, tmp_path):
    page = open_page("/two_distributions?p_loc=-2")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Interactive HTML").click()
    saved.value.save_as(tmp_path / "saved.html")
    alone = page.context.new_page()
    troubles = []
    alone.on("pageerror", lambda error: troubles.append(str(error)))
    alone.on("request", lambda request: troubles.append(request.url) if request.url.startswith("http") else None)
    alone.goto((tmp_path / "saved.html").as_uri())
    assert readout(alone, "kl_pq") == readout(page, "kl_pq")
    drag(alone, "P mean μ", 60)
    assert readout(alone, "kl_pq", "preview") != readout(page, "kl_pq")
    assert not troubles
    alone.close()


def test_a_step_on_another_page_opens_in_its_own_view_although_all_pages_call_it_view(open_page):
    page = open_page("/forward_reverse?view=When does it pick a mode%3F&lesson=two_directions.11")
    page.keyboard.press("PageDown")
    page.wait_for_url("**/beta?**")
    page.locator(".st-key-view [aria-checked=true]", has_text="Which direction?").first.wait_for()
    assert query(page)["view"] == ["Which direction?"]
    page.go_back()
    page.wait_for_url("**/forward_reverse?**")
    page.locator(".st-key-view [aria-checked=true]", has_text="When does it pick a mode?").first.wait_for()


def test_the_projector_s_link_fits_the_phones_of_the_class(open_page):
    page = open_page("/two_distributions?present=1", width=390, height=844)
    title = page.get_by_role("heading", name="How badly does Q predict P?").bounding_box()
    for name in ("Controls (C)", "Leave (Esc)", "Share"):
        box = page.get_by_role("button", name=name).bounding_box()
        assert 0 <= box["x"] and box["x"] + box["width"] <= 390
        assert box["y"] + box["height"] <= title["y"]


def test_on_a_phone_no_column_of_the_usual_table_is_cut_off(open_link):
    page = open_link("/beta?view=In practice", width=390, height=844)
    last = page.locator(".usual tr:last-child td").last
    expect(last).to_be_visible()
    last.scroll_into_view_if_needed()
    box = last.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    assert page.locator("h1").bounding_box()["x"] >= 0
