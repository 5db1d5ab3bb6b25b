"""The page "Your numbers" by AppTest: rows of logits and files of them, tails, and the smoothing of counts."""

import io
import math
from dataclasses import replace

import numpy as np
import pytest
import scipy.special
import scipy.stats

from pages.shared.reading.read import read_tables
from pages.views.your_numbers.inputs import Inputs, Piece, read_inputs
from pages.views.your_numbers.kinds import KINDS
from pages.views.your_numbers.scene import log_ticks
from tests.pages.conftest import numbers, scene, words

PAGE = "your_numbers"


def typed(p: str, q: str, kind: str = "Probabilities") -> Inputs:
    """What the two boxes give."""
    return read_inputs(KINDS[kind], [Piece(p, "", "P"), Piece(q, "", "Q")])


def test_two_files_of_logits_in_half_precision_give_a_quantised_copy_s_figures(visit):
    rng = np.random.default_rng(0)
    z = rng.normal(0, 3, (40, 1000)).astype(np.float32)
    files = []
    for name, values in (("original.npy", z), ("copy.npy", (z + rng.normal(0, 0.02, z.shape)).astype(np.float16))):
        file = io.BytesIO()
        np.save(file, values)
        files.append((name, file.getvalue(), "application/octet-stream"))
    at = visit(PAGE, given="Rows of logits")
    at.segmented_control(key="way").set_value("Open a file").run()
    at.file_uploader(key="own_files").set_value(files).run()
    assert not at.exception and not at.error
    p, q = (scipy.special.softmax(np.load(io.BytesIO(data)).astype(float), axis=-1) for _, data, _ in files)
    kl = scipy.stats.entropy(p, q, axis=-1)
    assert numbers(at)["kl_pq"] == pytest.approx(kl.mean(), rel=1e-9)
    told = words(at)
    for figure in ("Median", "99.9 %", "Same top class", "Mean Δp", "Perplexity ratio"):
        assert figure in told
    assert f"Largest (row {kl.argmax() + 1}" in told
    assert "| 95 % |" in told and "| 99 % |" not in told and "99 % and 99.9 % need at least 100 and 1,000 rows; here are 40" in told
    histogram = scene(at)["charts"]["histogram"]
    assert len(histogram["series"]) == 1 and len(histogram["x_ticks"]) > 1


@pytest.mark.parametrize("low, high", [(-3.2, -1.9), (-2.4, -2.1), (-2.350, -2.349), (-30.5, 2.0), (0.1, 0.9)])
def test_an_axis_of_logarithms_names_two_numbers_or_more_where_they_stand(low, high):
    told = log_ticks(low, high)
    assert 2 <= len(told) <= 9 and all(low <= at <= high for at, _ in told)
    for at, name in told:
        digits, _, power = name.replace("10", "1 × 10", 1 if name.startswith("10") else 0).partition(" × 10")
        value = float(digits) * 10.0 ** int(power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")) or 0)
        assert math.log10(value) == pytest.approx(at, abs=5e-3)


def test_top_log_probabilities_keep_their_tail(printed):
    log_p, log_q = "a,-0.5\nb,-1.5\nc,-2.5", "b,-1.2\na,-0.9\nd,-2.0"
    kind = KINDS["Log-probabilities of the top classes"]
    inputs = typed(log_p, log_q, "Log-probabilities of the top classes")
    result = kind.compare(inputs.p, inputs.q, [])
    # Of a, b and all others, written out: c and d are listed on one side only.
    p, q = [math.exp(-0.5), math.exp(-1.5)], [math.exp(-0.9), math.exp(-1.2)]
    p, q = [*p, 1 - sum(p)], [*q, 1 - sum(q)]
    assert result.kl.pq == pytest.approx(sum(a * math.log(a / b) for a, b in zip(p, q, strict=True)), rel=1e-12)
    assert result.rows.names == ["a", "b", "all others"]
    assert any("rest is one more outcome" in said for said in result.warnings) and any("2 classes are listed" in s for s in result.warnings)
    assert "among all others" in " ".join(inputs.notes)
    assert f"{result.kl.pq:.6g}" in printed(result.code)


def test_smoothing_of_counts_is_chosen_and_said(visit):
    page = visit(PAGE, given="Counts", p_numbers="10, 0, 30", q_numbers="5, 5, 10")
    assert any("∞" in (part.value or "") for part in page.caption)
    page.number_input(key="smoothing").set_value(0.5).run()
    assert not page.exception
    said = " ".join(part.value for part in page.caption)
    assert "0.5 is added to every count" in said and "∞" not in said
    table = " ".join(part.value for part in page.markdown)
    assert "PSI = KL(P‖Q) + KL(Q‖P), 0.5 added to every count" in table


def test_many_rows_of_logits_tell_their_progress_are_compared_once_and_can_be_left(visit, monkeypatch):
    calls = []
    monkeypatch.setattr("pages.views.your_numbers.comparing.LONG", 1000)
    real = KINDS["Rows of logits"].compare

    def counted(*arguments, missing, progress=lambda share: None):
        calls.append(0.0)
        return real(*arguments, progress=lambda share: (calls.append(share), progress(share)))

    monkeypatch.setitem(KINDS, "Rows of logits", replace(KINDS["Rows of logits"], compare=counted))
    rng = np.random.default_rng(0)
    files = []
    for name in ("p.npy", "q.npy"):
        file = io.BytesIO()
        np.save(file, rng.normal(size=(8, 200)).astype(np.float16))
        files.append((name, file.getvalue(), "application/octet-stream"))
    at = visit(PAGE, given="Rows of logits")
    at.segmented_control(key="way").set_value("Open a file").run()
    calls.clear()
    at.file_uploader(key="own_files").set_value(files).run()
    assert not at.exception and numbers(at)["kl_pq"] > 0
    assert calls[0] == 0.0 and calls[-1] == 1.0 and len(calls) == 3
    at.run()
    assert len(calls) == 3  # the same numbers are not compared again
    key = at.session_state["own_compared"][0]
    at.session_state["own_compared"], at.session_state["own_cancelled"] = None, key  # as Cancel leaves it
    at.run()
    assert "Cancelled" in words(at) and "still show the numbers before" in words(at) and len(calls) == 3
    at.button(key="compare_again").click().run()
    assert "Cancelled" not in words(at) and "still show" not in words(at) and len(calls) == 6


def test_arrays_of_a_file_are_the_file_s_own_bytes():
    file = io.BytesIO()
    np.save(file, np.arange(12, dtype=np.float16).reshape(3, 4))
    data = file.getvalue()
    (array,) = read_tables(data, "x.npy")
    assert array.values.data_ptr() == np.frombuffer(data, np.uint8).ctypes.data + len(data) - 24
    transposed = io.BytesIO()
    np.save(transposed, np.asfortranarray(np.arange(12.0).reshape(3, 4)))
    assert read_tables(transposed.getvalue(), "x.npy")[0].values.tolist() == np.arange(12.0).reshape(3, 4).tolist()


def test_rows_of_one_kl_have_no_interval_of_rounding():
    rows = "2, 1, 0\n1, 0, 2\n0, 2, 1"
    result = KINDS["Rows of logits"].compare(*_sides(rows, "1, 1, 1\n0, 0, 0\n2, 2, 2"), None)
    assert result.kl.said.endswith("the same in every row") and not any("`" in said for said in result.warnings)
    same = KINDS["Rows of logits"].compare(*_sides(rows, rows), None)
    assert "±" not in same.kl.said + "".join(measure.title for measure in same.measures)


def _sides(p: str, q: str):
    inputs = typed(p, q, "Rows of logits")
    return inputs.p, inputs.q
