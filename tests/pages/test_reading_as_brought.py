"""Tables as people have them, whose names, totals and marks were once lost or guessed in silence."""

import numpy as np
import pytest

from pages.views.your_numbers.inputs import Piece, read_inputs
from pages.views.your_numbers.kinds import KINDS
from tests.pages.reading import one_file, two_files

RED, BLUE = {"red": 40.0, "blue": 35.0}, {"red": 30.0, "blue": 45.0}


def sides(inputs):
    return tuple(dict(zip(inputs.p.names, side.vector.tolist(), strict=True)) for side in (inputs.p, inputs.q))


@pytest.mark.parametrize("quoted", ["'{}'", "“{}”", "„{}“"])
def test_a_name_between_other_quotation_marks_is_whole(quoted):
    lines = [f"{quoted.format(name)},{counts}" for name, counts in (("Smith, J", "40,30"), ("Lee, K", "35,45"))]
    assert one_file("name,ref,cur\n" + "\n".join(lines)).p.names == ["Smith, J", "Lee, K"]


def test_years_above_numbers_are_names_and_said():
    inputs = one_file("color,2023,2024\nred,40,30\nblue,35,45\n")
    assert sides(inputs) == (RED, BLUE) and "since it has years" in " ".join(inputs.notes)
    assert one_file("a,2001,2002\nb,2003,2004\nc,2005,2006").p.vector.tolist() == [2001, 2003, 2005]


@pytest.mark.parametrize(
    "rows",
    [
        "All,75,75\nred,40,30\nblue,35,45",
        "red,40,30\nTotal:,75,75\nblue,35,45",
        "red,40,30\nblue,35,45\n,75,75",
        "red,40,30\nblue,35,45\nSum of all,75,75",
    ],
)
def test_a_total_is_left_out_wherever_it_stands_and_said(rows):
    inputs = one_file("name,ref,cur\n" + rows)
    assert sides(inputs) == (RED, BLUE) and "is the sum of the others and left out" in " ".join(inputs.notes)


def test_a_total_that_is_no_sum_on_both_sides_is_kept_and_said():
    inputs = one_file("name,ref,cur\nred,40,30\nblue,35,45\nTotal,75,99")
    assert inputs.p.names == ["red", "blue", "Total"]
    assert "“Total” is not the sum of the others: it is kept as an outcome." in inputs.notes


def test_a_count_of_rows_before_fractions_is_an_index_without_a_header_too():
    inputs = one_file("0,.25,.5\n1,.5,.3\n2,.25,.2", "Probabilities")
    assert inputs.p.vector.tolist() == [0.25, 0.5, 0.25] and "0 to 2, is a row index" in inputs.notes[0]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0,1\n0.2\n0,7", "P, line 2, column 1: “0.2” has a decimal point, and others have decimal commas."),
        ("0,5\n0,4\n1.5e-05", "P, line 3, column 1: “1.5e-05” has a decimal point"),
    ],
)
def test_points_and_commas_of_two_conventions_are_an_error_with_its_place(text, why):
    with pytest.raises(ValueError, match=why):
        two_files(text, "0,2\n0,2\n0,6", "Probabilities")


@pytest.mark.parametrize("text", ["([0.1, 0.9], [0.3, 0.7])", "[0.1,0.9]\n[0.3,0.7]", "[[0.1, 0.9], [0.3, 0.7]]", "0.1 0.9\n0.3 0.7"])
def test_two_lists_of_two_are_p_and_q(text):
    inputs = one_file(text, "Probabilities")
    assert (inputs.p.vector.tolist(), inputs.q.vector.tolist()) == ([0.1, 0.9], [0.3, 0.7])


def test_two_lines_of_two_counts_are_said_to_be_columns():
    inputs = one_file("40 30\n35 45")
    assert inputs.p.vector.tolist() == [40, 35]
    assert inputs.notes == ["Two lines of two numbers: the first column is P, the second Q."]


def test_a_box_that_holds_both_says_that_the_other_is_not_read():
    boxes = [Piece(text, "", who) for text, who in (("P = 0.1 0.9\nQ = 0.3 0.7", "P"), ("1, 2", "Q"))]
    assert read_inputs(KINDS["Probabilities"], boxes).notes[-1] == "The box P holds both, P and Q; the box Q is not read."


