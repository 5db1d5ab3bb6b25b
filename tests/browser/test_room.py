"""A live room in a real browser: a teacher's window and phones beside it, each in a profile of its own."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from pages.views.practice import QUESTIONS
from tests.browser.chromium import drag, go_to, readout, settle, visit
from tests.browser.conftest import PATIENCE
from tests.browser.rooms import open_room

Opener = Callable[..., Page]


@pytest.fixture
def window(server: str, browser: Browser) -> Iterator[Opener]:
    """window("/beta", width=390): a page of somebody else's, whose scripts may not fail."""
    contexts, failed = [], []

    def opened(path: str, width: int = 1440, height: int = 900, prepare: Callable[[Page], object] = lambda _: None) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: failed.append(f"{error}\n{error.stack}"))
        prepare(page)
        page.goto(server + path)
        settle(page)
        page.get_by_role("button", name="Share", exact=True).wait_for()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not failed


@pytest.fixture
def phone(window: Opener) -> Opener:
    return lambda path, **more: window(path, 390, 780, **more)


def bar(page: Page):
    return page.locator(".room-bar")


def test_phones_follow_look_around_alone_come_back_and_survive_a_reload(window, phone):
    teacher = window("/two_distributions?p_loc=2")
    code = open_room(teacher)
    first = phone(f"/?room={code}")
    first.wait_for_url("**/two_distributions?p_loc=2")
    expect(bar(first)).to_contain_text(f"Room {code} · following")
    expect(bar(teacher)).to_contain_text("1 phone here")
    first.evaluate("window.stillHere = true")

    before = readout(teacher, "kl_pq")
    teacher.locator(".st-key-q_loc input").fill("-1")
    teacher.keyboard.press("Enter")
    first.wait_for_url("**q_loc=-1**")
    for page in (teacher, first):
        expect(page.locator("output[data-quantity=kl_pq]").first).not_to_have_attribute("data-value", str(before))
    assert readout(first, "kl_pq") == pytest.approx(readout(teacher, "kl_pq"), rel=1e-9) != before

    bar(first).get_by_role("button", name="Explore alone").click()
    go_to(teacher, "Practise", "Lessons")
    teacher.wait_for_url("**/lessons*")
    late = phone(f"/?room={code.lower()}")
    late.wait_for_url("**/lessons*")
    assert "two_distributions" in first.url

    bar(first).get_by_role("button", name="Follow the teacher").click()
    first.wait_for_url("**/lessons*")
    assert first.evaluate("window.stillHere"), "the page was loaded anew"

    first.reload()
    teacher.reload()
    settle(teacher)
    teacher.goto(teacher.url.replace("lessons", "two_distributions"))
    first.wait_for_url("**/two_distributions*")
    expect(bar(teacher)).to_contain_text("2 phones here")
    assert late.evaluate("document.documentElement.scrollWidth") <= 390

    bar(teacher).get_by_role("button", name="Close the room").click()
    expect(first.get_by_text("The room is closed.")).to_be_visible()
    expect(bar(late)).to_have_count(0)


def test_a_hand_on_the_picture_s_controls_leaves_the_teacher(window, phone):
    teacher = window("/two_distributions")
    mine = phone(f"/?room={open_room(teacher)}")
    mine.wait_for_url("**/two_distributions")
    settle(mine)
    expect(bar(mine)).to_contain_text("following")
    mine.locator(".st-key-p_loc input").fill("3")
    mine.keyboard.press("Enter")
    expect(bar(mine)).to_contain_text("exploring")


def test_a_curve_in_the_teacher_s_hand_moves_on_phones_before_it_is_let_go_and_without_a_run(window, phone):
    teacher = window("/two_distributions")
    mine = phone(f"/?room={open_room(teacher)}")
    mine.wait_for_url("**/two_distributions")
    before, address = readout(mine, "kl_pq"), mine.url
    settle(mine)
    mine.evaluate("""() => {
      window.runs = 0;
      const app = document.querySelector("[data-test-script-state]");
      new MutationObserver(() => { window.runs += 1; }).observe(app, { attributeFilter: ["data-test-script-state"] });
    }""")
    drag(teacher, "P mean μ", 60)  # the hand stays on it
    shown = mine.locator("output[data-quantity=kl_pq]").first
    expect(shown).not_to_have_attribute("data-value", str(before))
    expect(shown).to_have_attribute("data-value", teacher.locator("output[data-quantity=kl_pq]").first.get_attribute("data-value"))
    assert (mine.url, mine.evaluate("window.runs")) == (address, 0)
    teacher.mouse.up()
    mine.wait_for_url("**p_loc=**")
    assert readout(mine, "kl_pq") == pytest.approx(readout(teacher, "kl_pq"), rel=1e-12)


