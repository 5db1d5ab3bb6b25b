"""Where names stand in what people bring: in a first line above words, in an index, in a sheet's corner. None is thrown away."""

import pytest

from tests.pages.reading import one_file, two_files

RAW = "ref,cur\nred,blue\nred,red\nblue,red"


def counts(inputs):
    return dict(zip(inputs.p.names, inputs.p.vector.tolist(), strict=True)), dict(
        zip(inputs.q.names, inputs.q.vector.tolist(), strict=True)
    )


def test_the_first_line_above_raw_categories_is_their_names_and_said():
    inputs = one_file(RAW)
    assert counts(inputs) == ({"red": 2, "blue": 1}, {"red": 2, "blue": 1})
    assert "first line is taken as names" in " ".join(inputs.notes) and "ref, cur" in " ".join(inputs.notes)


def test_the_first_line_can_be_chosen_as_data():
    assert counts(one_file(RAW, first_line="data"))[0] == {"ref": 1, "red": 2, "blue": 1, "cur": 0}


def test_a_first_line_whose_words_occur_below_is_data():
    assert counts(one_file("red,blue\nred,red\nblue,red")) == ({"red": 2, "blue": 1}, {"red": 2, "blue": 1})


def test_two_lists_of_raw_categories_that_begin_alike_have_a_name():
    assert counts(two_files("paint\nred\nred\nblue", "paint\nblue\nred\nred")) == ({"red": 2, "blue": 1}, {"red": 2, "blue": 1})
    assert counts(two_files("red\nblue\nblue", "red\nblue\nred"))[0] == {"red": 1, "blue": 2}


@pytest.mark.parametrize("text", [",ref,cur\n0,red,blue\n1,red,red\n2,blue,red", "id,cur,ref\n1,red,red\n2,red,blue\n3,blue,red"])
def test_an_index_beside_raw_categories_is_left_out(text):
    assert counts(one_file(text)) == ({"red": 2, "blue": 1}, {"red": 2, "blue": 1})
