"""The address and the browser's history: an address shows what it showed, and one act of a visitor is one entry."""

import random
from itertools import pairwise

import pytest
from playwright.sync_api import Page, TimeoutError, expect

from pages.frame.presets.links import PRESETS
from pages.shared.map import MAP
from tests.browser.chromium import drag, go_to, readout, settle, visit
from tests.browser.conftest import DRAWN

CHOSEN = {
    "start": "?scene=3",
    "two_distributions": "?kind=discrete&p_probs=0.1%2C+0.8%2C+0.1&unit=bits",
    "forward_reverse": "?view=When+does+it+pick+a+mode%3F&m=3",
    "sample_estimates": "?view=The+value&ratio=1.2&distance=2",
    "beta": "?view=In+practice&per_token=0.5",
    "distillation": "?view=Anatomy+of+the+loss&alpha=0.2&T=4",
    "vae": "?view=KL+of+one+posterior&q_loc=1.5",
    "practice": "?q=asymmetry",
    "your_numbers": "?unit=bits",
    "checked": "?view=Common+errors",
}
"""Choices of a page that another page would misread, in widgets and in the picture."""
TITLES = {entry.name: entry.title for entry in MAP}


def turn_to(page: Page, name: str) -> None:
    """Goes to a page by the navigation."""
    go_to(page, next(entry.group for entry in MAP if entry.name == name), TITLES[name])
    arrived(page, "" if name == MAP[0].name else name)


def arrived(page: Page, path: str) -> None:
    page.wait_for_function("(path) => location.pathname === '/' + path", arg=path)
    settle(page)


SHOWN = """() => {
  const within = (node) => (node.shadowRoot ? [node, ...all(node.shadowRoot)] : [node]);
  const all = (root) => [...root.querySelectorAll("*")].flatMap(within);
  const nodes = all(document.querySelector("[data-testid=stMain]"));
  const numbers = nodes.filter((node) => node.matches("output[data-quantity]"));
  const chosen = nodes.filter((node) => node.matches("[role=radio][aria-checked=true]"));
  return Object.fromEntries([
    ...numbers.map((node) => [node.dataset.quantity, node.dataset.value]),
    ...chosen.map((node) => [node.textContent, "chosen"]),
    ...nodes.filter((node) => node.matches("[aria-current=step]")).map((node) => [node.title, "scene"]),
  ]);
}"""
STATE = f"""() => [
  location.origin + location.pathname,
  location.search.slice(1).split("&").sort(),
  Object.fromEntries(Object.entries(({SHOWN})()).sort()),
]"""
"""Where it is, what its address says, in any order, and what is shown."""
SAME = f"(expected) => JSON.stringify(({STATE})()) === JSON.stringify(expected)"


def shown(page: Page) -> dict[str, str]:
    """What tells one state of a page from another: its numbers in the picture, and which buttons of its rows are chosen."""
    return page.evaluate(SHOWN)


def every_ordered_pair(names: list[str]) -> list[str]:
    """A walk that goes from each page to each other page exactly once: Hierholzer's, in the complete directed graph."""
    left = {name: random.Random(name).sample([other for other in names if other != name], len(names) - 1) for name in names}
    stack, walk = [names[0]], []
    while stack:
        if left[stack[-1]]:
            stack.append(left[stack[-1]].pop())
        else:
            walk.append(stack.pop())
    return walk[::-1]


def test_the_walk_takes_every_ordered_pair_of_pages_once():
    names = list(TITLES)
    steps = list(pairwise(every_ordered_pair(names)))
    assert len(steps) == len(set(steps)) == len(names) * (len(names) - 1)


def test_no_page_leaves_its_choices_in_the_address_of_another_whichever_way_one_came(open_page):
    """Every page is set to something of its own; then one goes from each to each. Address and picture are the page's own, always."""
    page = open_page("/lessons", width=1024, height=600, reduced_motion="reduce")
    expected = {"lessons": at_rest(page)}
    for name, query in CHOSEN.items():
        visit(page, ("/" if name == MAP[0].name else f"/{name}") + query)
        expected[name] = at_rest(page)  # nobody leaves a page before it has read its link
        turn_to(page, "lessons")
        expect_state(page, expected["lessons"])
    del expected[MAP[0].name]  # the story writes its scene as one scrolls, so it is as one finds it when one returns
    for name in every_ordered_pair(list(TITLES))[1:]:
        turn_to(page, name)
        if name in expected:
            expect_state(page, expected[name])
        else:
            expected[name] = at_rest(page)
    for name, query in CHOSEN.items():
        if name != MAP[0].name:
            assert expected[name][1] == sorted(query[1:].split("&"))


State = list[str | list[str] | dict[str, str]]


def state(page: Page) -> State:
    return page.evaluate(STATE)


