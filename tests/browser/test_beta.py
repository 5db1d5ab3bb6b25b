"""What only a real browser shows of "β" and "Estimates"."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import drag, readout, settle


def test_the_sentences_follow_beta_and_end_in_the_hack(open_page):
    page = open_page("/beta")
    page.get_by_role("slider", name="β, the price of a nat").press("Home")
    expect(page.locator(".sentences")).to_have_text(re.compile("(the answer is:.*){11}", re.DOTALL))
    assert readout(page, "gold") < 0 < readout(page, "proxy")


def test_beta_is_in_the_link_once_the_slider_is_left(open_page):
    page = open_page("/beta")
    page.get_by_role("slider", name="β, the price of a nat").press("End")
    page.wait_for_url("**beta=inf**")
    settle(page)
    assert readout(page, "kl") == 0
    again = open_page("/beta?beta=inf")
    assert readout(again, "kl") == 0


def test_a_training_run_grows_on_screen_and_can_be_stopped(open_page):
    page = open_page("/beta?view=Train it yourself&steps=400&group=128")
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    expect(page.get_by_text("— stopped")).to_have_count(1)


def test_a_bar_of_the_policy_moves_the_arrows(open_page):
    page = open_page("/sample_estimates?view=The gradient")
    arrow = page.locator(".plot.chart .curve.k2")
    before = arrow.get_attribute("d")
    drag(page, "π probability of each outcome 1 θ₁", 0, 60)
    page.mouse.up()
    page.wait_for_url("**p_probs=**")
    expect(arrow).not_to_have_attribute("d", before)


@pytest.mark.parametrize("path", ["/beta", "/beta?view=In practice", "/sample_estimates", "/sample_estimates?view=The value"])
def test_nothing_is_wider_than_a_phone(open_page, path):
    page = open_page(path, width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
