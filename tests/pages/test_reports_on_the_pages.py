"""Every file of `reports/` dropped on the page it is for: the figures that its README promises, in the page's own words and pictures."""

from math import inf, isfinite
from pathlib import Path

import pytest

from tests.pages.conftest import numbers, scene, words

REPORTS = Path(__file__).parent / "reports"

PAIRS = {
    ("value_counts_p.csv", "value_counts_q.csv"): ("Counts", ["red", "blue", "green"], 0.334672683615636, 0.313700323827269),
    ("rfc_quotes.csv",): ("Counts", ["Smith, J", "Lee, K"], 0.0361503721098603, 0.0357158279878312),
    ("thousands.csv",): ("Counts", ["red", "blue"], 0.0134981272426356, None),
    ("intervals.csv",): ("Counts", ["(0, 10]", "(10, 20]"], None, None),
    ("excel_row.txt",): ("Counts", ["x = 1", "x = 2", "x = 3"], 0.00319403264385038, None),
    ("pandas_index.csv",): ("Probabilities", ["x = 1", "x = 2"], 0.130812035941137, None),
    ("records.json",): ("Counts", ["red", "blue"], None, None),
    ("cp1252.csv",): ("Counts", ["élan", "blé"], None, None),
    ("samples_decimal_comma_p.txt", "samples_decimal_comma_q.txt"): ("Samples, by neighbours", None, None, None),
}
LOGS = {
    "tok_mask.csv": (2, (-0.45, 0.1325, 0.167577732815323), "masked and left out"),
    "tok_garbage_pad.csv": (2, (-0.45, 0.1325, 0.167577732815323), "masked and left out"),
    "tok_quote.tsv": (4, (-0.275, 0.07875, 0.0974629228106523), "tokens in 1 sequence"),
    "tok_null_first.jsonl": (2, (-0.45, 0.1325, 0.167577732815323), "null"),
    "tok_9999.csv": (1, (-0.2, 0.02, 0.0214027581601699), "-9999.0 under the reference is a placeholder"),
    "tok_overflow.csv": (3, (-266.633333333333, None, inf), "8.22 × 10³⁴⁶"),
}
IMPOSSIBLE = "tok_neginf_ref.csv"


def test_every_file_is_tried():
    tried = {name for names in PAIRS for name in names} | set(LOGS) | {IMPOSSIBLE}
    assert tried == {path.name for path in REPORTS.iterdir()}


def uploaded(*names: str) -> list[tuple[str, bytes, str]]:
    return [(name, (REPORTS / name).read_bytes(), "text/plain") for name in names]


@pytest.mark.parametrize("names", PAIRS, ids=lambda names: names[0])
def test_a_file_of_numbers_gives_its_names_and_its_kl(visit, names):
    kind, outcomes, forth, back = PAIRS[names]
    at = visit("your_numbers", given=kind)
    at.segmented_control(key="way").set_value("Open a file").run()
    at.file_uploader(key="own_files").set_value(uploaded(*names)).run()
    assert not at.exception and not at.error
    shown = numbers(at)
    for value, promised in ((shown["kl_pq"], forth), (shown["kl_qp"], back)):
        assert isfinite(value) if promised is None else value == pytest.approx(promised, rel=1e-12)
    if outcomes is None:
        assert "decimal commas: 0,3 is read as 0.3" in words(at)
    else:
        drawn = [name for _, name in scene(at)["charts"]["adds"]["x_ticks"]]
        assert sorted(drawn) == sorted(outcomes)


@pytest.mark.parametrize("name", LOGS)
def test_a_log_of_tokens_gives_its_estimates_and_says_what_it_left_out(visit, name):
    count, means, said = LOGS[name]
    at = visit("sample_estimates", view="Your run")
    at.file_uploader(key="token_file").set_value(uploaded(name)).run()
    assert not at.exception and not at.error
    told = words(at).replace("\\", "")
    assert f"**{count} token" in told and said in told
    row = next(line for table in at.markdown for line in table.value.split("\n") if line.startswith("| KL per token"))
    for cell, mean in zip(row.split("|")[2:5], means, strict=True):
        if mean is not None:
            assert float(cell.split("±")[0].replace("−", "-").replace("∞", "inf")) == pytest.approx(mean, rel=5e-3)


def test_an_impossible_token_is_said_with_its_reason(visit):
    at = visit("sample_estimates", view="Your run")
    at.file_uploader(key="token_file").set_value(uploaded(IMPOSSIBLE)).run()
    assert not at.exception and "= ∞" in at.error[0].value.replace("$", "") and "no probability" in at.error[0].value
