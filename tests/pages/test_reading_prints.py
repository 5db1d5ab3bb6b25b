"""What pandas, Python, R, databases and shells print or write comes back as it was."""

import io
import json

import numpy as np
import pandas
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pages.reading import one_file, two_files

NUMBERS = st.lists(st.floats(-1e9, 1e9, allow_subnormal=False), min_size=2, max_size=12)
WORDS = st.text(st.characters(codec="cp1252", exclude_categories=["C", "Z"], exclude_characters='"#'), min_size=1, max_size=8)


@settings(max_examples=150)
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


@settings(max_examples=80)
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
