"""What only a real browser shows of "VAE" and "Distillation"."""

from playwright.sync_api import expect

from tests.browser.chromium import drag, readout, settle


def decoded(page) -> str:
    return page.locator(".plot.latent image").last.get_attribute("href")


def pixels(page) -> str:
    return page.locator("canvas.images").first.evaluate("canvas => canvas.toDataURL()")


def test_the_decoded_digit_follows_the_probe_and_the_probe_is_in_the_link(open_link):
    page = open_link("/vae")
    before = decoded(page)
    box = page.locator(".plot.latent").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.7)
    expect(page.locator(".inset-name").last).to_have_text("decoded here, preview")
    page.wait_for_url("**z1=**")
    expect(page.locator(".inset-name").last).to_have_text("decoded here")
    assert decoded(page) != before


def test_the_manifold_carries_the_probe_too(open_link):
    page = open_link("/vae")
    before = decoded(page)
    page.locator("canvas.carried").click(position={"x": 4, "y": 4})
    page.wait_for_url("**z1=-3&z2=3")
    assert decoded(page) != before


def test_the_probe_moves_by_arrow_keys(open_link):
    page = open_link("/vae")
    before = decoded(page)
    page.locator(".plot.latent").focus()
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_url("**z1=1*")
    assert decoded(page) != before


def test_beta_moves_every_picture_and_ends_in_collapse(open_link):
    page = open_link("/vae")
    before = pixels(page)
    page.get_by_role("slider", name="β, the weight of the KL").press("End")
    expect(page.locator("output[data-quantity=position]")).to_have_text("β = 16")
    assert readout(page, "rate") < 0.01
    assert pixels(page) != before


def test_a_training_grows_under_its_scrubber_and_can_be_gone_through_afterwards(open_link):
    page = open_link("/vae?view=Train your own&epochs=4")
    page.get_by_role("button", name="Train", exact=True).click()
    position = page.locator("output[data-quantity=position]")
    expect(position).to_have_text("epoch 4")
    expect(page.locator("output[data-quantity=rate]")).to_have_attribute("data-state", "settled")
    digit = page.locator(".plot.latent .point").first
    last = digit.get_attribute("x")
    page.get_by_role("slider", name="Epoch").press("Home")
    expect(position).to_have_text("epoch 0")
    assert digit.get_attribute("x") != last
    page.wait_for_url("**epoch=0")


def test_a_dragged_posterior_settles_to_the_closed_form(open_link):
    page = open_link("/vae?view=KL of one posterior")
    drag(page, "q(z|x) mean μ", -200)
    page.mouse.up()
    page.wait_for_url("**q_loc=**")
    settle(page)
    assert 0 < readout(page, "kl") < 1.6


def test_the_soft_targets_even_out_as_the_temperature_rises(open_link):
    page = open_link("/distillation")
    cold = readout(page, "entropy")
    page.get_by_role("slider", name="Temperature T").press("End")
    expect(page.locator("output[data-quantity=position]")).to_have_text("T = 100")
    assert readout(page, "entropy") > cold


def test_a_vertical_swipe_over_the_latent_space_leaves_the_probe_and_a_sideways_one_carries_it(open_page):
    page = open_page("/vae", width=390, height=844, has_touch=True)
    page.locator(".plot.latent").scroll_into_view_if_needed()
    box = page.locator(".plot.latent").bounding_box()
    client = page.context.new_cdp_session(page)
    touch = lambda kind, points: client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    probe = lambda: page.locator(".plot.latent .handle").get_attribute("transform")
    before, (x, y) = probe(), (box["x"] + 0.3 * box["width"], box["y"] + 0.8 * box["height"])
    for across, up in ((0, 12), (12, 0)):
        touch("touchStart", [{"x": x, "y": y}])
        for step in range(1, 9):
            touch("touchMove", [{"x": x + across * step, "y": y - up * step}])
        if not across:
            expect(page.locator(".plot.latent .handle")).to_have_attribute("transform", before)
        touch("touchEnd", [])
        page.wait_for_timeout(500)
        box = page.locator(".plot.latent").bounding_box()
        y = box["y"] + 0.8 * box["height"]
        assert (probe() == before) == (not across)


