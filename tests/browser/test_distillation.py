"""What only a real browser shows of "Distillation": logits under a hand, and the softened bars that follow it."""

from math import exp, log

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import centre, drag, readout

OWN = "/distillation?asked=logits of my own&T=5"


def shares(logits, T):
    weights = [exp(logit / T) for logit in logits]
    return [weight / sum(weights) for weight in weights]


def entropy(probs):
    return -sum(p * log(p) for p in probs)


def logits_of(page):
    page.locator("[role=slider][aria-label^='Logit of']").first.wait_for()
    return [float(one.get_attribute("aria-valuenow")) for one in page.locator("[role=slider][aria-label^='Logit of']").all()]


def test_everything_softened_follows_a_logit_under_the_hand_and_is_exact_once_it_lets_go(open_link):
    page = open_link(OWN)
    bars = page.locator("[data-curve='p']")
    before = bars.get_attribute("d")
    drag(page, "Logit of class 2", 0, -25)
    held = readout(page, "entropy", "preview")
    expect(bars).not_to_have_attribute("d", before)
    logits = logits_of(page)
    assert logits[1] > 3
    assert held == pytest.approx(entropy(shares(logits, 5)), rel=1e-9)
    assert readout(page, "second", "preview") == pytest.approx(sorted(shares(logits, 5))[1], rel=1e-9)
    expect(page.locator(".readout", has=page.get_by_text("Most probable class", exact=True))).to_contain_text("class 2")
    page.mouse.up()
    page.wait_for_url("**own_logits=**")
    assert readout(page, "entropy") == pytest.approx(held, rel=1e-6)
    expect(page.locator(".readout", has=page.get_by_text("Most probable class", exact=True))).to_contain_text("class 2")


def test_a_logit_moves_by_keys_and_the_link_keeps_it(open_link):
    page = open_link(OWN)
    handle = page.get_by_role("slider", name="Logit of class 3")
    for key in ("ArrowUp", "Shift+ArrowUp"):
        handle.press(key)
    page.wait_for_url("**own_logits=3%2C+2%2C+2.1**")
    again = open_link(page.url.removeprefix(page.evaluate("location.origin")))
    assert logits_of(again) == pytest.approx([3, 2, 2.1])


def test_a_finger_drags_a_logit_on_a_phone(open_page):
    page = open_page(OWN, width=390, height=844, has_touch=True)
    page.locator(".plot.levels").scroll_into_view_if_needed()
    x, y = centre(page, "Logit of class 1")
    client = page.context.new_cdp_session(page)
    client.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    client.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y + 30}]})
    readout(page, "entropy", "preview")
    assert logits_of(page)[0] < 2
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_url("**own_logits=**")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
