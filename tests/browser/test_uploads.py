"""Files through a real browser's own chooser, up to the numbers on screen: the reports of `tests/pages/reports`."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import readout

REPORTS = Path(__file__).parents[1] / "pages" / "reports"


def shows(page: Page, forth: str, back: float) -> None:
    """Once the page has KL(P‖Q), which begins so, KL(Q‖P) stands beside it."""
    expect(page.locator("output[data-quantity=kl_pq]").first).to_have_attribute("data-value", re.compile(f"^{re.escape(forth)}"))
    assert readout(page, "kl_qp") == pytest.approx(back, rel=1e-12)


def test_two_files_of_counts_are_matched_by_name_and_one_of_records_replaces_them(open_link):
    page = open_link("/your_numbers?given=Counts&p_numbers=3,5&q_numbers=4,4")
    page.get_by_role("radio", name="Open a file").click()
    chooser, taken = page.locator("input[type=file]"), page.get_by_test_id("stFileChip")
    chooser.set_input_files([REPORTS / "value_counts_p.csv", REPORTS / "value_counts_q.csv"])
    shows(page, "0.3346726836156", 0.313700323827269)
    for left in (1, 0):
        taken.first.get_by_role("button").click()
        expect(taken).to_have_count(left)
    chooser.set_input_files(REPORTS / "records.json")
    shows(page, "0.036150372109860", 0.0357158279878312)


@pytest.mark.parametrize("name", ["tok_quote.tsv", "tok_null_first.jsonl"])
def test_a_log_shows_its_estimates(open_link, name):
    tokens, means = {"tok_quote.tsv": (4, (-0.275, 0.07875, 0.09746)), "tok_null_first.jsonl": (2, (-0.45, 0.1325, 0.16758))}[name]
    page = open_link("/sample_estimates?view=Your run")
    page.locator("input[type=file]").set_input_files(REPORTS / name)
    expect(page.get_by_text(f"{tokens} tokens in 1 sequence").first).to_be_attached()
    cells = page.locator("tr", has_text="KL per token").first.locator("td").all_inner_texts()
    assert [float(cell.split("±")[0].replace("−", "-")) for cell in cells[1:4]] == pytest.approx(means, rel=5e-3)
