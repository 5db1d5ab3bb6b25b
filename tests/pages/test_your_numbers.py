"""The page "Your numbers" by AppTest: every kind, extremes, bad input, bad links, 150,000 classes."""

import numpy as np
import pytest
import scipy.special
import scipy.stats
import torch
from torch.distributions import MultivariateNormal, kl_divergence

from pages.frame.presets.examples import EXAMPLES, example_of
from pages.shared.reading.columns import Block
from pages.shared.style import UNITS
from pages.views.your_numbers.inputs import Inputs, Piece, read_inputs
from pages.views.your_numbers.kinds import KINDS
from pages.views.your_numbers.others import samples_by_histogram
from pages.views.your_numbers.scene import own_csv, own_scene
from pages.views.your_numbers.vectors import logits
from tests.pages.conftest import numbers, scene, words

PAGE = "your_numbers"


def typed(p: str, q: str, kind: str = "Probabilities") -> Inputs:
    """What the two boxes give."""
    return read_inputs(KINDS[kind], [Piece(p, "", "P"), Piece(q, "", "Q")])


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_opens_by_its_link_and_its_program_prints_the_number(visit, printed, name):
    at = visit(PAGE, **EXAMPLES[name].link())
    assert not at.error
    kl = numbers(at)["kl_pq"]
    assert kl >= 0
    example = EXAMPLES[name]
    kind = KINDS[example.kind]
    option = [] if kind.named else kind.option and kind.option[3]
    inputs = typed(example.p, example.q, example.kind)
    result = kind.compare(inputs.p, inputs.q, option)
    assert result.kl.pq == kl
    said = printed(result.code)
    assert f"{kl:.4g}"[:4].rstrip("0") in said.replace("e+00", "")


def test_the_worked_example_says_what_is_published(visit):
    shown = numbers(visit(PAGE))
    assert shown["kl_pq"] == pytest.approx(0.0207, abs=5e-5)
    assert shown["kl_qp"] == pytest.approx(0.0205, abs=5e-5)


def test_near_equal_numbers_show_what_usual_code_would_have_said(visit):
    at = visit(PAGE, **EXAMPLES["A quantised copy"].link())
    assert "Library calls go wrong" in words(at)
    assert "F.kl_div" in words(at)
    assert 0 < numbers(at)["kl_pq"] < 1e-13
    assert "Library calls go wrong" not in words(visit(PAGE))


def test_a_zero_names_the_outcome_that_makes_it_infinite(visit):
    at = visit(PAGE, **EXAMPLES["A zero in Q"].link())
    assert "“fish”" in words(at)
    assert numbers(at)["kl_pq"] == float("inf")
    assert numbers(at)["kl_qp"] < 1


def test_two_gaussians_agree_with_torch_and_their_directions_sum_to_the_kl(visit):
    at = visit(PAGE, **EXAMPLES["Two Gaussians"].link())
    p, q = (
        MultivariateNormal(torch.zeros(2), torch.tensor([[1, 0.8], [0.8, 1]])),
        MultivariateNormal(torch.tensor([0.5, 0.0]), torch.eye(2)),
    )
    assert numbers(at)["kl_pq"] == pytest.approx(float(kl_divergence(p, q)), rel=1e-5)
    inputs = typed(EXAMPLES["Two Gaussians"].p, EXAMPLES["Two Gaussians"].q, "Gaussians")
    compared = KINDS["Gaussians"].compare(inputs.p, inputs.q, None)
    assert float(compared.rows.to_pq.sum()) == pytest.approx(compared.kl.pq, rel=1e-12)
    assert float(compared.rows.to_qp.sum()) == pytest.approx(compared.kl.qp, rel=1e-12)


