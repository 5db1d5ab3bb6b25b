"""Many numbers at once."""

import numpy as np
import pytest

from pages.shared.reading import delimited
from pages.shared.reading.columns import matrix
from pages.shared.reading.delimited import split_lines
from pages.shared.reading.read import read_tables
from pages.views.your_numbers.inputs import Inputs, Piece, read_inputs
from pages.views.your_numbers.kinds import KINDS


def test_a_batch_of_numbers_is_read_at_once():
    x = np.random.default_rng(0).normal(size=(8, 20_000))
    text = "\n".join(",".join(map(repr, row.tolist())) for row in x)
    assert np.array_equal(matrix(read_tables(text)[0], "P").values.numpy(), x)


@pytest.mark.parametrize("mark", ["\n", ", ", ",", "; ", ";", "\t", " "])
@pytest.mark.parametrize("form", ["{:.6f}", "{:.3e}", "{:.0f}"])
def test_many_numbers_are_read_in_bulk_to_what_numpy_reads(mark, form):
    written = [form.format(value) for value in np.random.default_rng(0).lognormal(3, 2, 4000)]
    inputs = two_pastes(mark.join(written), mark.join(written[::-1]))
    expected = np.array(written, dtype=np.float64)
    assert np.array_equal(inputs.p.vector.numpy(), expected) and np.array_equal(inputs.q.vector.numpy(), expected[::-1])
    assert inputs.p.place(17) == ("line 18, column 1" if mark == "\n" else "line 1, column 18")


def test_a_long_line_of_decimal_commas_is_no_line_of_cells():
    written = [f"{value:.3f}".replace(".", ",") for value in np.random.default_rng(0).random(4000)]
    inputs = two_pastes(" ".join(written), " ".join(written))
    assert inputs.p.vector.tolist() == [float(text.replace(",", ".")) for text in written]


def test_a_long_line_with_a_bad_cell_says_where():
    cells = ["0.25"] * 8000
    cells[4321] = "O.25"
    with pytest.raises(ValueError, match="column 4322.*O.25"):
        two_pastes(" ".join(cells), "1 2 3")


ROWS = [f"w{i},{i % 7},-0.{i:05d}" for i in range(3000)]
AROUND = {
    "nothing else": (["token,p,q"], []),
    "no header": ([], []),
    "a title above": (["My run", "token,p,q"], []),
    "a title with empty cells": (["My run,,", "token,p,q"], []),
    "a comment": (["# of yesterday", "token,p,q"], []),
    "an empty line above": (["", "token,p,q"], []),
    "no name for the last column": (["token,p,"], []),
    "no name for the index": (["p,q"], []),
    "a rule": (["token,p,q", "--,--,--"], []),
    "rows of nothing": (["token,p,q"], [",,", ",,"]),
    "what pandas prints": (["token,p,q"], ["Name: a, b, dtype: int64"]),
    "a remark below": (["token,p,q"], ["", "all good"]),
    "a quoted cell": (["token,p,q"], ['"a,b",1,-1']),
    "a short row": (["token,p,q"], ["a,1"]),
}


@pytest.mark.parametrize(("mark", "end"), [(",", "\n"), (";", "\r\n"), ("\t", "\n")])
@pytest.mark.parametrize("around", AROUND)
def test_a_long_table_is_read_at_once_to_what_it_would_be_line_by_line(mark, end, around, monkeypatch):
    above, below = AROUND[around]
    text = end.join([*above, *ROWS, *below]).replace(",", mark) + end

    def grid() -> object:
        try:
            return split_lines(text, "P", None)
        except ValueError as problem:
            return str(problem)

    at_once = grid()
    monkeypatch.setattr(delimited, "LONG", len(text))
    assert at_once == grid()


def two_pastes(p: str, q: str) -> Inputs:
    return read_inputs(KINDS["Counts"], [Piece(p, "", "P"), Piece(q, "", "Q")])