def test_q_on_the_true_posterior_is_dragged_live_and_fit_closes_the_amortisation_gap(open_link):
    page = open_link("/vae?view=What the ELBO leaves out")
    gap = page.locator("output[data-quantity=amortisation]")
    before = readout(page, "amortisation")
    drag(page, "q mean", 60)
    expect(gap).to_have_attribute("data-state", "preview")
    page.mouse.up()
    page.wait_for_url("**elbo_m1=**")
    expect(gap).to_have_attribute("data-state", "settled")
    assert readout(page, "amortisation") != before
    page.get_by_role("button", name="Encoder’s q").click()
    page.wait_for_url(lambda url: "elbo_m1" not in url)
    page.get_by_role("button", name="Fit q").click()
    expect(page.locator(".elbo-gap .verdict")).to_contain_text("The amortisation gap of 1.29 nats is closed")
    expect(gap).to_have_attribute("data-state", "settled")
    assert abs(readout(page, "amortisation")) < 1e-5 < readout(page, "approximation")


def test_a_drawn_digit_is_encoded_while_the_hand_draws_and_lies_in_the_link(open_link):
    page = open_link("/vae?view=Draw+your+own")
    verdict, cost = page.locator(".drawing .verdict"), page.locator('[data-quantity="cost"]')
    expect(verdict).to_contain_text("between the 9s and the 4s")
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(verdict).to_have_text("Draw a digit: the VAE encodes it while you draw.")
    box = page.locator(".paper").bounding_box()
    place = lambda x, y: (box["x"] + x * box["width"], box["y"] + y * box["height"])
    page.mouse.move(*place(0.55, 0.15))
    page.mouse.down()
    page.mouse.move(*place(0.45, 0.85), steps=4)
    expect(verdict).to_contain_text("It lies among the 1s, and the VAE gives back a 1.")
    page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")  # the last of the moves
    assert cost.get_attribute("data-state") == "preview"
    live = float(cost.get_attribute("data-value"))
    page.mouse.up()
    expect(cost).to_have_attribute("data-state", "settled")
    assert abs(float(cost.get_attribute("data-value")) - live) < 0.05
    page.wait_for_url("**glyph=*")


def test_the_latent_plane_takes_arrow_keys_and_escape_puts_the_point_back(open_link):
    page = open_link("/vae?view=Draw+your+own")
    verdict = page.locator(".drawing .verdict")
    expect(verdict).to_contain_text("typical digit")
    page.get_by_role("application", name="The latent plane").focus()
    page.keyboard.press("Shift+ArrowLeft")
    expect(verdict).to_contain_text("Here the decoder draws")
    page.wait_for_url("**glyph_z=*")
    page.keyboard.press("Escape")
    expect(verdict).to_contain_text("typical digit")


def test_a_held_schedule_is_ones_own_a_touched_step_is_looked_at_and_noise_walks_to_data(open_link):
    page = open_link("/vae?view=Diffusion")
    page.emulate_media(reduced_motion="reduce")
    gap = page.locator("output[data-quantity=gap]")
    before = gap.get_attribute("data-value")
    page.get_by_role("slider", name="Signal at a quarter of the time").press("ArrowUp")
    page.wait_for_url("**diffusion_schedule=own**")
    expect(page.get_by_role("button", name="yours")).to_have_attribute("aria-pressed", "true")
    assert float(gap.get_attribute("data-value")) < float(before)
    box = page.locator(".time").bounding_box()
    page.mouse.click(box["x"] + box["width"] - 20, box["y"] + 400)
    expect(page.get_by_role("heading", name="The prior")).to_be_visible()
    page.wait_for_url("**diffusion_at=13**")
    page.get_by_role("button", name="Play").click()
    expect(page.locator("rect.landed")).to_have_count(30)
    page.emulate_media(reduced_motion="no-preference")
