"""Charts, and the order and the gaps in which a phone shows a page."""

import pytest

TOP_OF_FOCUS = """document.activeElement === document.body ? null
  : document.activeElement.getBoundingClientRect().top + document.querySelector('[data-testid=stMain]').scrollTop"""


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
