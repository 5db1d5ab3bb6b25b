"""Files and texts as people have them, through the one reader: the numbers that pandas, NumPy, torch and JSON wrote come back."""

import json
from collections import Counter

import numpy as np
import pandas
import pytest
import torch

from pages.shared.reading.columns import array_block
from pages.shared.reading.read import _of_rows, read_tables
from pages.views.your_numbers.inputs import Chosen, Inputs, Piece, read_inputs
from pages.views.your_numbers.kinds import KINDS
from tests.pages.reading import one_file, report, two_files


def compared(inputs: Inputs, kind: str = "Counts"):
    return KINDS[kind].compare(inputs.p, inputs.q, [] if KINDS[kind].named else KINDS[kind].option and KINDS[kind].option[3])


def test_two_value_counts_are_matched_by_name():
    inputs = two_files(report("value_counts_p.csv"), report("value_counts_q.csv"))
    kl = compared(inputs).kl
    assert (kl.pq, kl.qp) == pytest.approx((0.334672683615636, 0.313700323827269), rel=1e-12)
    assert "matched by name" in " ".join(inputs.notes)


@pytest.mark.parametrize(
    ("name", "kind", "names", "kl"),
    [
        ("rfc_quotes.csv", "Counts", ["Smith, J", "Lee, K"], (0.0361503721098603, 0.0357158279878312)),
        ("thousands.csv", "Counts", ["red", "blue"], (0.0134981272426356, None)),
        ("intervals.csv", "Counts", ["(0, 10]", "(10, 20]"], (None, None)),
        ("pandas_index.csv", "Probabilities", [], (0.130812035941137, None)),
        ("records.json", "Counts", ["red", "blue"], (None, None)),
        ("cp1252.csv", "Counts", ["élan", "blé"], (None, None)),
        ("excel_row.txt", "Counts", [], (0.00319403264385038, None)),
    ],
)
def test_a_file_gives_its_names_whole_and_its_kl(name, kind, names, kl):
    inputs = one_file(report(name), kind, name)
    assert inputs.p.names == names
    result = compared(inputs, kind)
    for value, expected in zip((result.kl.pq, result.kl.qp), kl, strict=True):
        assert expected is None or value == pytest.approx(expected, rel=1e-12)
    if not names:
        assert result.rows.names == [str(i + 1) for i in range(len(result.rows.names))]


def test_rows_of_excel_can_be_pasted_into_one_box_or_two():
    lines = report("excel_row.txt").decode().splitlines()
    both = read_inputs(KINDS["Counts"], [Piece("\n".join(lines), "", "P"), Piece("5, 6", "", "Q")])
    apart = two_files(*(line.split(": ")[1] for line in lines))
    for inputs in (both, apart):
        assert inputs.p.vector.tolist() == [1234, 567, 89] and inputs.q.vector.tolist() == [1100, 600, 90]


@pytest.mark.parametrize("kind", ["Samples, by neighbours", "Samples, by histogram"])
def test_decimal_commas_in_samples_are_one_coordinate(kind):
    inputs = two_files(report("samples_decimal_comma_p.txt"), report("samples_decimal_comma_q.txt"), kind)
    assert inputs.p.values.shape == inputs.q.values.shape == (30, 1)
    assert inputs.p.values[:2, 0].tolist() == [0.3, 0.5]
    assert "decimal commas: 0,3 is read as 0.3" in " ".join(inputs.notes)
    cells = read_inputs(KINDS[kind], [Piece("0,3\n1,4", "", "P"), Piece("1,2\n3,4", "", "Q")], Chosen(commas="cells"))
    assert cells.p.values.tolist() == [[0, 3], [1, 4]]


