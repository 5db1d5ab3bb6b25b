"""What only a real browser shows of "Checked"."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import lasting_faults

ERRORS = "/checked?view=Common errors"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/checked", ERRORS])
def test_an_accessibility_check_finds_nothing_serious(open_link, path, scheme):
    page = open_link(path, scheme=scheme)
    expect(page.get_by_text("reproduced so far")).to_have_count(0, timeout=180_000)
    faults = lasting_faults(page)
    assert not faults, json.dumps(faults, indent=1)


def test_a_bar_leads_to_the_row_of_its_claim_without_leaving_the_page(open_link):
    page = open_link("/checked")
    expect(page.get_by_text("reproduced so far")).to_have_count(0, timeout=180_000)
    page.evaluate("window.stayed = true")
    page.locator(".checked a.bar[href$='#vae_shipped']").click()
    expect(page.locator("tr#vae_shipped")).to_be_in_viewport()
    assert page.evaluate("window.stayed")


def test_another_round_is_counted_to_its_end_without_a_touch(open_link):
    page = open_link("/checked")
    expect(page.get_by_text("reproduced so far")).to_have_count(0, timeout=180_000)
    page.get_by_role("button", name="Compute again").click()
    expect(page.get_by_text("still to be computed")).to_be_visible()
    expect(page.locator(".headline")).to_contain_text("computed in", timeout=180_000)
    expect(page.locator("td.verdict", has_text="not computed yet")).to_have_count(0)


@pytest.mark.parametrize("path", ["/checked", ERRORS])
def test_on_a_phone_nothing_reaches_beyond_the_screen(open_link, path):
    page = open_link(path, width=390, height=844)
    expect(page.get_by_text("reproduced so far")).to_have_count(0, timeout=180_000)
    wide = page.evaluate(
        "[...document.querySelectorAll('.checked, .checked *')].filter(one => one.getBoundingClientRect().right > "
        "innerWidth + 1).map(one => one.outerHTML.slice(0, 120))"
    )
    assert not wide and page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_link_to_a_claim_unfolds_the_subject_that_it_is_in(open_link):
    page = open_link("/checked")
    expect(page.get_by_text("reproduced so far")).to_have_count(0, timeout=180_000)
    row = page.locator("tr#vae_shipped")
    expect(row).to_be_hidden()
    page.locator(".checked a.bar[href$='#vae_shipped']").click()
    expect(row).to_be_visible()
