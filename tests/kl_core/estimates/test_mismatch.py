"""A sampler that is not quite the trainer: against closed forms for one token, mpmath's sums, and drawn sequences."""

import math

import mpmath
import pytest
import torch

from kl_core.estimates.estimators import ESTIMATORS, categorical_errors
from kl_core.estimates.mismatch import IMPORTANCE, mismatch_curve, mismatch_errors, mismatched, rounded_sampler

LOGITS = torch.tensor([1.2, 0.1, -0.7], dtype=torch.float64)
POLICY, REFERENCE = LOGITS.log_softmax(-1), torch.tensor([0.3, 0.3, 0.4], dtype=torch.float64).log()
SAMPLER = mismatched(LOGITS, 0.3, seed=1)


def test_without_mismatch_every_weighting_has_the_usual_errors():
    usual = categorical_errors(POLICY, REFERENCE)
    computed = mismatch_errors(POLICY, REFERENCE, POLICY)
    assert computed.mismatch == pytest.approx(0, abs=1e-15) and set(computed.errors) == set(IMPORTANCE)
    for weighting in IMPORTANCE:
        for name, error in usual.items():
            assert float(computed.errors[weighting][name].bias) == pytest.approx(float(error.bias), abs=1e-14)
            assert float(computed.errors[weighting][name].sd) == pytest.approx(float(error.sd), rel=1e-12)
        assert computed.effective[weighting] == pytest.approx(1)


def test_the_bias_without_weights_is_what_mpmath_adds_up():
    with mpmath.workdps(40):
        p, q, m = ([mpmath.mpf(x) for x in one.exp().tolist()] for one in (POLICY, REFERENCE, SAMPLER))
        kl = sum(a * mpmath.log(a / b) for a, b in zip(p, q, strict=True))
        k3 = sum(c * (b / a - 1 - mpmath.log(b / a)) for a, b, c in zip(p, q, m, strict=True))
        bias = float(k3 - kl)
    found = mismatch_errors(POLICY, REFERENCE, SAMPLER, length=4)
    assert float(found.errors["none"]["k3"].bias) == pytest.approx(4 * bias, rel=1e-11)


@pytest.mark.parametrize("length", [1, 3])
def test_weights_take_the_bias_of_k1_and_k3_away_and_a_cap_brings_some_back(length):
    computed = mismatch_errors(POLICY, REFERENCE, SAMPLER, length=length, cap=1.1)
    for weighting in ("token", "sequence"):
        assert computed.mean_weight[weighting] == pytest.approx(1, rel=1e-12)
        for name in ("k1", "k3"):
            assert float(computed.errors[weighting][name].bias) == pytest.approx(0, abs=1e-13)
    assert abs(float(computed.errors["none"]["k1"].bias)) > 1e-3 and abs(float(computed.errors["truncated"]["k1"].bias)) > 1e-5
    assert computed.mean_weight["truncated"] < 1


def test_weights_of_whole_sequences_grow_noisier_with_the_length_and_a_cap_holds_them():
    short, long = (mismatch_errors(POLICY, REFERENCE, mismatched(LOGITS, 2.0, 1), length=length, cap=2.0) for length in (1, 8))
    assert long.effective["sequence"] < 0.5 * short.effective["sequence"] < 0.5
    assert float(long.errors["truncated"]["k1"].sd) < float(long.errors["sequence"]["k1"].sd)
    # of independent tokens, weights multiply: the effective share is the token's to the power of the length
    assert long.effective["sequence"] == pytest.approx(short.effective["sequence"] ** 8, rel=1e-10)


def test_drawn_sequences_have_the_mean_and_the_spread_computed():
    computed = mismatch_errors(POLICY, REFERENCE, SAMPLER, length=3, cap=1.2)
    drawn = torch.multinomial(SAMPLER.exp(), 3 * 50_000, replacement=True, generator=torch.Generator().manual_seed(0)).view(-1, 3)
    weight = (POLICY - SAMPLER)[drawn].sum(-1).exp().clamp(max=1.2)
    for name, estimator in ESTIMATORS.items():
        value = weight * estimator(POLICY[drawn], REFERENCE[drawn]).sum(-1)
        error = computed.errors["truncated"][name]
        assert abs(float(value.mean()) - computed.kl - float(error.bias)) < 4 * float(error.sd) / math.sqrt(50_000)
        assert float(value.std()) == pytest.approx(float(error.sd), rel=0.03)


def test_the_curve_starts_without_mismatch_and_the_bias_grows_with_it():
    curve = mismatch_curve(LOGITS, REFERENCE, [0.0, 0.1, 0.2, 0.4], length=3)
    assert curve[0].mismatch == 0 and all(a.mismatch < b.mismatch for a, b in zip(curve, curve[1:], strict=False))
    bias = [abs(float(one.errors["none"]["k1"].bias)) for one in curve]
    assert bias[0] == pytest.approx(0, abs=1e-14) and bias == sorted(bias)


def test_bfloat16_changes_the_sampler_a_little_and_float32_hardly():
    logits = torch.tensor([3.1416, 0.7071, -2.7183], dtype=torch.float64)
    off = lambda dtype: float((rounded_sampler(logits, dtype) - logits.log_softmax(-1)).abs().max())
    assert 1e-4 < off(torch.bfloat16) < 2e-2 and off(torch.float32) < 1e-6


@pytest.mark.parametrize(("name", "changes"), [("cap", {"cap": 0.0}), ("length", {"length": 0}), ("length", {"length": 20})])
def test_bad_arguments_are_named(name, changes):
    with pytest.raises(ValueError, match=f"{name} is"):
        mismatch_errors(POLICY, REFERENCE, SAMPLER, **changes)
