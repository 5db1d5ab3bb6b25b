"""Files and texts as people have them, through the one reader: the numbers that pandas, NumPy, torch and JSON wrote come back."""

import io
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pandas
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kl_core.estimates.estimators import ESTIMATORS, log_mean_k3
from pages.shared.reading.columns import array_block, matrix
from pages.shared.reading.read import read_tables
from pages.shared.style import UNITS
from pages.views.sample_estimates.token_extremes import beyond_floats, infinite_because, scientific
from pages.views.sample_estimates.token_file import read_tokens
from pages.views.your_numbers.inputs import Chosen, Inputs, Piece, read_inputs
from pages.views.your_numbers.kinds import KINDS

REPORTS = Path(__file__).parent / "reports"


def report(name: str) -> bytes:
    return (REPORTS / name).read_bytes()


def one_file(data: bytes | str, kind: str = "Counts", name: str = "", **chosen) -> Inputs:
    return read_inputs(KINDS[kind], [Piece(data, name, "The file")], Chosen(**chosen))


def two_files(p: bytes | str, q: bytes | str, kind: str = "Counts") -> Inputs:
    return read_inputs(KINDS[kind], [Piece(p, "p.csv", "P"), Piece(q, "q.csv", "Q")])


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


TOKENS = {
    "tok_mask.csv": (2, (-0.45, 0.1325, 0.167577732815323)),
    "tok_garbage_pad.csv": (2, (-0.45, 0.1325, 0.167577732815323)),
    "tok_null_first.jsonl": (2, (-0.45, 0.1325, 0.167577732815323)),
    "tok_quote.tsv": (4, (-0.275, 0.07875, 0.0974629228106523)),
}


@pytest.mark.parametrize("name", TOKENS)
def test_masks_nulls_and_quotation_marks_leave_the_tokens_that_count(name):
    tokens = read_tokens(report(name), name)
    count, means = TOKENS[name]
    assert len(tokens.log_p) == count
    assert [float(k(tokens.log_p, tokens.log_q).mean()) for k in ESTIMATORS.values()] == pytest.approx(means, rel=1e-12)
    assert tokens.notes


def test_a_placeholder_is_named_and_no_kl():
    tokens = read_tokens(report("tok_9999.csv"))
    assert tokens.log_q.tolist() == [-0.3]
    assert "-9999.0 under the reference is a placeholder" in tokens.notes[0]


def test_an_impossible_token_makes_the_kl_infinite_with_its_reason(visit):
    tokens = read_tokens(report("tok_neginf_ref.csv"))
    assert "token 2" in infinite_because(tokens) and "∞" in infinite_because(tokens)
    at = visit("sample_estimates", view="Your run")
    at.text_area(key="tokens_text").set_value(report("tok_neginf_ref.csv").decode()).run()
    assert "no probability" in at.error[0].value


def test_a_k3_beyond_the_floats_is_said():
    tokens = read_tokens(report("tok_overflow.csv"))
    assert float(ESTIMATORS["k1"](tokens.log_p, tokens.log_q).mean()) == pytest.approx(-266.633333333333, rel=1e-12)
    assert "8.22 × 10³⁴⁶" in beyond_floats(tokens, UNITS["nats"])
    assert beyond_floats(read_tokens(report("tok_mask.csv")), UNITS["nats"]) is None
    p, q = torch.tensor([-1.0, -2.0], dtype=torch.float64), torch.tensor([-1.5, -0.1], dtype=torch.float64)
    assert float(log_mean_k3(p, q).exp()) == pytest.approx(float(ESTIMATORS["k3"](p, q).mean()), rel=1e-12)
    assert scientific(0.0) == "1.00 × 10⁰"


NUMBERS = st.lists(st.floats(-1e9, 1e9, allow_subnormal=False), min_size=2, max_size=12)
WORDS = st.text(st.characters(codec="cp1252", exclude_categories=["C", "Z"], exclude_characters='"#'), min_size=1, max_size=8)


