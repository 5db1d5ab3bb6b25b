"""Charts, and the order and the gaps in which a phone shows a page."""

import re

import pytest
from playwright.sync_api import expect

TOP_OF_FOCUS = """document.activeElement === document.body ? null
  : document.activeElement.getBoundingClientRect().top + document.querySelector('[data-testid=stMain]').scrollTop"""


TABLET = {"width": 820, "height": 1180}
CUT_NAMES = """(names) => names.flatMap((name) => {
  const [box, picture] = [name.getBoundingClientRect(), name.ownerSVGElement.getBoundingClientRect()];
  return box.left < picture.left - 1 || box.right > picture.right + 1 ? [name.textContent] : [];
})"""
OPEN_SIDES = """() => [...document.querySelectorAll("[data-variant=segmented_control]")].flatMap((button) => {
  const { borderLeft, borderRight } = getComputedStyle(button);
  return [borderLeft, borderRight].every((side) => /^1px solid rgb\\(/.test(side)) ? [] : [button.innerText];
})"""
NUMBERS_THAT_MEET = """(readouts) => {
  const boxes = readouts.map((readout) => {
    const [number, unit] = ["output", ".unit"].map((part) => readout.querySelector(part).getBoundingClientRect());
    return { left: number.left, right: unit.right, top: number.top, bottom: number.bottom, text: readout.innerText };
  });
  const meet = (a, b) => a.left < b.right + 8 && b.left < a.right + 8 && a.top < b.bottom && b.top < a.bottom;
  return boxes.flatMap((one, i) => boxes.slice(i + 1).filter((other) => meet(one, other)).map(({ text }) => [one.text, text]));
}"""


def test_before_a_first_run_there_is_one_chart_and_none_that_is_empty(open_link):
    charts = open_link("/beta?view=Train it yourself").locator(".plot.chart")
    assert charts.count() == 1
    assert charts.locator("path.curve[d^=M]").count() >= 2


def walk_by_tab(page) -> list[float]:
    """How far down the page each of the next twelve focused elements is, after the last of the first choice's buttons."""
    page.locator(".st-key-view, .st-key-unit").first.locator("button").last.focus()
    heights = []
    for _ in range(12):
        page.keyboard.press("Tab")
        heights.append(page.evaluate(TOP_OF_FOCUS))
    return heights[: heights.index(None)] if None in heights else heights


@pytest.mark.parametrize("path", ["/distillation?view=Train students", "/your_numbers"])
def test_on_a_phone_the_keyboard_goes_from_the_controls_to_the_picture_as_the_eye_does(open_link, path):
    page = open_link(path, width=390, height=844)
    page.wait_for_load_state("networkidle")  # each kind of control is a script of its own
    for _ in range(10):  # what is still being laid out moves under the walk; a wrong order stays wrong
        heights = walk_by_tab(page)
        if len(heights) > 5 and heights == sorted(heights):
            return
        page.wait_for_timeout(500)
    assert len(heights) > 5
    assert heights == sorted(heights)


@pytest.mark.parametrize("path", ["/distillation?view=Train students", "/two_distributions"])
def test_on_a_phone_no_hole_parts_the_controls_from_the_picture(open_link, path):
    page = open_link(path, width=390, height=844)
    page.wait_for_function("""() => {
      const columns = document.querySelectorAll(".stHorizontalBlock:has(.stBidiComponent) > .stColumn");
      const [upper, lower] = [...columns].map((column) => column.getBoundingClientRect()).sort((a, b) => a.top - b.top);
      return lower.top - upper.bottom <= 20;
    }""")


def test_on_a_tablet_no_gradients_name_is_cut_off(open_link):
    """Cut off, ∇KL(π‖π_ref) and ∇KL(π_ref‖π) read alike."""
    page = open_link("/sample_estimates?view=The gradient", **TABLET)
    names = page.locator(".plot.chart .name")
    expect(names.last).to_have_attribute("x", re.compile("[1-9]"))
    assert names.evaluate_all(CUT_NAMES) == []


def test_on_a_tablet_a_second_row_of_choices_begins_and_ends_with_a_border(open_link):
    page = open_link("/vae?view=Train your own", **TABLET)
    page.locator("[data-variant=segmented_control]").first.wait_for()
    assert page.evaluate(OPEN_SIDES) == []


def test_on_a_tablet_no_number_runs_into_the_next(open_link):
    page = open_link("/distillation?view=Between the KLs", **TABLET)
    expect(page.locator(".strip .readout output[data-state=settled]")).to_have_count(4)
    assert page.locator(".strip .readout").evaluate_all(NUMBERS_THAT_MEET) == []
