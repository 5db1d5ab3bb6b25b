"""The playground in a real browser: Run, the hills under a hand, drawing, keys, a phone."""

import re

from playwright.sync_api import expect

from .chromium import settle

PAGE = "/forward_reverse"
VERDICT = ".playground .verdict"


def value(page, quantity: str) -> float:
    output = page.locator(f".playground output[data-quantity='{quantity}'][data-state='settled']")
    output.wait_for()
    return float(output.get_attribute("data-value"))


def run(page) -> None:
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text(re.compile(r"step 180 of 180"))).to_be_visible(timeout=30_000)


def test_untouched_run_shows_the_famous_split(open_page):
    page = open_page(PAGE)
    run(page)
    expect(page.locator(VERDICT)).to_have_text(re.compile("Forward KL covered both hills. Reverse KL took the right one"))
    assert abs(value(page, "kl_forward") - 0.4619946135) < 1e-6
    assert abs(value(page, "kl_reverse") - 0.6887689959) < 1e-6


def test_the_suggestion_moves_the_hills_and_runs_again(open_page):
    page = open_page(PAGE)
    page.get_by_role("button", name="Hills at ±2").click()
    expect(page.locator(VERDICT)).to_have_text(re.compile("does not pick a mode"), timeout=40_000)
    assert abs(value(page, "kl_reverse") - 0.2265079608) < 1e-6


def test_the_address_after_a_run_shows_the_same_picture(open_page):
    page = open_page(PAGE)
    run(page)
    page.wait_for_url(re.compile("step=180"))
    page.reload()
    settle(page)
    expect(page.locator(VERDICT)).to_have_text(re.compile("took the right one"), timeout=30_000)


def test_arrow_keys_move_a_hill_and_the_fit_follows(open_page):
    page = open_page(PAGE)
    run(page)
    page.get_by_role("slider", name="P first hill mean").focus()
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_url(re.compile("p_locs=-2"))
    expect(page.get_by_role("slider", name="P first hill mean")).to_have_attribute("aria-valuenow", "-2")


def test_arrow_keys_on_a_landscape_move_where_q_begins(open_page):
    page = open_page(PAGE)
    page.locator(".playground .land").first.focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.wait_for_url(re.compile("q_loc="))


def test_a_drawn_target_is_fitted_both_ways(open_page):
    page = open_page(PAGE)
    page.get_by_role("radio", name="Draw your own").click()
    box = page.locator(".playground .curves").first.bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + box["height"] - 4)
    page.mouse.down()
    for part in range(1, 20):
        rise = 0.8 if 5 < part < 9 or 13 < part < 16 else 0.1
        page.mouse.move(box["x"] + box["width"] * part / 20, box["y"] + box["height"] * (1 - rise))
    page.mouse.up()
    page.wait_for_url(re.compile("drawn="), timeout=30_000)
    expect(page.get_by_text(re.compile(r"step 180 of 180"))).to_be_visible(timeout=40_000)
    assert value(page, "kl_forward") > 0


def test_pause_stops_the_run_and_the_scrubber_moves_it(open_page):
    page = open_page(PAGE)
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("button", name="Pause").click()
    scrubber = page.get_by_role("slider", name="Step of the run")
    scrubber.fill("180")
    expect(page.locator(VERDICT)).to_have_text(re.compile("took the right one"))


<<<<<<< HEAD
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
=======
def test_on_a_phone_run_and_both_pictures_are_seen_together(open_page):
>>>>>>> fab32c4 (The playground: one canvas for every fit, with shapes to choose or draw, one dial for what is minimised, Run, and the landscape with a rolling ball)
    page = open_page(PAGE, width=390, height=844)
    page.locator(".playground .land").first.wait_for()
    button = page.get_by_role("button", name="Run", exact=True).bounding_box()
    for curves in page.locator(".playground .curves").all():
        box = curves.bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= button["y"] + 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


<<<<<<< HEAD
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
=======
def test_on_a_laptop_the_whole_canvas_is_in_sight(open_page):
    page = open_page(PAGE, width=1440, height=900)
    page.locator(".playground .land").first.wait_for()
    for land in page.locator(".playground .land").all():
        box = land.bounding_box()
        assert box["y"] + box["height"] <= 900
>>>>>>> fab32c4 (The playground: one canvas for every fit, with shapes to choose or draw, one dial for what is minimised, Run, and the landscape with a rolling ball)