@pytest.mark.parametrize(
    "text",
    [
        "+------+-----+\n| name | ref | cur |\n+------+-----+\n| red | 40 | 30 |\n| blue | 35 | 45 |\n+------+-----+\n2 rows in set\n",
        "       ref  cur\nname          \nred     40   30\nblue    35   45",
        "group,name,n\nref,red,40\nref,blue,35\ncur,blue,45\ncur,red,30\n",
    ],
    ids=["mysql", "a frame with a named index", "long form"],
)
def test_tables_as_programs_print_them_have_their_names(text):
    assert sides(one_file(text)) == (RED, BLUE)


def test_a_name_of_several_words_before_numbers_is_one_name():
    assert one_file("name ref cur\ndark red 40 30\nblue 35 45").p.names == ["dark red", "blue"]
    assert sides(two_files("\n red blue \n  40   35 ", "blue 45\nred 30"))[0] == RED


def test_keys_and_values_of_numpy_2_and_its_unique_are_read():
    keys = lambda counts: repr({np.str_(name): np.int64(count) for name, count in counts.items()})
    assert sides(two_files(keys(RED), keys(BLUE))) == (RED, BLUE)
    unique = [repr(np.unique(labels, return_counts=True)) for labels in ([3, 3, 4, 4, 4], [3, 4, 4, 4, 4])]
    assert sides(two_files(*unique)) == ({"3": 2, "4": 3}, {"3": 1, "4": 4})


@pytest.mark.parametrize(
    "text",
    ["import numpy as np\np = np.array([0.5, 0.5])\nq = np.array([0.25, 0.75])", "p = [1/2, 1/2]\nq = [1/4, 3/4]"],
)
def test_lines_of_code_around_two_lists_are_left_out(text):
    inputs = one_file(text, "Probabilities")
    assert (inputs.p.vector.tolist(), inputs.q.vector.tolist()) == ([0.5, 0.5], [0.25, 0.75])


def test_prompts_of_a_session_are_left_out():
    inputs = two_files(">>> p\narray([0.5, 0.5])", "In [3]: q\nOut[3]: tensor([0.2500, 0.7500])", "Probabilities")
    assert (inputs.p.vector.tolist(), inputs.q.vector.tolist()) == ([0.5, 0.5], [0.25, 0.75])


def test_labels_that_are_numbers_are_counted_and_said():
    inputs = one_file("y_true,y_pred\n0,1\n1,1\n2,2\n1,0\n")
    assert sides(inputs) == ({"0": 1, "1": 2, "2": 1}, {"0": 1, "1": 2, "2": 1})
    assert "4 entries of “y_true” are counted: 3 different ones." in inputs.notes
    assert one_file("y_true,y_pred\n5,1\n3,7\n2,2\n").p.vector.tolist() == [5, 3, 2]  # none comes again: counts


def test_one_letter_written_in_two_ways_is_one_name():
    assert sides(two_files("Ame\u0301lie,40\nb,35", "Am\u00e9lie,30\nb,45"))[1] == {"Amélie": 30, "b": 45}


@pytest.mark.parametrize("cell", ["1.2K", "$1234.50", "12 €", "125‰", "40 (57.1%)", "1/3"])
def test_what_was_meant_as_a_number_is_refused_at_its_place(cell):
    with pytest.raises(ValueError, match="The file, line 2, column 2: “.*” is no number"):
        one_file(f"name,ref,cur\nred,{cell},{cell}\nblue,{cell},{cell}", "Probabilities")
    with pytest.raises(ValueError, match="one line of words and no number"):
        one_file("name,ref,cur\n")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("name,ref,cur\nred,40,3,4\nblue,35,45\ngreen,3,4\n", "line 2 has 4 cells and the first line has 3"),
        ("name,ref,cur\nred,40\nblue,35,45\n", "line 2 has 2 cells and the first line has 3"),
    ],
)
def test_the_line_with_another_number_of_cells_is_named(text, why):
    with pytest.raises(ValueError, match=why):
        one_file(text)
