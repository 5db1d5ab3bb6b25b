"""What only a real browser shows of "β" and "Estimates"."""

import re

from playwright.sync_api import expect

from tests.browser.chromium import drag


def gained(page, name: str) -> float:
    return float(page.locator(f"output[data-quantity={name}]").get_attribute("data-value"))


def test_the_answer_rewrites_itself_and_ends_in_the_hack(open_link):
    page = open_link("/beta?beta=inf")
    answer = page.locator(".beta-screen .answer")
    expect(answer).not_to_have_text(re.compile("the answer is"))
    page.get_by_role("slider", name="β, the price of KL").press("End")
    expect(answer).to_have_text(re.compile("(the ?answer ?is: ?){5}"))
    assert gained(page, "gold") < 0 < gained(page, "proxy")


def test_beta_is_in_the_link_once_the_slider_is_left(open_link):
    page = open_link("/beta?beta=0.1")
    page.get_by_role("slider", name="β, the price of KL").press("Home")
    page.wait_for_url("**beta=inf**")
    again = open_link("/beta?beta=inf")
    again.locator(".beta-screen .word").first.wait_for()
    assert gained(again, "gold") == 0


def test_the_texts_of_supervised_fine_tuning_are_dragged_and_the_run_on_them_is_drawn_when_the_hand_lets_go(open_link):
    page = open_link("/beta?view=Forgetting&forget_by=SFT&forget_steps=20")
    bar = page.get_by_role("slider", name="Share of “no coffee after lunch”")
    far = page.locator("output[data-quantity=kl_target]")
    before = float(far.get_attribute("data-value"))
    box = bar.bounding_box()
    page.mouse.move(box["x"] + 7 + (box["width"] - 14) * float(bar.input_value()), box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"], box["y"] + box["height"] / 2, steps=6)
    expect(far).not_to_have_attribute("data-value", str(before))
    page.mouse.up()
    expect(page.locator("svg .line-name", has_text=re.compile("SFT on your target|yours"))).to_be_visible()
    page.wait_for_url("**forget_bars=1-0-**")
    expect(page.get_by_text("a single text")).to_be_visible()


def test_a_row_of_the_table_is_one_tap_and_ten_times_the_reward_breaks_it(open_link):
    page = open_link("/beta?beta=inf")
    page.get_by_role("button", name="0.05–0.1").click()
    expect(page.locator(".beta-screen .verdict")).to_have_text(re.compile("the best β there is|within 0.05"))
    best = page.locator("output[data-quantity=gold]").text_content()
    page.get_by_role("button", name="Reward × 10").click()
    expect(page.locator(".beta-screen .verdict")).to_have_text(re.compile("ten times too cheap"), timeout=60_000)
    assert gained(page, "gold") < 0
    expect(page.locator(".beta-screen .stop s")).to_have_text(["little", "usual"])
    page.get_by_role("button", name="β × 10").click()
    expect(page.locator(".beta-screen .verdict")).to_have_text(re.compile("the same answer is back"))
    expect(page.locator("output[data-quantity=gold]")).to_have_text(best)


def test_a_hand_that_lets_go_is_told_how_far_from_the_best_it_stopped_and_can_share_it(open_link):
    page = open_link("/beta?beta=inf", width=390, height=844)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="0 no penalty").click()
    expect(page.locator(".beta-screen .verdict")).to_have_text(re.compile(r"You stopped at β = 0: the true reward is \d.\d below the best"))
    share = page.get_by_role("button", name="Share it")
    expect(share).to_be_in_viewport()
    share.click()
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    assert "beta=0&" in page.evaluate("navigator.clipboard.readText()")


def test_on_a_phone_slider_gauges_and_answer_are_one_screen(open_link):
    page = open_link("/beta?beta=0.1", width=390, height=844)
    page.locator(".beta-screen .word").first.wait_for()
    for part in (".answer", ".key", ".gauge.gold", ".verdict", ".pills", ".rail"):
        box = page.locator(f".beta-screen {part}").bounding_box()
        assert 0 <= box["y"] and box["y"] + min(box["height"], 60) <= 844