def test_a_page_that_the_teacher_opens_is_on_phones_before_a_run_of_their_own(window, phone):
    """Here none ever comes: the phone's server does not hear it."""
    deaf = []

    def listen(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        socket.on_message(lambda message: None if deaf else server.send(message))

    teacher = window("/two_distributions")
    mine = phone(f"/?room={open_room(teacher)}", prepare=lambda page: page.route_web_socket("**/_stcore/stream", listen))
    mine.wait_for_url("**/two_distributions")
    readout(mine, "kl_pq")
    settle(mine)
    deaf.append(True)
    visit(teacher, "/two_distributions?p_loc=2")
    expect(mine.locator("output[data-quantity=kl_pq]").first).to_have_attribute("data-value", str(readout(teacher, "kl_pq")))
    expect(mine.locator(".stage-over")).to_be_hidden()
    visit(teacher, "/beta?view=The answer&beta=0.03")
    over = mine.get_by_role("region", name="The teacher’s screen")
    expect(over.get_by_role("heading", level=1)).to_have_text(teacher.locator(".stMain h1").inner_text())
    expect(over.locator(".beta-screen .verdict")).to_be_visible()
    assert mine.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_bar_of_the_story_follows_the_teacher_s_hand_and_so_does_its_scene(window, phone):
    teacher = window("/?scene=4")
    mine = phone(f"/?room={open_room(teacher)}")
    mine.wait_for_url("**scene=4")
    bars = [page.get_by_role("slider", name="Q of sun") for page in (teacher, mine)]
    before = bars[1].get_attribute("aria-valuenow")
    bars[0].press("ArrowUp")
    expect(bars[1]).not_to_have_attribute("aria-valuenow", before)
    expect(bars[1]).to_have_attribute("aria-valuenow", bars[0].get_attribute("aria-valuenow"))
    bars[0].evaluate("(node) => node.blur()")
    teacher.keyboard.press("ArrowDown")
    mine.wait_for_url("**scene=5")


def test_the_teacher_s_run_runs_on_phones(window, phone):
    teacher = window("/forward_reverse")
    mine = phone(f"/?room={open_room(teacher)}")
    mine.wait_for_url("**/forward_reverse")
    before = readout(mine, "kl_reverse")
    mine.locator(".playground .verdict").wait_for()
    teacher.get_by_role("button", name="Run", exact=True).click()
    reverse = mine.locator("output[data-quantity=kl_reverse]").first
    expect(reverse).not_to_have_attribute("data-value", str(before))
    expect(reverse).to_have_attribute("data-value", re.compile("^0.6887"))


def test_a_locked_phone_cannot_leave_and_follows_again(window, phone):
    teacher = window("/two_distributions")
    mine = phone(f"/?room={open_room(teacher)}")
    mine.wait_for_url("**/two_distributions")
    bar(mine).get_by_role("button", name="Explore alone").click()
    bar(teacher).get_by_role("button", name="Lock phones").click()
    expect(bar(mine)).to_contain_text("the teacher has locked the page")
    expect(bar(mine).get_by_role("button", name="Follow the teacher")).to_be_hidden()
    assert mine.evaluate("getComputedStyle(document.querySelector('.stMainBlockContainer')).pointerEvents") == "none"
    bar(teacher).get_by_role("button", name="Unlock phones").click()
    expect(bar(mine).get_by_role("button", name="Explore alone")).to_be_visible()


def test_a_step_of_a_lesson_that_asks_waits_for_answers(window, phone):
    """The arrow asks the page's question, then shows the answers, and only then takes both away."""
    teacher = window("/practice?lesson=what_kl_is.12")
    mine = phone(f"/?room={open_room(teacher)}")
    sheet, ask = mine.get_by_role("region", name="Question"), teacher.get_by_role("dialog", name="Ask the class")
    teacher.get_by_role("button", name="Ask →").click()  # the lesson's last step
    expect(sheet.get_by_role("button", name="Send")).to_be_visible()
    ask.get_by_role("button", name="Hide answers for now").click()
    sheet.get_by_label("Your answer").focus()
    mine.keyboard.press("End")
    sheet.get_by_role("button", name="Send").click()
    expect(ask.get_by_text("1 answer", exact=True)).to_be_visible()
    expect(ask.locator(".results")).to_have_count(0)
    ask.focus()
    teacher.keyboard.press("ArrowRight")
    expect(ask.locator(".results")).to_be_visible()
    expect(sheet.locator(".results")).to_be_visible()
    teacher.keyboard.press("ArrowRight")
    expect(sheet).to_be_hidden()
    expect(ask).to_be_hidden()
    expect(teacher.get_by_role("button", name="Next →")).to_be_disabled()


def test_a_lesson_moves_everybody_by_the_teacher_s_arrow_keys(window, phone):
    teacher = window("/?lesson=what_kl_is.1")
    mine = phone(f"/?room={open_room(teacher)}")
    expect(mine.get_by_text("· 1 of")).to_be_visible()
    teacher.keyboard.press("ArrowRight")
    mine.wait_for_url("**/two_distributions?**lesson=what_kl_is.2**")
    expect(mine.get_by_text("· 2 of")).to_be_visible()


def test_three_phones_answer_and_reveal_shows_what_all_said_and_what_is_true(window, phone):
    teacher = window("/practice")
    code = open_room(teacher)
    phones = [phone(f"/?room={code}") for _ in range(3)]
    expect(bar(teacher)).to_contain_text("3 phones here")
    bar(teacher).get_by_role("button", name="Ask the class").click()
    ask = teacher.get_by_role("dialog", name="Ask the class")
    ask.get_by_role("button", name="Which direction is larger?").click()
    ask.get_by_label("Right answer").select_option("KL(Q‖P)")
    ask.get_by_role("button", name="Ask this", exact=True).click()
    for mine, option in zip(phones, ["KL(P‖Q)", "KL(Q‖P)", "KL(P‖Q)"], strict=True):
        sheet = mine.get_by_role("region", name="Question")
        sheet.get_by_role("radio", name=option).check()
        expect(sheet.get_by_text("Sent.")).to_be_visible()
    expect(ask.locator(".bars .count")).to_have_text(["2", "1", "0"])
    phones[2].get_by_role("radio", name="KL(Q‖P)").check()
    expect(ask.locator(".bars .count")).to_have_text(["1", "2", "0"])
    assert "right" not in ask.inner_text()
    phones[0].reload()
    expect(phones[0].get_by_role("radio", name="KL(P‖Q)")).to_be_checked()

    ask.get_by_role("button", name="Reveal").click()
    expect(ask.get_by_text("67 % of the answers are right.")).to_be_visible()
    for mine in phones:
        expect(mine.locator(".bars .count")).to_have_text(["1", "2", "0"])
    expect(phones[0].locator(".bars li").first).to_contain_text("your answer")
    expect(phones[0].locator(".bars li").nth(1)).to_contain_text("right")

    ask.get_by_role("button", name="Take the question away").click()
    expect(phones[0].get_by_role("region", name="Question")).to_be_hidden()
    with teacher.expect_download() as saved:
        ask.get_by_role("button", name="Save as CSV").click()
    assert "Which is larger?,KL(Q‖P),2,KL(Q‖P)" in Path(saved.value.path()).read_text(encoding="utf-8")


def test_a_practice_question_and_a_slider_of_one_s_own_can_be_asked(window, phone):
    teacher = window("/practice")
    mine = phone(f"/?room={open_room(teacher)}")
    bar(teacher).get_by_role("button", name="Ask the class").click()
    ask = teacher.get_by_role("dialog", name="Ask the class")
    ask.get_by_role("button", name="Ask this page’s question").click()
    sheet = mine.get_by_role("region", name="Question")
    words = QUESTIONS[0].told(QUESTIONS[0].ask)[:30]
    expect(sheet.get_by_role("heading")).to_contain_text(words)
    expect(ask.get_by_role("heading")).to_contain_text(words)
    ask.get_by_role("button", name="Take the question away").click()

    ask.get_by_role("button", name="A slider").click()
    ask.get_by_label("Question").fill("How many bits?")
    ask.get_by_label("True answer").fill("0.7")
    ask.get_by_role("button", name="Ask this", exact=True).click()
    sheet.get_by_label("Your answer").focus()
    mine.keyboard.press("Home")
    for _ in range(14):
        mine.keyboard.press("ArrowRight")
    sheet.get_by_role("button", name="Send").click()
    expect(ask.get_by_role("img", name="Answers. 0.7: 1.")).to_be_visible()
    assert mine.evaluate("document.documentElement.scrollWidth") <= 390
    ask.get_by_role("button", name="Reveal").click()
    expect(sheet.get_by_text("100 % of the answers are right.")).to_be_visible()


def test_phones_drag_a_ghost_and_reveal_slides_the_true_one_through_them(window, phone):
    teacher = window("/practice?q=reverse_picks_a_mode")
    mine = phone(f"/?room={open_room(teacher)}")
    bar(teacher).get_by_role("button", name="Ask the class").click()
    ask = teacher.get_by_role("dialog", name="Ask the class")
    ask.get_by_role("button", name="Ask this page’s question").click()
    sheet = mine.get_by_role("region", name="Question")
    expect(sheet.get_by_role("button", name="Send")).to_be_disabled()
    sheet.get_by_role("slider", name="your Q mean μ").focus()
    for _ in range(8):
        mine.keyboard.press("ArrowRight")
    sheet.get_by_role("button", name="Send").click()
    expect(ask.locator("path.ghost")).to_have_count(1)
    assert ask.locator("path.truth").count() == 0
    ask.get_by_role("button", name="Reveal").click()
    for page in (ask, sheet):
        expect(page.get_by_text("100 % put Q on a hill.")).to_be_visible()
        expect(page.get_by_text("0 % had it right.", exact=True)).to_be_visible()
        expect(page.locator("path.truth")).to_have_attribute("d", re.compile("^M"))
    assert mine.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("code, sentence", [("ZZZZ", "There is no room ZZZZ"), ("AB", "A code has four letters.")])
def test_a_wrong_code_gets_a_sentence_and_another_try(phone, code, sentence):
    mine = phone(f"/?room={code}")
    alert = mine.get_by_role("alert").filter(has_text=re.compile(re.escape(sentence)))
    expect(alert).to_be_visible()
    expect(mine.get_by_label("Code of the room")).to_be_visible()
    expect(bar(mine)).to_have_count(0)