@pytest.mark.parametrize(
    "text",
    [
        '[{"name": "red", "P": 40, "Q": 30}, {"name": "blue", "P": 35, "Q": 45}]',
        '{"name": "red", "P": 40, "Q": 30}\n{"name": "blue", "P": 35, "Q": 45}\n',
        '{"name": ["red", "blue"], "P": [40, 35], "Q": [30, 45]}',
        '{"P": {"red": 40, "blue": 35}, "Q": {"blue": 45, "red": 30}}',
        '{"columns": ["name", "P", "Q"], "data": [["red", 40, 30], ["blue", 35, 45]]}',
        "{'P': {'red': 40, 'blue': 35}, 'Q': {'red': np.int64(30), 'blue': 45}}",
        "P = {'red': 40, 'blue': 35}\nQ = {'blue': 45, 'red': 30}",
        "| name | P | Q |\n|---|---|---|\n| red | 40 | 30 |\n| blue | 35 | 45 |",
        "name\tP\tQ\nred\t40\t30\nblue\t35\t45\nTotal\t75\t75\n\t\t\n",
        ",P,Q,,\nred,40,30,,\nblue,35,45,,\n,,,,\n",
        "sep=;\nname;P;Q\nred;40;30\nblue;35;45\n",
        "name  P  Q\nred   40 30\nblue  35 45\n",
        "   name   P   Q\n0   red  40  30\n1  blue  35  45\n",
        "model,red,blue\nref,40,35\ncur,30,45\n",
        " name | P  | Q\n------+----+----\n red  | 40 | 30\n blue | 35 | 45\n(2 rows)\n",
        "+------+----+----+\n| name | P  | Q  |\n+------+----+----+\n| red  | 40 | 30 |\n| blue | 35 | 45 |\n+------+----+----+\n",
        '{"name": {"0": "red", "1": "blue"}, "P": {"0": 40, "1": 35}, "Q": {"0": 30, "1": 45}}',
        '{"red": {"ref": 40, "cur": 30}, "blue": {"ref": 35, "cur": 45}}',
        '{"result": {"P": {"red": 40, "blue": 35}, "Q": {"blue": 45, "red": 30}}}',
        pandas.DataFrame({"name": ["red", "blue"], "P": [40, 35], "Q": [30, 45]}).to_json(orient="table"),
        '"","name","P","Q"\n"1","red",40,30\n"2","blue",35,45\n',
    ],
)
def test_tables_come_back_however_they_are_laid_out(text):
    inputs = one_file(text)
    assert inputs.p.vector.tolist() == [40, 35] and inputs.q.vector.tolist() == [30, 45]
    assert inputs.p.names == ["red", "blue"]


def test_points_in_whole_counts_group_thousands_and_bins_printed_by_pandas_keep_their_names():
    inputs = one_file("name;P;Q\nred;1.234;3.456\nblue;12.345;4.567\n")
    assert inputs.p.vector.tolist() == [1234, 12345] and "1.234 is read as 1234" in " ".join(inputs.notes)
    frame = pandas.DataFrame({"ref": [40, 35], "cur": [30, 45]}, index=pandas.IntervalIndex.from_breaks([0, 10, 20]))
    assert one_file(str(frame)).p.names == ["(0, 10]", "(10, 20]"]


def test_raw_categories_are_counted():
    words = ["red", "blue", "red", "light green"]
    inputs = two_files("\n".join(words), "color\nblue\nblue\nred\nlight green")
    assert dict(zip(inputs.p.names, inputs.p.vector.tolist(), strict=True)) == Counter(words)
    assert inputs.q.vector.tolist() == [1, 2, 1]


def test_a_category_that_one_side_lacks_is_0_there_and_said():
    inputs = two_files("red,40\nblue,35", "blue,45\ngreen,5")
    assert inputs.p.vector.tolist() == [40, 35, 0] and inputs.q.vector.tolist() == [0, 45, 5]
    assert "P has no “green”" in " ".join(inputs.notes) and "Q has no “red”" in " ".join(inputs.notes)


def test_columns_can_be_chosen_where_there_are_several():
    text = "name,a,b,c\nx,1,2,3\ny,4,5,6\nz,7,8,9\n"
    assert one_file(text, p="b", q="c").p.vector.tolist() == [2, 5, 8]
    assert one_file("name,cur,old_p,ref\nx,1,2,3\ny,4,5,6\n").q.vector.tolist() == [1, 4]


