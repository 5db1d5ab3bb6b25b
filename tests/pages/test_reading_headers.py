"""Where names stand in what people bring: in a first line above words, in an index, in a sheet's corner. None is thrown away."""

import io
import json

import pandas
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


SIDES = {"red": 40, "blue": 35}, {"blue": 45, "red": 30}


def parquet(frame: pandas.DataFrame) -> bytes:
    file = io.BytesIO()
    frame.to_parquet(file)
    return file.getvalue()


def workbook(*sheets: pandas.DataFrame, titles=("Sheet1", "Sheet2"), **options) -> bytes:
    file = io.BytesIO()
    with pandas.ExcelWriter(file) as writer:
        for title, sheet in zip(titles, sheets, strict=False):
            sheet.to_excel(writer, sheet_name=title, **options)
    return file.getvalue()


def counted(side: dict[str, int]) -> pandas.Series:
    return pandas.Series([name for name, count in side.items() for _ in range(count)]).value_counts()


@pytest.mark.parametrize(
    "written",
    [
        lambda series: parquet(series.to_frame()),
        lambda series: series.to_frame().to_json(orient="split"),
        lambda series: series.to_json(orient="split"),
        lambda series: json.dumps({"meta": {"run": 3}, "result": [{"name": name, "count": int(count)} for name, count in series.items()]}),
        lambda series: workbook(series.to_frame()),
    ],
    ids=["parquet", "split frame", "split series", "records beside meta", "workbook"],
)
def test_the_names_of_value_counts_are_kept_in_every_format(written):
    inputs = two_files(*(written(counted(side)) for side in SIDES))
    assert counts(inputs) == ({"red": 40, "blue": 35}, {"red": 30, "blue": 45})
    assert inputs.q.vector.tolist() == ([30, 45] if inputs.p.names == ["red", "blue"] else [45, 30])


TABLE = pandas.DataFrame({"name": ["red", "blue"], "ref": [40, 35], "cur": [30, 45]})
BOTH = ({"red": 40, "blue": 35}, {"red": 30, "blue": 45})


@pytest.mark.parametrize("options", [{}, {"index": False}, {"startrow": 3}, {"startrow": 3, "startcol": 2, "index": False}])
def test_a_sheet_is_read_wherever_its_table_stands(options):
    assert counts(one_file(workbook(TABLE, **options))) == BOTH


def test_the_sheet_with_numbers_is_read_and_said_and_another_can_be_chosen():
    remarks = pandas.DataFrame({"Remarks": ["see the next sheet"]})
    inputs = one_file(workbook(remarks, TABLE))
    assert counts(inputs) == BOTH and "“Sheet2” is read" in " ".join(inputs.notes)
    other = TABLE.assign(ref=[1, 2])
    assert counts(one_file(workbook(TABLE, other), sheet="Sheet2"))[0] == {"red": 1, "blue": 2}


@pytest.mark.parametrize(
    "text",
    [
        "Distribution report,,\n\nname,ref,cur\nred,40,30\nblue,35,45",
        "Distribution report\n\nname,ref,cur\nred,40,30\nblue,35,45",
        "Distribution report,,\nMay,,\nname,ref,cur\nred,40,30\nblue,35,45\n\nSource: ours,,",
    ],
)
def test_a_title_above_a_table_is_left_out_and_said(text):
    inputs = one_file(text)
    assert counts(inputs) == BOTH and "“Distribution report”" in " ".join(inputs.notes)
