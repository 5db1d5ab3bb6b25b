"""Formulas in running text."""

import pytest

from pages.shared.typeset import typeset


@pytest.mark.parametrize(
    "text, expected",
    [
        ("k2: ∇KL(π‖π_ref)", r"k2: $\nabla\mathrm{KL}(\pi\,\Vert\,\pi_\text{ref})$"),
        ("KL(π_ref‖π) = 2", r"$\mathrm{KL}(\pi_\text{ref}\,\Vert\,\pi)$ = 2"),
        ("log π − log π_ref", r"log π − log $\pi_\text{ref}$"),
        ("KL(P‖Q), my_ref", "KL(P‖Q), my_ref"),
    ],
)
def test_the_subscript_of_the_reference_is_lowered_and_nothing_else_is_touched(text, expected):
    assert typeset(text) == expected
