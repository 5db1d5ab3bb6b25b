"""From a drawing to a distribution and to a text for a link, and back."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.distributions import Normal

from kl_core import kl_report
from kl_core.fits.drawing import FLOOR, KNOTS, drawing_from_text, drawing_to_text, drawn, drawn_from_levels, levels_of


def test_a_drawn_bell_is_nearly_the_bell():
    x = torch.linspace(-8, 8, KNOTS, dtype=torch.float64)
    p = drawn((-0.5 * ((x - 1) / 1.5) ** 2).exp())
    assert float(p.mean) == pytest.approx(1.0, abs=0.01) and float(p.variance) ** 0.5 == pytest.approx(1.5, abs=0.03)
    report = kl_report(p, Normal(torch.tensor(1.0).double(), torch.tensor(1.5).double()))
    assert float(report.value) < 0.005 and float(report.error) < 1e-12


@settings(max_examples=40)
@given(st.lists(st.integers(0, 63), min_size=5, max_size=110).filter(any))
def test_every_drawing_survives_its_link_exactly(levels):
    text = drawing_to_text(levels)
    assert len(text) <= 120 and text.replace("~", "").replace("-", "").replace("_", "").replace(".", "").isalnum()
    p, again = drawn_from_levels(levels), drawing_from_text(text)
    x = torch.linspace(-12, 12, 50, dtype=torch.float64)
    assert torch.equal(p.log_prob(x), again.log_prob(x))


def test_a_drawing_in_any_unit_is_the_same_and_nowhere_0():
    heights = torch.tensor([0, 0, 1.0, 4, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]).double()
    x = torch.linspace(-8, 8, 17, dtype=torch.float64)
    assert torch.equal(drawn(heights).log_prob(x), drawn(7 * heights).log_prob(x))
    density = drawn(heights).log_prob(x).exp()
    assert float(density.min() / density.max()) == pytest.approx(FLOOR, rel=1e-9)
    assert levels_of([0, 1, 4, 0, 0]) == [0, 32, 63, 0, 0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cannot be read"),
        ("AAAA", "cannot be read"),
        ("-8~8~AB", "5 to 110 letters"),
        ("-8~8~ABC!EF", "cannot be read"),
        ("x~8~ABCDEF", "ends of its axis"),
        ("8~-8~ABCDEF", "lower to a higher"),
        ("nan~8~ABCDEF", "lower to a higher"),
        ("-8~8~AAAAAA", "empty"),
        ("-8~8~" + "B" * 111, "cannot be read"),
        (None, "cannot be read"),
    ],
)
def test_a_link_that_is_no_drawing_gets_one_sentence(text, message):
    with pytest.raises(ValueError, match=message) as error:
        drawing_from_text(text)
    assert "\n" not in str(error.value) and str(error.value).endswith(".")


@pytest.mark.parametrize("heights", [[], [1, 2, 3], [0] * 9, [1, 2, float("nan"), 3, 4], [1, 2, -1, 3, 4], [float("inf")] * 5, [[1.0] * 5]])
def test_heights_that_are_no_drawing_are_refused(heights):
    with pytest.raises(ValueError):
        drawn(heights)