BAD = [
    ("Probabilities", "0.3, abc, 0.2", "0.1, 0.2, 0.7", "P, line 1, column 2: “abc” is no number."),
    ("Probabilities", "0.3\n0.5\nx0.2", "0.1, 0.2, 0.7", "P, line 3, column 1"),
    ("Probabilities", "0.3, -0.5", "0.1, 0.9", "P, line 1, column 2: −0.5000 cannot be"),
    ("Probabilities", "0.3, 0.7", "0.1, 0.2, 0.7", "P has 2 numbers and Q has 3"),
    ("Probabilities", "0, 0", "0.1, 0.9", "P is 0 everywhere"),
    ("Probabilities", "nan, 1", "0.1, 0.9", "P, line 1, column 1 is “nan”, which is no number"),
    ("Probabilities", "", "0.1, 0.9", "P is empty"),
    ("Probabilities", "name,p\n\na,0.3\nb,-0.5", "0.1, 0.9", "P, line 4, column 2: −0.5000 cannot be"),
    ("Probabilities", "\n\n0.3\nabc", "0.1, 0.9", "P, line 4, column 1: “abc” is no number."),
    ("Rows of logits", "\n[[1, 2],\n [abc, 4]]", "1, 2\n3, 4", "P, line 3, column 1: “abc” is no number."),
    ("Probabilities", "0.3, 1e400", "0.1, 0.9", "P, line 1, column 2: “1e400” is too large"),
    ("Probabilities", "20%, 0.8", "0.1, 0.9", "P, line 1, column 2: “0.8” has no percent sign"),
    ("Probabilities", "0.3\n\n1e5x\n", "0.1, 0.9", "P, line 3, column 1: “1e5x” is no number"),
    ("Probabilities", "O.2\n0.3\n0.5", "0.1, 0.2, 0.7", "P, line 1, column 1: “O.2” is no number"),
    ("Probabilities", "null\n0.3\n0.5", "0.1, 0.9", "P, line 1, column 1 is “null”, which is no number"),
    ("Probabilities", "[0.1, ", "0.1, 0.9", "P, line 1: the bracket “[” is not closed"),
    ("Probabilities", "[0.1] 0.2", "0.1, 0.9", "P, line 1: the list ends before the text does"),
    ("Rows of logits", "[[1, 2], 5, [3, 4]]", "1, 2", "both inside and outside"),
    ("Probabilities", "[[[0.1, 0.2]]]", "0.1, 0.9", "list of lists of lists"),
    ("Probabilities", "tensor([0.1, 0.2, ..., 0.3])", "0.1, 0.9", "P, line 1, column 3: “...” is no number. The list was shortened"),
    ("Logits", "inf, 1", "0, 1", "+inf"),
    ("Logits", "-inf, -inf", "0, 1", "masked entirely"),
    ("Counts", "1.5, 2", "3, 4", "whole numbers"),
    ("Samples, by neighbours", "1, 1, 1", "2, 3, 4", "at least"),
    ("Samples, by histogram", "1, 2\n3, 4", "1, 2\n3, 4", "single numbers"),
    ("Gaussians", "0, 0\n1, 0", "0, 0\n1, 0\n0, 1", "P has 2 rows"),
    ("Gaussians", "0, 0\n1, 0.5\n0.4, 1", "0, 0\n1, 0\n0, 1", "not symmetric"),
    ("Gaussians", "0, 0\n1, 2\n2, 1", "0, 0\n1, 0\n0, 1", "not positive definite"),
    ("Rows of logits", "1, 2\n3", "1, 2\n3, 4", "P, line 2 has 1 cell and the first line has 2"),
]


@pytest.mark.parametrize(("kind", "p", "q", "said"), BAD, ids=[one[-1] for one in BAD])
def test_bad_input_gets_one_sentence_and_stays_where_it_is(visit, kind, p, q, said):
    at = visit(PAGE, given=kind, p_numbers=p or " ", q_numbers=q)
    assert len(at.error) == 1
    assert said in at.error[0].value.replace("\\", "")  # Markdown's own marks are escaped
    assert at.text_area(key="p_numbers").value == (p or " ")


def test_after_bad_input_the_last_good_picture_stays(visit):
    at = visit(PAGE)
    before = numbers(at)
    at.text_area(key="p_numbers").set_value("0.3, oops").run()
    assert at.error
    assert numbers(at) == before


@pytest.mark.parametrize("query", [{"given": "Nonsense"}, {"unit": "miles"}])
def test_a_link_that_asks_in_vain_is_told(visit, query):
    assert "cannot be shown" in words(visit(PAGE, **query))


