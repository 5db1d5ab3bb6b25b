"""What only a real browser shows of "Forward and reverse"."""

import math
import re

import numpy as np
import pytest
from playwright.sync_api import expect
from scipy.stats import norm

from tests.browser.chromium import drag, readout, settle

PAGE = "/forward_reverse?show=true"


def test_the_fits_follow_while_a_mode_is_held(open_page):
    page = open_page(PAGE)
    fit = page.locator("path[data-curve=fit_forward]").first
    before = fit.get_attribute("d")
    drag(page, "P mean of each component 2 μ₂", -40)
    expect(fit).not_to_have_attribute("d", before)
    assert page.locator("output[data-quantity=kl_forward]").first.get_attribute("data-state") == "preview"
    page.mouse.up()
    page.wait_for_url("**p_locs=**")


def test_the_scrubber_moves_both_descents_to_their_fits(open_page):
    page = open_page(PAGE)
    start = readout(page, "kl_forward")
    page.get_by_role("slider", name="Step of both descents").press("End")
    position = page.locator("output[data-quantity=position]")
    expect(position).to_have_text("step 120")
    assert readout(page, "kl_forward") < start
    assert readout(page, "kl_reverse") < 0.85


def test_playing_reaches_the_end_and_can_be_paused(open_page):
    page = open_page(PAGE)
    page.get_by_role("button", name="Play").click()
    expect(page.locator("output[data-quantity=position]")).not_to_have_attribute("data-value", "0")
    page.get_by_role("button", name="Pause").click()
    assert page.get_by_role("button", name="Play").count() == 1


def test_a_press_on_the_landscape_moves_the_start_of_both(open_page):
    page = open_page(PAGE)
    box = page.locator(".plot.map").last.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.4)
    page.wait_for_url("**q_loc=**")
    settle(page)
    assert float(page.get_by_label("Q μ mean", exact=True).input_value()) < 0


def test_arrow_keys_on_the_landscape_move_the_start_of_both(open_page):
    page = open_page(PAGE)
    page.locator(".plot.map").last.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**q_loc=**")
    settle(page)
    assert float(page.get_by_label("Q μ mean", exact=True).input_value()) > 1


def test_the_landscape_is_in_the_saved_picture(open_page):
    page = open_page(PAGE)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="SVG", exact=True).click()
    with open(waiting.value.path(), encoding="utf-8") as file:
        assert file.read().count("data:image/png") == 2


def test_a_guess_is_in_the_link(open_page):
    page = open_page("/forward_reverse")
    drag(page, "Q mean μ", 60)
    page.mouse.up()
    page.wait_for_url("**q_forward_loc=**")


def test_both_pictures_stand_beside_each_other_above_the_fold(open_page):
    page = open_page(PAGE)
    left, right = (page.locator(".plot.curves").nth(i).bounding_box() for i in range(2))
    assert left["y"] == right["y"] and left["x"] + left["width"] < right["x"]
    assert page.locator(".plot.map").first.bounding_box()["y"] < 800


