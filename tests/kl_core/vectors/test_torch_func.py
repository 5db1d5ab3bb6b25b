"""torch.func goes through every function of vectors: rows mapped are the rows, and slopes are those of backward, or of differences."""

from __future__ import annotations

import pytest
import torch
from torch.autograd import forward_ad
from torch.func import grad, jvp, vmap

from kl_core import kl_from_log_probs, kl_from_logits, kl_from_probs, kl_terms
from kl_core.vectors.generalised_js import (
    generalised_js_from_logits,
    generalised_js_from_probs,
    scaled_js_from_logits,
    swapped_js_from_logits,
)
from kl_core.vectors.quantisation import quantisation_report
from kl_core.vectors.speculative import (
    acceptance,
    acceptance_of_token,
    bretagnolle_huber_bound,
    expected_tokens,
    pinsker_bound,
    residual,
    speed_up,
    tempered,
)
from kl_core.vectors.stability import jeffreys, population_stability_index, smoothed
from kl_core.vectors.top_k import kl_from_top_k, with_tail

FROM_PROBS = {
    "kl_from_probs": kl_from_probs,
    "kl_terms": kl_terms,
    "generalised_js": lambda p, q: generalised_js_from_probs(p, q, 0.3),
    "generalised_js at an end": lambda p, q: generalised_js_from_probs(p, q, 0.0, ends="kl"),
    "acceptance": acceptance,
    "acceptance_of_token": acceptance_of_token,
    "residual": residual,
    "jeffreys": jeffreys,
    "population_stability_index": lambda p, q: population_stability_index(p, q, smoothing=0.5),
    "smoothed": lambda p, q: smoothed(p, 0.5) * q,
    "tempered": lambda p, q: tempered(p, 2.0) * q,
    "bounds": lambda p, q: pinsker_bound(kl_from_probs(p, q)) + bretagnolle_huber_bound(kl_from_probs(p, q)),
    "expected_tokens": lambda p, q: expected_tokens(acceptance(p, q), 3) + speed_up(acceptance(p, q), 3, 0.1),
}
FROM_LOGITS = {
    "kl_from_logits": kl_from_logits,
    "kl_from_log_probs": lambda p, q: kl_from_log_probs(p.log_softmax(-1), q.log_softmax(-1)),
    "generalised_js": lambda p, q: generalised_js_from_logits(p, q, 0.3),
    "scaled_js": lambda p, q: scaled_js_from_logits(p, q, 0.3),
    "swapped_js": lambda p, q: swapped_js_from_logits(p, q, 0.3),
    "kl_from_top_k": lambda p, q: kl_from_top_k(p.log_softmax(-1) - 0.5, q.log_softmax(-1) - 0.5),
    "with_tail": lambda p, q: torch.cat(with_tail(p.log_softmax(-1) - 0.5, q.log_softmax(-1) - 0.5)),
    "quantisation_report": lambda p, q: quantisation_report(p.unsqueeze(0), q.unsqueeze(0)).kl,
}


def _vectors(kind: str) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    p, q = (torch.randn(4, 6, generator=generator, dtype=torch.float64) for _ in range(2))
    return (p.softmax(-1), q.softmax(-1)) if kind == "probs" else (p, q)