def test_binary_files_come_back_in_their_own_precision(tmp_path):
    x = np.random.default_rng(0).normal(size=(4, 7)).astype(np.float16)
    np.save(tmp_path / "x.npy", x)
    (array,) = read_tables((tmp_path / "x.npy").read_bytes(), "x.npy")
    block = array_block(array, "P", one_vector=False)
    assert block.values.dtype == torch.float16 and block.values.tolist() == x.tolist()
    np.savez(tmp_path / "pq.npz", P=x[0], Q=x[1])
    inputs = one_file((tmp_path / "pq.npz").read_bytes(), "Logits", "pq.npz")
    assert inputs.q.vector.tolist() == x[1].tolist()
    for values in (torch.randn(3, 5).bfloat16(), torch.randn(3, 5)):
        kind = {torch.bfloat16: "BF16", torch.float32: "F32"}[values.dtype]
        body = values.view(torch.uint8).numpy().tobytes()
        header = json.dumps({"logits": {"dtype": kind, "shape": [3, 5], "data_offsets": [0, len(body)]}}).encode()
        (array,) = read_tables(len(header).to_bytes(8, "little") + header + body, "x.safetensors")
        assert torch.equal(array.values, values)
    for suffix, write in ((".xlsx", "to_excel"), (".parquet", "to_parquet")):
        frame = pandas.DataFrame({"name": ["red", "blue"], "P": [40, 35], "Q": [30.5, 45]})
        getattr(frame, write)(tmp_path / f"t{suffix}", index=False)
        assert one_file((tmp_path / f"t{suffix}").read_bytes(), "Probabilities", f"t{suffix}").q.vector.tolist() == [30.5, 45]


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"\x80\x04\x95", "x.pkl", "pickle"),
        (b"PK\x03\x04xx", "x.zip", "damaged"),
        (b"\x1f\x8b\x08", "x.csv.gz", "compressed"),
        (b"ab\0\1\2\3c", "x.csv", "zero bytes"),
        (b"\x93NUMPY\x01", "x.npy", "cannot be read"),
        (b"P,Q\n1,2\n3\n", "", "line 3 has 1 cell and the first line has 2"),
        (b"P,Q\n1,2\n3,x\n", "", "Q, line 3, column 2: “x” is no number"),
        (b'[{"P": 1, "Q": 2},\n{"P": 1 "Q": 2}]', "", "line 2, column 9"),
        (b"P,Q\n10%,20%\n90%,0.8\n", "", "Q, line 3, column 2: “0.8” has no percent sign"),
        (b"a\nb\n", "", "no column of numbers"),
        (b"", "", "empty"),
        (b"[" * 5000, "", "not closed"),
    ],
)
def test_what_cannot_be_read_gets_one_sentence(data, name, said):
    with pytest.raises(ValueError) as problem:
        one_file(data, "Probabilities", name)
    assert said in str(problem.value) and "\n" not in str(problem.value)


def test_a_word_that_both_columns_share_does_not_say_which_is_p():
    for header in ("model_a,model_b", "p_old,p_new", "a,b"):
        inputs = one_file(f"{header}\n1,2\n3,4\n")
        assert inputs.p.vector.tolist() == [1, 3] and inputs.q.vector.tolist() == [2, 4]
    assert one_file("model_cur,model_ref\n1,2\n3,4\n").p.vector.tolist() == [2, 4]


def test_a_row_of_another_length_is_named_by_its_place():
    with pytest.raises(ValueError, match="row 2 does not have 2 entries"):
        _of_rows([["a", 2], ["b"]], "The text")


def test_where_only_q_has_a_name_p_is_the_other_column():
    inputs = one_file("q,other\n3,1\n1,5\n")
    assert inputs.p.vector.tolist() == [1, 5] and inputs.q.vector.tolist() == [3, 1]
