"""Texts in the signs of other keyboards, languages and programs: the same names and numbers."""

import math
from collections import Counter
from decimal import Decimal
from fractions import Fraction

import pandas
import pytest

from tests.pages.reading import one_file, two_files

RED, BLUE = {"red": 40.0, "blue": 35.0}, {"red": 30.0, "blue": 45.0}
TABLES = {
    "polars": "shape: (2, 3)\n┌──────┬─────┬─────┐\n│ name ┆ ref ┆ cur │\n│ ---  ┆ --- ┆ --- │\n│ str  ┆ i64 ┆ i64 │\n"
    "╞══════╪═════╪═════╡\n│ red  ┆ 40  ┆ 30  │\n│ blue ┆ 35  ┆ 45  │\n└──────┴─────┴─────┘\n",
    "duckdb": "┌──────┬─────┬─────┐\n│ name │ ref │ cur │\n├──────┼─────┼─────┤\n"
    "│ red  │  40 │  30 │\n│ blue │  35 │  45 │\n└──────┴─────┴─────┘\n",
    "reStructuredText": "====  ===  ===\nname  ref  cur\n====  ===  ===\nred   40   30\nblue  35   45\n====  ===  ===\n",
    "LaTeX": "\\begin{tabular}{lrr}\n\\hline\nname & ref & cur \\\\\n\\hline\nred & 40 & 30 \\\\\nblue & 35 & 45 \\\\\n\\end{tabular}\n",
    "YAML": "ref:\n  red: 40\n  blue: 35\ncur:  # today\n  blue: 45\n  red: 30\n",
    "TOML": '[ref]\nred = 40\n"blue" = 35\n\n[cur]\nred = 30\nblue = 45\n',
    "a Chinese keyboard": "name，ref，cur\nred，４０，30\nblue，35，45\n",
    "invisible signs": "name,ref,cur\n\u200bred,40,30\nblue,35,45\n\x1a",
}


def sides(inputs):
    return tuple(dict(zip(inputs.p.names, side.vector.tolist(), strict=True)) for side in (inputs.p, inputs.q))


@pytest.mark.parametrize("written", TABLES)
def test_a_table_in_other_signs_is_the_same_table(written):
    assert sides(one_file(TABLES[written])) == (RED, BLUE)


@pytest.mark.parametrize(
    "p, q", [("c(red = 40, `blue`=35)", "c(blue=45, red=30)"), (repr(Counter(red=40, blue=35)), "red = 30\nblue = 45")]
)
def test_named_vectors_of_r_and_python_are_matched(p, q):
    assert sides(two_files(p, q)) == (RED, BLUE)


@pytest.mark.parametrize(
    "text",
    [
        "p <- c(0.25, 0.25, 0.5)\nq <- c(0.5, 0.25, 0.25)",
        "const p = [0.25, 0.25, 0.5];\nlet q = [0.5, 0.25, 0.25];",
        "p = {0.25, 0.25, 0.5};\nq = {0.5, 0.25, 0.25};",
        "p: 2.5D-01 2.5d-01 5.0D-01\nq: 0.5 0.25 0.25",
        f"p = {[Decimal('0.25'), Decimal('0.25'), Decimal('0.5')]}\nq = {[Fraction(1, 2), Fraction(1, 4), Fraction(1, 4)]}",
    ],
)
def test_lists_of_other_languages_keep_equal_numbers(text):
    inputs = one_file(text, "Probabilities")
    assert (inputs.p.vector.tolist(), inputs.q.vector.tolist()) == ([0.25, 0.25, 0.5], [0.5, 0.25, 0.25])


@pytest.mark.parametrize("written", ['{{"mean": {0}, "cov": {1}}}', "array({0})\narray({1})", "{0}\n{1}"])
def test_a_mean_and_its_covariance_are_rows(written):
    texts = [written.format(mean, covariance) for mean, covariance in (([0, 1], [[1, 0], [0, 2]]), ([1, 1], [[2, 0.5], [0.5, 1]]))]
    inputs = two_files(*texts, "Gaussians")
    assert inputs.p.values.tolist() == [[0, 1], [1, 0], [0, 2]] and inputs.q.values.tolist() == [[1, 1], [2, 0.5], [0.5, 1]]


def test_an_infinity_by_its_sign_is_a_number_and_never_a_name():
    inputs = two_files("a,-∞\nb,2\nc,1", "a,−∞\nb,1\nc,1", "Logits")
    assert inputs.p.vector.tolist() == [-math.inf, 2, 1] and inputs.p.names == ["a", "b", "c"]


def test_a_series_without_a_name_has_pandas_s_own_0_as_its_name():
    files = [pandas.DataFrame({"g": list(labels)}).groupby("g").size().to_csv().encode() for labels in ("aabbb", "abbbb")]
    inputs = two_files(*files)
    assert sides(inputs) == ({"a": 2, "b": 3}, {"a": 1, "b": 4}) and "as pandas writes them: g, 0" in " ".join(inputs.notes)
    assert two_files("g,0\na,2\nb,0", "g,1\na,1\nb,4").p.names == ["g", "a", "b"]  # an outcome that was seen nowhere


@pytest.mark.parametrize("data, why", [(b"%PDF-1.4\n%\xe2\xe3", "This is a PDF"), (b"<!DOCTYPE html><table>", "This is a web page or XML")])
def test_what_is_no_table_is_named(data, why):
    with pytest.raises(ValueError, match=why):
        one_file(data)
