"""Estimators where some entries do not count, or cannot be: masks, NaN, −inf, and means beyond the floats."""

import math

import pytest
import torch

from kl_core.estimates.estimators import ESTIMATORS, log_mean_k3
from kl_core.estimates.token_kl import token_kl

GARBAGE = [float("nan"), -torch.inf, -1e30, 5.0]


@pytest.mark.parametrize("name", ESTIMATORS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_masked_entries_cost_nothing_and_have_no_gradient(name, dtype):
    log_p = torch.tensor([-0.5, -1.2, *GARBAGE], dtype=dtype, requires_grad=True)
    log_q = torch.tensor([-0.3, -0.5, *GARBAGE[::-1]], dtype=dtype, requires_grad=True)
    mask = torch.tensor([1, 1, 0, 0, 0, 0])
    value = ESTIMATORS[name](log_p, log_q, mask)
    assert value[2:].tolist() == [0.0] * 4
    value.sum().backward()
    alone = [log.detach()[:2].requires_grad_() for log in (log_p, log_q)]
    ESTIMATORS[name](*alone).sum().backward()
    for log, short in zip((log_p, log_q), alone, strict=True):
        assert log.grad.tolist() == [*short.grad.tolist(), 0.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("name", ESTIMATORS)
def test_an_entry_that_cannot_be_is_named(name):
    good = torch.tensor([[-0.5, -1.2], [-0.1, -0.2]])
    for bad, said in ((float("nan"), "nan"), (float("inf"), "inf"), (-float("inf"), "finite")):
        log_p = good.clone()
        log_p[1, 0] = bad
        with pytest.raises(ValueError, match=rf"log_p is {bad:g} at entry \(1, 0\)") as problem:
            ESTIMATORS[name](log_p, good)
        assert said in str(problem.value)
    with pytest.raises(ValueError, match="log_q is nan at entry 1"):
        ESTIMATORS[name](good[0], torch.tensor([-0.5, float("nan")]))


@pytest.mark.parametrize("name", ESTIMATORS)
def test_a_reference_that_rules_out_a_sample_makes_the_estimate_infinite(name):
    log_p, log_q = torch.tensor([-0.5, -0.1]), torch.tensor([-0.3, -torch.inf])
    assert ESTIMATORS[name](log_p, log_q)[1] == torch.inf
    estimates = token_kl(log_p, log_q)
    assert estimates.per_token[name].mean == estimates.per_sequence[name].mean == torch.inf
    assert estimates.per_token[name].error == 0 and estimates.infinite_by == "support"


def test_masked_tokens_are_as_if_they_were_not_there():
    p, q, sequence = torch.tensor([-0.5, -1.2, -0.3, -9.0]), torch.tensor([-0.3, -0.5, -0.2, float("nan")]), torch.tensor([0, 0, 1, 1])
    assert token_kl(p, q, sequence, torch.tensor([1, 1, 1, 0])) == token_kl(p[:3], q[:3], sequence[:3])
    with pytest.raises(ValueError, match="log_q is nan at token 3"):
        token_kl(p, q, sequence)
    with pytest.raises(ValueError, match="log_p is -inf at token 0.*drawn"):
        token_kl(torch.tensor([-torch.inf]), torch.tensor([-1.0]))
    with pytest.raises(ValueError, match="at least one that counts"):
        token_kl(p, q, sequence, torch.zeros(4))


def test_a_mean_of_k3_beyond_the_floats_has_a_logarithm():
    log_p, log_q = torch.tensor([-0.5, -800.0, -0.2], dtype=torch.float64), torch.tensor([-0.3, -0.1, -0.4], dtype=torch.float64)
    assert ESTIMATORS["k3"](log_p, log_q).mean() == torch.inf
    assert float(log_mean_k3(log_p, log_q)) == pytest.approx(799.9 - math.log(3), rel=1e-15)