def test_nothing_is_wider_than_a_phone(open_page):
    page = open_page(PAGE, width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def boxes(page, selector: str) -> list[dict]:
    seen = page.locator(selector).evaluate_all(
        "all => all.filter(e => getComputedStyle(e).visibility === 'visible' && e.textContent)"
        ".map(e => ({...e.getBoundingClientRect().toJSON(), text: e.textContent}))"
    )
    return sorted(seen, key=lambda box: box["left"])


def test_no_words_in_a_crowded_picture_lie_on_each_other(open_page):
    page = open_page(PAGE + "&p_weights=0.3,0.4,0.3&p_locs=-5,0,5&p_scales=1,0.8,1", width=390, height=844)
    for panel in range(2):
        words = boxes(page, f".plot.curves >> nth={panel} >> .handle-label, .name")
        assert {"P", "Q"} <= {one["text"] for one in words}
        for i, one in enumerate(words):
            for other in words[i + 1 :]:
                across = min(one["right"], other["right"]) - max(one["left"], other["left"])
                down = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
                # A box is taller than its letters.
                assert across < 4 or down < 8, (one["text"], other["text"])


def test_a_guess_is_chosen_and_answered_above_the_pictures_of_a_phone(open_page):
    page = open_page("/forward_reverse", width=390, height=844)
    show = page.get_by_role("button", name="Show me")
    assert show.bounding_box()["y"] < page.locator(".plot.curves").first.bounding_box()["y"]
    page.get_by_role("radio", name="On mode 2").last.click()
    page.wait_for_url("**q_reverse_loc=3**")
    settle(page)
    show.click()
    expect(page.locator("path[data-curve=guess_reverse]")).to_be_visible()


def test_the_landscape_of_an_old_target_is_dimmed_while_a_mode_is_held(open_page):
    page = open_page(PAGE)
    drag(page, "P mean of each component 2 μ₂", -40)
    expect(page.locator(".map.stale")).to_have_count(2)
    page.mouse.up()
    expect(page.locator(".map.stale")).to_have_count(0)


def test_the_other_views_have_their_picture_and_their_code(open_page):
    page = open_page("/forward_reverse?view=Between+the+two&alpha=0.2")
    expect(page.locator("path[data-curve^=local_]").first).to_be_visible()
    expect(page.get_by_role("button", name="SVG", exact=True)).to_be_visible()
    page.get_by_text("Show the PyTorch").click()
    expect(page.locator("[data-testid=stCode]")).to_contain_text("fit_alpha")


def test_a_mode_dragged_in_the_ride_has_its_own_best_q(open_page):
    page = open_page("/forward_reverse?view=Between+the+two&p_locs=-1,1&alpha=1")
    drag(page, "P mean of each component 2 μ₂", 60)
    assert math.isnan(readout(page, "d_alpha", "preview")), "no KL stands in for another divergence"
    page.mouse.up()
    page.wait_for_url("**p_locs=*")
    settle(page)
    found = readout(page, "d_alpha")
    locs = [float(one) for one in page.get_by_label("P μ mean of each component").input_value().split(",")]
    assert locs[1] > 1.2
    assert readout(page, "kl_pq") == pytest.approx(_kl_to_moments(*locs), abs=1e-6) == pytest.approx(found, abs=1e-6)


def _kl_to_moments(low: float, high: float) -> float:
    """KL of an even mixture of N(low, 1) and N(high, 1) to the Gaussian of its mean and variance, which is the forward fit."""
    x = np.linspace(low - 12, high + 12, 48001)
    p = (norm.pdf(x, low) + norm.pdf(x, high)) / 2
    q = norm((low + high) / 2, math.sqrt(1 + (high - low) ** 2 / 4))
    return float(np.trapezoid(p * (np.log(p) - q.logpdf(x)), x))


def pixels_per_unit(page) -> float:
    """Of the vertical scale of what each place contributes."""
    axis = page.locator(".plot.integrand").first.evaluate(
        "svg => ({zero: Number(svg.querySelector('.zero').getAttribute('y1')), "
        "marks: [...svg.querySelectorAll('.axis .grid')].map(line => Number(line.getAttribute('y1'))), "
        "words: [...svg.querySelectorAll('.axis text')].map(text => Number(text.textContent))})"
    )
    return (axis["zero"] - axis["marks"][0]) / axis["words"][0]


def test_contributions_are_drawn_in_the_unit_on_screen(open_page):
    nats, bits = (pixels_per_unit(open_page(f"{PAGE}&unit={unit}")) for unit in ("nats", "bits"))
    assert abs(bits / nats - math.log(2)) < 0.03


def test_the_saved_picture_says_where_the_scrubber_stands(open_page):
    page = open_page("/forward_reverse?view=Between+the+two&alpha=0.2")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="SVG", exact=True).click()
    with open(waiting.value.path(), encoding="utf-8") as file:
        text = file.read()
    assert "α = 0.2<" in text and "D_α(P‖Q) of the best Q = 0.6932 nats" in text


def test_a_contribution_that_is_cut_off_says_how_high_it_goes(open_page):
    page = open_page("/forward_reverse?view=Between the two")
    said = page.locator(".cut-off").first
    expect(said).to_have_text(re.compile(r"cut off; goes up to \d"))
    x = np.linspace(-12, 12, 24001)
    p = (norm.pdf(x, -3) + norm.pdf(x, 3)) / 2
    q_log = norm.logpdf(x, -2.984, 1.023)  # the reverse fit to one mode, as the view "Fit" names it; the other mode pays
    assert float(re.search(r"to ([\d.]+)", said.text_content())[1]) == pytest.approx(np.max(p * (np.log(p) - q_log)), rel=0.02)