@settings(max_examples=150, deadline=None)
@given(
    p=NUMBERS,
    seed=st.integers(0, 9999),
    separator=st.sampled_from([",", ";", "\t", "|"]),
    decimal=st.sampled_from([".", ","]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    quoting=st.sampled_from([0, 1, 2]),
    index=st.booleans(),
    named=st.booleans(),
    ending=st.sampled_from(["\n", "\r\n"]),
)
def test_what_pandas_writes_comes_back(p, seed, separator, decimal, encoding, quoting, index, named, ending):
    if separator == "," and decimal == "," and quoting == 0:
        quoting = 1
    q = np.random.default_rng(seed).normal(size=len(p)).tolist()
    frame = pandas.DataFrame({"name": [f"Smith, J{i}; (0, {i}]" for i in range(len(p))]} if named else {})
    frame["P"], frame["Q"] = p, q
    written = io.BytesIO()
    frame.to_csv(written, sep=separator, decimal=decimal, encoding=encoding, quoting=quoting, index=index, lineterminator=ending)
    inputs = one_file(written.getvalue(), "Logits", "table.csv")
    assert inputs.p.vector.tolist() == p and inputs.q.vector.tolist() == q
    assert not named or inputs.p.names == frame["name"].tolist()


@settings(max_examples=80, deadline=None)
@given(names=st.lists(WORDS, min_size=2, max_size=8, unique=True), seed=st.integers(0, 99), separator=st.sampled_from([",", ";", "\t"]))
def test_counts_in_any_order_and_encoding_are_matched_by_name(names, seed, separator):
    counts = np.random.default_rng(seed).integers(1, 3000, len(names))
    names = [f"x{name}" for name in names]
    p = pandas.Series(counts, index=names, name="count")
    q = p.iloc[::-1] + 1
    encoding = "cp1252" if seed % 2 else "utf-8"
    inputs = two_files(*(one.to_csv(sep=separator, index_label="name").encode(encoding) for one in (p, q)))
    assert inputs.p.vector.tolist() == counts.tolist()
    assert (inputs.q.vector - inputs.p.vector).tolist() == [1.0] * len(names)


WRITERS = {
    "numpy print": lambda x: str(np.array(x)),
    "numpy repr": lambda x: repr(np.array(x)),
    "numpy 2 scalars": lambda x: str(list(np.array(x))),
    "numpy float32 repr": lambda x: repr(np.array(x, dtype=np.float32)),
    "torch": lambda x: repr(torch.tensor(x)),
    "torch parameter": lambda x: repr(torch.nn.Parameter(torch.tensor(x))),
    "torch with a gradient": lambda x: repr(torch.tensor(x, requires_grad=True) * 1),
    "python list": str,
    "python tuple": lambda x: str(tuple(x)),
    "json": json.dumps,
    "series": lambda x: str(pandas.Series(x)),
    "savetxt": lambda x: "\n".join(f"{one:.18e}" for one in x),
    "german": lambda x: "\n".join(str(one).replace(".", ",") for one in x),
    "percent": lambda x: "; ".join(f"{100 * one:.6f} %" for one in x),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_prints_of_lists_come_back(writer):
    x = [0.125, 0.5, 0.25, 0.0625, 0.0625]
    inputs = two_files(WRITERS[writer](x), ", ".join(map(str, x[::-1])), "Probabilities")
    assert inputs.p.vector.tolist() == pytest.approx(x, abs=1e-4 if "torch" in writer else 1e-12)


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


@pytest.mark.parametrize(
    ("p", "q"),
    [
        ("     40 red\n     35 blue\n", "     45 blue\n     30 red\n"),
        (
            " color | n\n-------+----\n red   | 40\n blue  | 35\n(2 rows)\n",
            " color | n\n-------+----\n blue  | 45\n red   | 30\n(2 rows)\n",
        ),
        ("color\nred     40\nblue    35\nName: count, dtype: int64", "color\nblue    45\nred     30\nName: count, dtype: int64"),
        ("Counter({'red': 40, 'blue': 35})", '{"blue": 45, "red": 30}'),
        ("red: 40\nblue: 35\n", "blue: 45\nred: 30\n"),
    ],
)
def test_counts_as_programs_print_them_are_matched_by_name(p, q):
    inputs = two_files(p, q)
    assert (inputs.p.names, inputs.p.vector.tolist(), inputs.q.vector.tolist()) == (["red", "blue"], [40, 35], [30, 45])


@pytest.mark.parametrize(
    ("p", "q"), [("[1] 0.4 0.6\n", "c(0.3, 0.7)"), ("p = [0.4 0.6];\n", "q = [0.3, 0.7];\n"), ("[0.4; 0.6]", "0,3, 0,7")]
)
def test_vectors_of_r_matlab_and_julia(p, q):
    inputs = two_files(p, q, "Probabilities")
    assert inputs.p.vector.tolist() == [0.4, 0.6] and inputs.q.vector.tolist() == [0.3, 0.7]


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


def test_a_batch_of_numbers_is_read_at_once():
    x = np.random.default_rng(0).normal(size=(8, 20_000))
    text = "\n".join(",".join(map(repr, row.tolist())) for row in x)
    assert np.array_equal(matrix(read_tables(text)[0], "P").values.numpy(), x)


DUMPS = {
    "verl": {"old_log_probs": [-0.5, -1.2], "ref_log_prob": [-0.3, -0.5], "response_mask": [1, 1], "rollout_log_probs": [-0.51, -1.19]},
    "a batch of verl": {"old_log_probs": [[-0.5], [-1.2, -9.0]], "ref_log_prob": [[-0.3], [-0.5, -1.0]], "response_mask": [[1], [1, 0]]},
    "slime": {"log_probs": [-0.5, -1.2, -3], "ref_log_probs": [-0.3, -0.5, -2], "loss_mask": [1, 1, 0], "reward": 1.5},
    "openrlhf": {"action_log_probs": [-0.5, -1.2], "base_action_log_probs": [-0.3, -0.5], "attention_mask": [0, 1, 1, 1]},
    "trl": {"logprobs": [-0.5, -1.2], "ref_logprobs": [-0.3, -0.5]},
    "openai": {
        "logprobs": {"content": [{"token": "the", "logprob": -0.5}, {"token": "cat", "logprob": -1.2}]},
        "ref_logprobs": [-0.3, -0.5],
    },
    "vllm": {
        "logprobs": [{"5": {"logprob": -0.5, "decoded_token": "the"}}, {"7": {"logprob": -1.2, "decoded_token": "cat"}}],
        "ref_logprobs": [-0.3, -0.5],
    },
}


@pytest.mark.parametrize("trainer", DUMPS)
def test_dumps_of_trainers_are_read(trainer, tmp_path):
    record = DUMPS[trainer]
    for text in (json.dumps(record), json.dumps([record])):
        tokens = read_tokens(text)
        assert tokens.log_p.tolist() == [-0.5, -1.2] and tokens.log_q.tolist() == [-0.3, -0.5]
    if not isinstance(record[next(iter(record))], dict) and "vllm" != trainer:
        pandas.DataFrame([record]).to_parquet(tmp_path / "dump.parquet")
        assert read_tokens((tmp_path / "dump.parquet").read_bytes(), "dump.parquet").log_p.tolist() == [-0.5, -1.2]


def test_tokens_with_commas_quotes_and_line_breaks_come_back():
    words = [",", '"', "a,b", "\n", "x"]
    frame = pandas.DataFrame({"token": words, "policy": [-0.5] * 5, "reference": [-0.25] * 5})
    for separator in ",;\t":
        tokens = read_tokens(frame.to_csv(sep=separator, index=False))
        assert tokens.text == words


def test_positions_count_within_each_sequence():
    tokens = read_tokens("sequence,policy,reference\na,-1,-1\nb,-1,-1\na,-1,-1\nb,-1,-1\na,-1,-1\n")
    assert tokens.position.tolist() == [0, 0, 1, 1, 2]


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


def two_pastes(p: str, q: str) -> Inputs:
    return read_inputs(KINDS["Counts"], [Piece(p, "", "P"), Piece(q, "", "Q")])