CASES = [pytest.param(f, "probs", id=f"{name}, probs") for name, f in FROM_PROBS.items()]
CASES += [pytest.param(f, "logits", id=f"{name}, logits") for name, f in FROM_LOGITS.items()]


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")  # torch's own, at its first forward mode
@pytest.mark.parametrize(("function", "kind"), CASES)
def test_every_function_of_vectors_is_mapped_and_differentiated_both_ways(function, kind):
    p, q = _vectors(kind)
    rows = torch.stack([function(a, b) for a, b in zip(p, q)])
    torch.testing.assert_close(vmap(function)(p, q), rows, rtol=1e-13, atol=1e-15)

    total = lambda a, b: function(a, b).sum()
    a, b = p[0].clone().requires_grad_(), q[0].clone().requires_grad_()
    backward = torch.autograd.grad(total(a, b), (a, b), allow_unused=True, materialize_grads=True)
    for slope, truth in zip(grad(total, argnums=(0, 1))(p[0], q[0]), backward, strict=True):
        torch.testing.assert_close(slope, truth, rtol=1e-11, atol=1e-13)
    for slopes, truth in zip(vmap(grad(total, argnums=(0, 1)))(p, q), backward, strict=True):
        torch.testing.assert_close(slopes[0], truth, rtol=1e-11, atol=1e-13)

    direction = torch.linspace(-0.02, 0.03, 6, dtype=torch.float64)
    _, along = jvp(lambda a: total(a, q[0]), (p[0],), (direction,))
    torch.testing.assert_close(along, backward[0] @ direction, rtol=1e-11, atol=1e-13)
    with forward_ad.dual_level():
        dual = total(forward_ad.make_dual(p[0], direction), q[0])
        torch.testing.assert_close(forward_ad.unpack_dual(dual).tangent, along, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("apart", [1e-3, 1e-8])
def test_mapped_kls_of_neighbours_keep_their_digits(apart):
    p, q = _vectors("logits")
    q = p + apart * q
    torch.testing.assert_close(vmap(kl_from_logits)(p, q), kl_from_logits(p, q), rtol=1e-13, atol=0)
    p, q = p.softmax(-1), q.softmax(-1)
    torch.testing.assert_close(vmap(kl_from_probs)(p, q), kl_from_probs(p, q), rtol=1e-13, atol=0)


def test_mapped_kls_know_zeros_masks_infinity_and_what_is_no_probability():
    inf = torch.inf
    z_p = torch.tensor([[0.0, 1.0, -inf], [0.0, 1.0, 2.0], [1000.0, -1000.0, 0.0], [-inf, 0.0, 1.0]], dtype=torch.float64)
    z_q = torch.tensor([[1.0, 0.0, 3.0], [0.0, -inf, 2.0], [-1000.0, 1000.0, 0.0], [900.0, 0.5, 1.0]], dtype=torch.float64)
    torch.testing.assert_close(vmap(kl_from_logits)(z_p, z_q), kl_from_logits(z_p, z_q), rtol=1e-14, atol=0)
    assert vmap(kl_from_logits)(z_p * torch.nan, z_q).isnan().all() and vmap(kl_from_logits)(z_p - inf, z_q).isnan().all()
    a, b = z_p.clone().requires_grad_(), z_q.clone().requires_grad_()
    values = kl_from_logits(a, b)
    values[values < inf].sum().backward()
    for slopes, truth in zip(vmap(grad(kl_from_logits, argnums=(0, 1)))(z_p, z_q), (a.grad, b.grad), strict=True):
        torch.testing.assert_close(slopes, truth, rtol=1e-12, atol=1e-15)

    p = torch.tensor([[0.0, 0.5, 0.5], [0.5, 0.5, 0.0], [-0.1, 0.6, 0.5], [0.0, 0.0, 0.0]], dtype=torch.float64)
    q = torch.tensor([[0.2, 0.3, 0.5], [0.0, 0.5, 0.5], [0.2, 0.3, 0.5], [0.2, 0.3, 0.5]], dtype=torch.float64)
    mapped = vmap(kl_from_probs)(p, q)
    torch.testing.assert_close(mapped[:2], kl_from_probs(p[:2], q[:2]))
    assert mapped[2:].isnan().all()
    assert vmap(grad(kl_from_probs, argnums=1))(p, q)[:2].isfinite().all()


def test_a_slope_of_no_probabilities_is_refused_where_values_can_be_read():
    with pytest.raises(ValueError, match="p has the entry -1"):
        grad(kl_from_probs)(torch.tensor([-1.0, 2.0]), torch.tensor([0.5, 0.5]))
    with pytest.raises(ValueError, match="z_q has an entry that is NaN"):
        grad(kl_from_logits)(torch.tensor([0.0, 1.0]), torch.tensor([torch.nan, 0.0]))
