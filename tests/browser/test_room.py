"""A live room in a real browser: a teacher's window and phones beside it, each in a profile of its own."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from pages.views.practice import QUESTIONS
from tests.browser.chromium import drag, readout, settle, visit
from tests.browser.conftest import PATIENCE
from tests.browser.profiles import Profiles
from tests.browser.rooms import open_room

Opener = Callable[..., Page]


@pytest.fixture
def window(server: str, profiles: Profiles) -> Iterator[Opener]:
    """window("/beta", width=390): a page of somebody else's, whose scripts may not fail."""
    failed: list[str] = []
    with ExitStack() as at_the_end:

        def opened(path: str, width: int = 1440, height: int = 900, prepare: Callable[[Page], object] = lambda _: None) -> Page:
            page = at_the_end.enter_context(profiles.borrowed()).new_page()
            page.set_viewport_size({"width": width, "height": height})
            page.set_default_timeout(PATIENCE)
            page.on("pageerror", lambda error: failed.append(f"{error}\n{error.stack}"))
            prepare(page)
            page.goto(server + path)
            settle(page)
            page.get_by_role("button", name="Share", exact=True).wait_for()
            return page

        yield opened
    assert not failed


@pytest.fixture
def phone(window: Opener) -> Opener:
    return lambda path, **more: window(path, 390, 780, **more)


def bar(page: Page):
    return page.locator(".room-bar")


def sheet(page: Page):
    return page.get_by_role("region", name="Question")


def test_a_whole_lesson_with_three_phones(window, phone):
    teacher = window("/two_distributions?lesson=two_directions.1")
    code = open_room(teacher)
    phones = [phone(f"/?room={code}"), phone(f"/?room={code.lower()}"), joined_by_code(phone("/?room=ZZZZ"), code)]
    expect(bar(teacher)).to_contain_text("3 phones here")
    walk_through_steps(teacher, *phones)
    phones[0].reload()
    teacher.reload()
    settle(teacher)
    expect(bar(phones[0])).to_contain_text(f"Room {code} · following")
    expect(bar(teacher)).to_contain_text("3 phones here")
    drag_ghosts(teacher, *phones)
    choose_one(teacher, *phones)
    teacher.get_by_role("dialog", name="Ask the class").get_by_role("button", name="Close").click()
    lock_and_unlock(teacher, phones[2])
    save_and_close(teacher, *phones)


def joined_by_code(mine: Page, code: str) -> Page:
    """After two wrong ones."""
    letters, alert = mine.get_by_label("Code of the room"), mine.get_by_role("alert")
    expect(alert.filter(has_text="There is no room ZZZZ")).to_be_visible()
    letters.fill("AB")
    letters.press("Enter")
    expect(alert.filter(has_text="A code has four letters.")).to_be_visible()
    expect(bar(mine)).to_have_count(0)
    letters.fill(code)
    letters.press("Enter")
    return mine


def walk_through_steps(teacher: Page, first: Page, second: Page, third: Page) -> None:
    """To another page, and on it to a run that has ended; one phone stays behind and comes back."""
    for mine in (first, second, third):
        mine.wait_for_url("**/two_distributions?**lesson=two_directions.1")
        mine.evaluate("window.stillHere = true")
    teacher.keyboard.press("ArrowRight")
    for mine in (first, second, third):
        mine.wait_for_url("**/forward_reverse?**lesson=two_directions.2")
        expect(mine.get_by_text("· 2 of")).to_be_visible()
    bar(third).get_by_role("button", name="Explore alone").click()
    teacher.locator(".playground .verdict").wait_for()
    teacher.keyboard.press("ArrowRight")
    for page in (teacher, first, second):
        page.wait_for_url("**step=180**lesson=two_directions.3")
        expect(page.locator("output[data-quantity=kl_reverse]").first).to_have_attribute("data-value", re.compile("^0.6887"))
    assert "two_directions.2" in third.url
    bar(third).get_by_role("button", name="Follow the teacher").click()
    third.wait_for_url("**lesson=two_directions.3")
    assert third.evaluate("window.stillHere && document.documentElement.scrollWidth <= 390"), "loaded anew, or too wide"


def drag_ghosts(teacher: Page, *phones: Page) -> None:
    """The playground asks about the P that stands on it; of three phones one puts Q on a hill."""
    bar(teacher).get_by_role("button", name="Ask the class").click()
    ask = teacher.get_by_role("dialog", name="Ask the class")
    ask.get_by_role("button", name="KL(Q‖P) is smallest").click()
    for mine, presses in zip(phones, (15, 1, 3), strict=True):
        expect(sheet(mine).get_by_role("button", name="Send")).to_be_disabled()
        sheet(mine).get_by_role("slider", name="your Q mean μ").focus()
        for _ in range(presses):
            mine.keyboard.press("ArrowRight")
        sheet(mine).get_by_role("button", name="Send").click()
        expect(sheet(mine).get_by_text("Sent.")).to_be_visible()
    expect(ask.locator("path.ghost")).to_have_count(3)
    assert ask.locator("path.truth").count() == 0
    ask.get_by_role("button", name="Reveal").click()
    for seen in (ask, sheet(phones[0])):
        expect(seen.get_by_text("33 % put Q on one hill.")).to_be_visible()
        expect(seen.get_by_text("33 % had it right.")).to_be_visible()
        expect(seen.locator("path.truth")).to_have_attribute("d", re.compile("^M"))
    assert phones[0].evaluate("document.documentElement.scrollWidth") <= 390
    ask.get_by_role("button", name="Take the question away").click()
    expect(sheet(phones[0])).to_be_hidden()