def test_on_a_projector_the_converter_keeps_its_inputs_and_the_table_its_verdicts(open_link):
    page = open_link("/beta?view=In practice&present=1")
    expect(page.get_by_label("KL per token, nats")).to_be_visible()
    expect(page.get_by_text("Reward counts ×", exact=True)).to_be_hidden()
    expect(page.locator(".usual td b").first).to_be_visible()


def test_a_training_run_grows_on_screen_and_can_be_stopped(open_link):
    page = open_link("/beta?view=Train it yourself&steps=400&group=128", width=390, height=844)
    picture = page.locator(".st-key-training_picture")
    train = page.get_by_role("button", name="Train", exact=True)
    assert picture.bounding_box()["y"] < train.bounding_box()["y"], "on a phone the picture comes first"
    train.click()
    expect(picture.locator("svg").first).to_be_in_viewport()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    expect(page.get_by_text("— stopped")).to_have_count(1)


def test_a_dragged_reward_moves_both_optima_and_comes_into_the_link(open_link):
    page = open_link("/beta?view=Which direction?")
    share = page.locator(".row.hack .share.reverse b")
    before = share.text_content()
    page.get_by_role("slider", name="reward of hack").press("ArrowRight")
    expect(share).not_to_have_text(before)
    page.wait_for_url("**dir_reward=**")
    page.get_by_role("button", name="A common, well-paid hack").click()
    expect(page.locator(".direction .verdict")).to_have_text(re.compile("reverse penalty collapses more"))


def test_forgetting_is_trained_on_screen_and_can_be_stopped(open_link):
    for seed in range(5):  # on a busy machine a run may end before the browser has pressed
        page = open_link(f"/beta?view=Forgetting&forget_steps=400&forget_seed={seed}")
        stop = page.get_by_role("button", name="Stop")
        page.get_by_role("button", name="Train", exact=True).click()
        page.locator(".plane path.run").first.wait_for(state="attached")
        if stop.evaluate_all("(buttons) => buttons.map((button) => button.click()).length"):
            break
    expect(stop).to_have_count(0)
    expect(page.locator("h3", has_text=re.compile("lost .* on tea and plants, while"))).to_have_count(1)


def test_methods_are_trained_onto_the_frontier(open_link):
    page = open_link("/beta?view=One frontier&frontier_steps=20")
    expect(page.locator(".plane .line-name", has_text="exact optimum")).to_have_count(1)
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.locator(".plane path.run")).to_have_count(2)
    page.locator(".step button.chosen").first.wait_for()


def test_a_bar_of_the_policy_moves_the_arrows(open_link):
    page = open_link("/sample_estimates?view=The gradient")
    arrow = page.locator(".plot.chart .curve.k2")
    before = arrow.get_attribute("d")
    drag(page, "π probability of outcome 1", 0, 60)
    page.mouse.up()
    page.wait_for_url("**p_probs=**")
    expect(arrow).not_to_have_attribute("d", before)


def test_a_key_moves_the_sampler_away_from_the_policy_and_k3_astray(open_link):
    page = open_link("/sample_estimates?view=Gradient noise")
    finding = page.locator(".noise .finding")
    expect(finding).to_have_text(re.compile("^On-policy: .*k3 follows ∇KL"))
    page.get_by_role("slider", name="The sampler μ").press("End")
    expect(finding).to_have_text(re.compile(r"\(π/μ\)·k3 follows ∇KL\(π‖πref\); .*k3 is \d+° off"))
    page.wait_for_url("**mu=1**")


def test_runs_named_in_a_link_wait_for_a_press(open_link):
    page = open_link("/beta?view=One frontier&frontier_runs=reinforce:1:20:5")
    page.get_by_role("button", name="Train the run of this link").click()
    expect(page.locator(".plane path.run")).to_have_count(1)
