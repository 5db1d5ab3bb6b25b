"""Runs compared at the same success, against lines drawn by hand."""

import math

import pytest
import torch

from kl_core.rlhf.forgetting import Moment
from kl_core.rlhf.matched_success import at_success


def moment(success: float, forgotten: float, kl: float = 0.0, kl_from_reference: float = 0.0) -> Moment:
    return Moment(0, {"sleep": success, "tea": 1.0}, kl, kl_from_reference, 1.0, forgotten, torch.zeros(1))


def test_between_two_moments_lies_a_straight_line():
    path = [moment(0.1, 0.0), moment(0.5, 0.2, 1.0, 2.0), moment(0.9, 0.6, 2.0, 6.0)]
    crossing = at_success(path, 0.6)
    assert [crossing.forgotten, crossing.kl, crossing.kl_from_reference] == pytest.approx([0.3, 1.25, 3.0])


def test_the_first_of_two_crossings_counts_and_a_run_may_never_get_there():
    path = [moment(0.1, 0.0), moment(0.6, 0.1), moment(0.2, 0.5), moment(0.7, 0.9)]
    assert at_success(path, 0.6).forgotten == pytest.approx(0.1)
    assert at_success(path, 0.8) is None and at_success(path[:1], 0.1) is None


def test_an_infinite_kl_beyond_the_crossing_does_not_count():
    path = [moment(0.1, 0.0), moment(0.5, 0.2, 1.0, 2.0), moment(0.9, 0.6, 2.0, math.inf)]
    assert at_success(path, 0.5).kl_from_reference == 2.0
    assert at_success(path, 0.6).kl_from_reference == math.inf


def test_a_success_is_a_probability():
    with pytest.raises(ValueError, match="success is 70"):
        at_success([], 70)