def at_rest(page: Page) -> State:
    """Address and picture once neither has changed for a second and the picture's numbers are exact."""
    page.wait_for_selector(DRAWN, state="attached")
    expect(page.locator("output[data-state=preview]")).to_have_count(0)
    seen, still = state(page), 0
    for _ in range(240):
        if still >= 4:
            return seen
        page.wait_for_timeout(250)
        now = state(page)
        still = still + 1 if now == seen else 0
        seen = now
    return seen


def expect_state(page: Page, expected: State) -> None:
    """A busy machine draws late, so this waits for what must come: within the page, since to ask for it is a tenth of the walk."""
    try:
        page.wait_for_function(SAME, arg=expected, polling=50)
    except TimeoutError:
        assert state(page) == expected


def entries(page: Page) -> int:
    return page.evaluate("history.length")


def numbers_of(page: Page, differ_from: dict[str, str] | None = None) -> dict[str, str]:
    """What is shown, once its picture is there, no number is a preview and, if asked for, it is another than before."""
    settle(page)
    for _ in range(600):
        previews = page.locator("output[data-state=preview]").count()
        seen = shown(page)
        if "kl_pq" in seen and seen != differ_from and not previews:
            return seen
        page.wait_for_timeout(100)
    raise AssertionError("the page shows what it showed before")


@pytest.mark.parametrize("name", ["two_distributions", "your_numbers"])
def test_a_preset_is_one_entry_and_back_shows_what_was_there_before(open_page, name):
    page = open_page(f"/{name}")
    first, *others = list(PRESETS[name])[1:]
    states = [(page.url, numbers_of(page))]
    count = entries(page)
    for preset in (first, others[-1]):
        page.locator(".st-key-preset").get_by_text(preset, exact=True).click()
        page.wait_for_function("(url) => location.href !== url", arg=states[-1][0])
        states.append((steady_address(page), numbers_of(page, states[-1][1])))
    assert entries(page) == count + 2
    for url, numbers in states[-2::-1]:
        page.go_back()
        expect(page).to_have_url(url)
        settle(page)
        expect_shown(page, numbers)
    page.go_forward()
    expect(page).to_have_url(states[1][0])
    expect_shown(page, states[1][1])


def steady_address(page: Page) -> str:
    """The address, once nothing has changed it for a while: a run writes it in several parts."""
    last = ""
    while page.url != last:
        last = page.url
        page.wait_for_timeout(400)
        settle(page)
    return last


def expect_shown(page: Page, numbers: dict[str, str]) -> None:
    for _ in range(600):
        if shown(page) == numbers:
            return
        page.wait_for_timeout(100)
    assert shown(page) == numbers


def test_back_after_a_drag_shows_the_curves_that_were_there_and_share_has_their_link(open_page):
    page = open_page("/two_distributions")
    readout(page, "kl_pq")
    before, count = shown(page), entries(page)
    drag(page, "P mean μ", 60)
    page.mouse.up()
    page.wait_for_url("**?p_loc=**")
    after = numbers_of(page, before)
    assert entries(page) == count + 1
    page.go_back()
    page.wait_for_function("() => !location.search")
    expect_shown(page, before)
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page.get_by_label("Link to this state")).to_have_value(page.url)
    page.keyboard.press("Escape")
    page.go_forward()
    page.wait_for_url("**?p_loc=**")
    expect_shown(page, after)


def test_a_moved_widget_is_one_entry_and_returning_to_a_page_is_one(open_page):
    page = open_page("/two_distributions")
    count = entries(page)
    page.locator(".st-key-unit").get_by_text("bits", exact=True).click()
    page.wait_for_url("**unit=bits**")
    assert entries(page) == count + 1
    for name in ("beta", "two_distributions"):
        turn_to(page, name)
        steady_address(page)
    assert entries(page) == count + 3
    page.go_back()
    page.wait_for_url("**/beta")
    page.go_back()
    page.wait_for_url("**/two_distributions?unit=bits")
    page.go_back()
    page.wait_for_url("**/two_distributions")
    page.locator(".st-key-unit [aria-checked=true]", has_text="nats").wait_for()


def test_a_link_that_is_mended_on_arrival_leaves_no_entry_of_its_own(open_page):
    page = open_page("/two_distributions?p=Nothing&unit=bits")
    assert steady_address(page).endswith("?unit=bits")
    assert entries(page) == 2  # the empty tab, and this page


def test_on_a_phone_the_navigation_closes_once_a_page_is_chosen(open_link):
    page = open_link("/beta", width=390, height=844)
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_test_id("stSidebarNavLink").filter(has_text=TITLES["vae"]).click()
    page.wait_for_url("**/vae")
    expect(page.get_by_test_id("stSidebar")).not_to_be_in_viewport()
    expect(page.get_by_test_id("stExpandSidebarButton")).to_be_visible()
