"""What the reader decides is said once, and only what is true."""

import io

import numpy as np
import pytest

from pages.views.sample_estimates.token_file import read_tokens
from tests.pages.reading import one_file, two_files


@pytest.mark.parametrize(("p", "said"), [("red;1'234\nblue;567", "Apostrophes"), ("red;1 234\nblue;567", "Spaces")])
def test_thousands_are_said_once_for_both_sides(p, said):
    inputs = two_files(p, p.replace("1", "2"))
    assert inputs.p.vector.tolist() == [1234, 567] and inputs.q.vector.tolist() == [2234, 567]
    assert [note for note in inputs.notes if "group thousands" in note] == [f"{said} group thousands: {p[4:9]} is read as 1234."]


def test_percent_signs_are_said_once():
    notes = one_file("name,P,Q\nred,40%,30%\nblue,60%,70%", "Probabilities").notes
    assert sum("Percent" in note for note in notes) == 1


def test_a_name_in_two_rows_is_added_up_and_said():
    inputs = one_file("name,P,Q\nred,10,20\nblue,5,5\nred,30,10")
    assert inputs.p.names == ["red", "blue"] and inputs.p.vector.tolist() == [40, 5] and inputs.q.vector.tolist() == [30, 5]
    assert "“red” stands in 2 rows: the numbers of one name are added up." in inputs.notes
    logits = one_file("name,P,Q\nred,1,2\nblue,0,0\nred,3,1", "Logits")
    assert logits.p.vector.tolist() == [1, 0, 3] and "kept as an outcome of its own" in " ".join(logits.notes)


def test_booleans_are_said():
    file = io.BytesIO()
    np.save(file, np.array([[True, True], [False, True]]))
    inputs = two_files(file.getvalue(), file.getvalue(), "Rows of logits")
    assert inputs.p.values.tolist() == [[1, 1], [0, 1]] and inputs.notes == ["Booleans are read as 1 and 0."]


def test_a_token_that_looks_like_a_number_decides_no_comma():
    tokens = read_tokens("token\tpolicy\treference\n1,5\t-0.5\t-0.3\n2,5\t-1.5\t-0.5\n")
    assert not any("omma" in note for note in tokens.notes) and tokens.text == ["1,5", "2,5"]