def test_150_000_classes_go_through_and_the_browser_gets_the_largest_only():
    rng = np.random.default_rng(0)
    z = rng.normal(0, 3, (2, 150_000))
    texts = ["\n".join(map(repr, row.tolist())) for row in z]
    inputs = typed(*texts, "Logits")
    compared = logits(inputs.p, inputs.q, [])
    soft = np.exp(z - z.max(1, keepdims=True))
    assert compared.kl.pq == pytest.approx(scipy.stats.entropy(*(soft / soft.sum(1, keepdims=True))), rel=1e-9)
    assert len(str(own_scene(compared, UNITS["nats"]))) < 50_000
    assert own_csv(compared).count("\n") > 150_000


def test_a_file_of_columns_with_names_and_a_header_is_read():
    inputs = read_inputs(KINDS["Probabilities"], [Piece("word,P,Q\ncat,0.5,0.25\ndog,0.5,0.75\n", "", "The file")])
    p, q = inputs.p, inputs.q
    assert p.names == q.names == ["cat", "dog"]
    assert p.vector.tolist() == [0.5, 0.5]
    assert q.vector.tolist() == [0.25, 0.75]


@pytest.mark.parametrize(
    "text",
    [
        "1,2,3",
        "1;2;3",
        "1\t2\t3",
        "1 2 3",
        "1\n2\n3",
        "[1, 2, 3]",
        "1, 2, 3,",
        "a 1\nb 2\nc 3",
        "−1, 2, 3",
        "p\n1\n2\n3",
        "name,p\na,1\nb,2\nc,3",
        "[1. 2. 3.]",
        "tensor([1., 2., 3.])",
        "torch.tensor([1, 2,\n  3.], dtype=torch.float64)",
        "array([[1., 2., 3.]])",
    ],
)
def test_numbers_are_read_however_they_are_divided(text):
    assert typed(text, "1, 2, 3", "Logits").p.vector.abs().tolist() == [1.0, 2.0, 3.0]


def test_long_numbers_stay_out_of_the_link_and_that_is_said(visit):
    at = visit(PAGE)
    long = ", ".join(["0.001"] * 400)
    at.text_area(key="p_numbers").set_value(long)
    at.text_area(key="q_numbers").set_value(long.replace("0.001", "0.002", 1)).run()
    assert "too many for a link" in words(at)
    assert "p_numbers" not in at.query_params


def test_the_table_holds_the_boxes_numbers(visit):
    at = visit(PAGE)
    at.segmented_control(key="way").set_value("Edit as a table").run()
    assert not at.exception
    assert numbers(at)["kl_pq"] == pytest.approx(0.0207, abs=5e-5)


def test_in_bits_everything_is_in_bits(visit):
    at = visit(PAGE, unit="bits")
    assert "bits" in words(at)
    assert scene(at)["unit"]["name"] == "bits"


def test_150_000_classes_pasted_into_the_boxes_are_compared(visit):
    z = np.random.default_rng(1).normal(0, 3, (2, 150_000))
    at = visit(PAGE, given="Logits")
    for key, row in zip(("p_numbers", "q_numbers"), z, strict=True):
        text = "\n".join(map(repr, row.tolist()))
        box = at.text_area(key=key)
        assert not box.proto.max_chars  # beyond such a limit the browser drops a paste without a word
        box.set_value(text)
    at.run()
    assert not at.error
    soft = np.exp(z - z.max(1, keepdims=True))
    assert numbers(at)["kl_pq"] == pytest.approx(scipy.stats.entropy(*(soft / soft.sum(1, keepdims=True))), rel=1e-9)
    assert "too many for a link" in words(at)


def test_a_file_gives_its_names_to_the_warnings(visit):
    at = visit(PAGE)
    at.segmented_control(key="way").set_value("Open a file").run()
    at.file_uploader(key="own_files").set_value([("pets.csv", b"word,P,Q\ncat,0.5,1\ndog,0.5,0\n", "text/csv")]).run()
    assert numbers(at)["kl_pq"] == float("inf")
    assert "“dog”" in words(at)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"word,P,Q\ncat,0.5,1\ndog,0.5,-1\n", "Q, line 3, column 3: −1.000 cannot be"),
        (b"\nP,Q\n\n-0.5,0.5\n0.5,0.5\n", "P, line 4, column 1: −0.5000 cannot be"),
    ],
)
def test_what_is_wrong_in_a_file_has_the_file_s_own_line_and_column(visit, text, said):
    at = visit(PAGE)
    at.segmented_control(key="way").set_value("Open a file").run()
    at.file_uploader(key="own_files").set_value([("pets.csv", text, "text/csv")]).run()
    assert said in at.error[0].value


