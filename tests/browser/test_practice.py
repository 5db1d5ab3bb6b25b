"""What only a real browser shows of "Practice"."""

import re

from playwright.sync_api import expect

from tests.browser.chromium import drag, readout, settle


def test_a_dragged_curve_is_the_prediction_and_the_link_has_it(open_link):
    page = open_link("/practice?q=7")
    drag(page, "your Q mean μ", -150)
    page.mouse.up()
    settle(page)
    page.get_by_role("button", name="That is my prediction: look").click()
    said = page.get_by_text("You said “μ = ").first
    expect(said).to_be_visible()
    words = re.search(r"“(.*?)”", said.inner_text())[1]
    assert "μ = 1," not in words, "where it began"
    page.wait_for_url("**done=**")
    again = open_link(page.url.split("/", 3)[3].join(("/", "")))
    expect(again.get_by_text(f"You said “{words}”")).to_be_visible()
    expect(again.get_by_text("your guess").first).to_be_visible()


def test_the_deciding_picture_is_live_and_the_way_to_the_page_follows_it(open_link):
    page = open_link("/practice?q=distance&done=distance.K")
    before = readout(page, "kl_pq")
    drag(page, "Q mean μ", -150)
    page.mouse.up()
    settle(page)
    expect(page.locator("output[data-quantity=kl_pq]").first).not_to_have_attribute("data-value", str(before))
    after = readout(page, "kl_pq")
    assert after < before
    page.get_by_role("link", name="Open this in “Two distributions”").click()
    page.wait_for_url("**/two_distributions**")
    settle(page)
    page.get_by_label("Q μ mean", exact=True).wait_for()
    assert readout(page, "kl_pq") == after


def test_a_class_answers_on_the_projector_by_the_keyboard(open_link):
    page = open_link("/practice?q=always_finite&present=1")
    option = page.get_by_role("button", name="∞", exact=True)
    expect(option).to_be_visible()
    expect(page.get_by_role("button", name="Sheet to print")).to_be_hidden()
    option.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Right:")).to_be_visible()


def test_the_question_and_all_to_predict_with_fit_a_phone(open_link):
    page = open_link("/practice?q=7", width=390, height=844)
    for part in (page.locator("h4"), page.get_by_role("button", name="That is my prediction: look"), page.locator(".plot.curves")):
        box = part.bounding_box()
        assert box["y"] + box["height"] < 844 and box["x"] + box["width"] <= 390


def test_the_keyboard_goes_to_the_reply_and_on_to_the_next_question(open_link):
    page = open_link("/practice?q=asymmetry")
    page.locator("[class*=st-key-answer_asymmetry_] button").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-practice_reply")).to_be_focused()
    page.get_by_role("button", name="Next question").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-practice_asked")).to_be_focused()
    expect(page.locator(".st-key-practice_asked")).to_be_in_viewport()


def test_a_link_to_an_answered_question_leaves_the_focus_alone(open_link):
    page = open_link("/practice?q=asymmetry&done=asymmetry.1")
    expect(page.locator(".st-key-practice_reply")).to_be_visible()
    assert page.evaluate("document.activeElement === document.body")


def test_a_curve_can_be_predicted_only_after_it_was_dragged(open_link):
    page = open_link("/practice?q=reverse_picks_a_mode")
    look = page.get_by_role("button", name="That is my prediction: look")
    expect(look).to_be_disabled()
    drag(page, "your Q mean μ", -150)
    page.mouse.up()
    expect(look).to_be_enabled()