def choose_one(teacher: Page, *phones: Page) -> None:
    """An answer can be changed, and outlives a reload; nobody sees what is right before Reveal."""
    ask = teacher.get_by_role("dialog", name="Ask the class")
    ask.get_by_role("button", name="Which direction is larger?").click()
    ask.get_by_label("Right answer").select_option("KL(Q‖P)")
    ask.get_by_role("button", name="Ask this", exact=True).click()
    for mine, option in zip(phones, ["KL(P‖Q)", "KL(Q‖P)", "KL(P‖Q)"], strict=True):
        sheet(mine).get_by_role("radio", name=option).check()
        expect(sheet(mine).get_by_text("Sent.")).to_be_visible()
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
    expect(sheet(phones[0])).to_be_hidden()


def lock_and_unlock(teacher: Page, mine: Page) -> None:
    """A locked phone cannot leave, and follows again."""
    bar(mine).get_by_role("button", name="Explore alone").click()
    bar(teacher).get_by_role("button", name="Lock phones").click()
    expect(bar(mine)).to_contain_text("the teacher has locked the page")
    expect(bar(mine).get_by_role("button", name="Follow the teacher")).to_be_hidden()
    assert mine.evaluate("getComputedStyle(document.querySelector('.stMainBlockContainer')).pointerEvents") == "none"
    bar(teacher).get_by_role("button", name="Unlock phones").click()
    expect(bar(mine).get_by_role("button", name="Explore alone")).to_be_visible()


def save_and_close(teacher: Page, *phones: Page) -> None:
    """The answers are offered before the room forgets them."""
    bar(teacher).get_by_role("button", name="Close the room").click()
    leaving = teacher.get_by_role("dialog", name="Close the room")
    expect(leaving.get_by_text("forgets its 2 questions")).to_be_visible()
    with teacher.expect_download() as saved:
        leaving.get_by_role("button", name="Save as CSV").click()
    assert "Which is larger?,KL(Q‖P),2,KL(Q‖P)" in Path(saved.value.path()).read_text(encoding="utf-8")
    leaving.get_by_role("button", name="Close the room").click()
    expect(phones[0].get_by_text("The room is closed.")).to_be_visible()
    for mine in phones:
        expect(bar(mine)).to_have_count(0)
    expect(teacher.get_by_role("button", name="Open a room")).to_be_visible()


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


def test_a_step_of_a_lesson_that_asks_waits_for_answers(window, phone):
    """The arrow asks the page's question, then shows the answers, and only then takes both away."""
    teacher = window("/practice?lesson=what_kl_is.12")
    mine = phone(f"/?room={open_room(teacher)}")
    asked, ask = sheet(mine), teacher.get_by_role("dialog", name="Ask the class")
    teacher.get_by_role("button", name="Ask →").click()  # the lesson's last step
    expect(asked.get_by_role("button", name="Send")).to_be_visible()
    ask.get_by_role("button", name="Hide answers for now").click()
    asked.get_by_label("Your answer").focus()
    mine.keyboard.press("End")
    asked.get_by_role("button", name="Send").click()
    expect(ask.get_by_text("1 answer", exact=True)).to_be_visible()
    expect(ask.locator(".results")).to_have_count(0)
    ask.focus()
    teacher.keyboard.press("ArrowRight")
    expect(ask.locator(".results")).to_be_visible()
    expect(asked.locator(".results")).to_be_visible()
    teacher.keyboard.press("ArrowRight")
    expect(asked).to_be_hidden()
    expect(ask).to_be_hidden()
    expect(teacher.get_by_role("button", name="Next →")).to_be_disabled()


def test_a_practice_question_and_a_slider_of_one_s_own_can_be_asked(window, phone):
    teacher = window("/practice")
    mine = phone(f"/?room={open_room(teacher)}")
    bar(teacher).get_by_role("button", name="Ask the class").click()
    ask = teacher.get_by_role("dialog", name="Ask the class")
    ask.get_by_role("button", name="Ask this page’s question").click()
    asked = sheet(mine)
    words = QUESTIONS[0].told(QUESTIONS[0].ask)[:30]
    expect(asked.get_by_role("heading")).to_contain_text(words)
    expect(ask.get_by_role("heading")).to_contain_text(words)
    ask.get_by_role("button", name="Take the question away").click()

    ask.get_by_role("button", name="A slider").click()
    ask.get_by_label("Question").fill("How many bits?")
    ask.get_by_label("True answer").fill("0.7")
    ask.get_by_role("button", name="Ask this", exact=True).click()
    asked.get_by_label("Your answer").focus()
    mine.keyboard.press("Home")
    for _ in range(14):
        mine.keyboard.press("ArrowRight")
    asked.get_by_role("button", name="Send").click()
    expect(ask.get_by_role("img", name="Answers. 0.7: 1.")).to_be_visible()
    assert mine.evaluate("document.documentElement.scrollWidth") <= 390
    ask.get_by_role("button", name="Reveal").click()
    expect(asked.get_by_text("100 % of the answers are right.")).to_be_visible()
