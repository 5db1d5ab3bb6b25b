"""What other programs print around their arrays, and how MATLAB writes a matrix."""

import numpy as np
import pytest

from pages.views.your_numbers.inputs import Piece, read_inputs
from pages.views.your_numbers.kinds import KINDS
from tests.pages.reading import one_file, two_files


def read(p: str, q: str, kind: str):
    return read_inputs(KINDS[kind], [Piece(p, "", "P"), Piece(q, "", "Q")])


def test_a_semicolon_in_brackets_ends_a_row():
    inputs = read("[0.1 0.2; 0.3 0.4]", "[0.5 0.2; 0.3 0.5]", "Rows of logits")
    assert inputs.p.values.tolist() == [[0.1, 0.2], [0.3, 0.4]] and inputs.q.values.tolist() == [[0.5, 0.2], [0.3, 0.5]]
    lines = read("a = [1, 2;\n 3, 4;]", "[0 0\n; 1 1]", "Rows of logits")
    assert lines.p.values.tolist() == [[1, 2], [3, 4]] and lines.q.values.tolist() == [[0, 0], [1, 1]]
    assert two_files("[40; 35]", "[30; 45]").p.vector.tolist() == [40, 35]


@pytest.mark.parametrize(
    "text",
    [
        "<tf.Tensor: shape=(2,), dtype=float64, numpy=array([0.1, 0.9])>",
        "<tf.Tensor: shape=(2,), dtype=float32, numpy=array([0.1, 0.9], dtype=float32)>",
        "<tf.Variable 'w:0' shape=(2,) dtype=float32, numpy=array([0.1, 0.9], dtype=float32)>",
        "tf.Tensor([0.1 0.9], shape=(2,), dtype=float64)",
    ],
)
def test_tensors_of_tensorflow_come_back(text):
    inputs = read(text, "0.5, 0.5", "Probabilities")
    assert inputs.p.vector.tolist() == [0.1, 0.9] and not inputs.p.names


def test_a_histogram_of_numpy_is_its_counts_named_by_their_bins():
    p, q = (repr(np.histogram(values, bins=[0.0, 1.0, 2.0])) for values in ([0.5, 0.6, 0.7, 1.5], [0.5, 1.5]))
    inputs = two_files(p, q)
    assert inputs.p.vector.tolist() == [3, 1] and inputs.q.vector.tolist() == [1, 1]
    assert inputs.p.names == ["[0., 1.)", "[1., 2.)"] and "histogram: 2 counts between 3 edges" in " ".join(inputs.notes)
    assert one_file("(array([40, 35]), array([30, 45]))").p.vector.tolist() == [40, 35]