def test_logits_far_apart_have_a_finite_kl_and_no_sentence_says_otherwise(visit):
    at = visit(PAGE, **EXAMPLES["Logits far apart"].link())
    assert numbers(at) == {"kl_pq": 2000.0, "kl_qp": 2000.0}
    assert "= ∞" not in words(at).replace("`", "").split("Usual code")[0]
    inputs = typed("1000, 0, -1000", "-1000, 0, 1000", "Logits")
    result = logits(inputs.p, inputs.q, [])
    assert float(result.rows.to_pq.sum()) == float(result.rows.to_qp.sum()) == 2000.0
    renyi = {measure.title: measure.pq for measure in result.measures}["Rényi, α = 0.5"]
    assert renyi == pytest.approx(2000 - 2 * np.log(3), rel=1e-12)  # −2·log(3·e^−1000)


def test_a_zero_of_p_leaves_the_forward_kl_finite_and_no_running_sum_of_the_infinite_one(visit):
    at = visit(PAGE, p_numbers=".2, .3, .5, 0", q_numbers=".25, .25, .25, .25")
    told = numbers(at)
    assert told["kl_qp"] == np.inf
    assert told["kl_pq"] == pytest.approx(float(sum(p * np.log(4 * p) for p in (0.2, 0.3, 0.5))), rel=1e-12)
    assert "KL(Q‖P) = ∞: P gives “4” no probability" in words(at) and "KL(P‖Q) = ∞" not in words(at)
    share = scene(at)["charts"]["share"]["series"]
    assert len(share[0]["x"]) > 0 and len(share[1]["x"]) == 0


@pytest.mark.parametrize("kind", ["Counts", "Gaussians", "Logits", "Samples, by histogram", "Rows of logits"])
def test_a_kind_chosen_while_an_example_stands_brings_an_example_of_its_own(kind, visit):
    at = visit(PAGE)
    at.selectbox(key="given").set_value(kind).run()
    assert not at.exception and not at.error
    assert at.text_area(key="p_numbers").value == example_of(kind, "0.3, 0.5, 0.2", "0.35, 0.4, 0.25").p
    assert not visit(PAGE, given=kind).error


def test_a_visitors_own_numbers_stay_when_another_kind_is_chosen(visit):
    at = visit(PAGE, p_numbers="0.1, 0.9", q_numbers="0.4, 0.6")
    at.selectbox(key="given").set_value("Logits").run()
    assert at.text_area(key="p_numbers").value == "0.1, 0.9" and not at.error


@pytest.mark.parametrize(("p", "q", "direction"), [("0\n1\n2", "0\n-inf\n2", "KL(P‖Q)"), ("0\n-inf\n2", "0\n1\n2", "KL(Q‖P)")])
def test_a_class_that_only_one_side_masks_makes_one_direction_infinite(p, q, direction):
    inputs = typed(p, q, "Logits")
    infinite = [sentence for sentence in logits(inputs.p, inputs.q, ["a", "b", "c"]).warnings if "= ∞" in sentence]
    assert len(infinite) == 1 and infinite[0].startswith(f"{direction} = ∞: ")


@pytest.mark.parametrize(("q", "infinite"), [((0.1, 0.9, 0.2, 1.0), False), ((5.0, 6.0, 7.0, 8.0), True)])
def test_a_histogram_says_when_an_empty_bin_makes_the_kl_infinite(q, infinite):
    block = lambda values: Block(torch.tensor(values, dtype=torch.float64).unsqueeze(-1), [], lambda row, _: f"entry {row + 1}")
    warnings = samples_by_histogram(block((0.0, 0.1, 0.8, 1.0)), block(q), 2).warnings
    assert any(sentence.startswith("A bin that one sample fills") for sentence in warnings) == infinite
