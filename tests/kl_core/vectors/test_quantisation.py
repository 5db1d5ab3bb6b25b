"""A quantised copy's figures against scipy and NumPy, in every float type that models are kept in."""

import math

import numpy as np
import pytest
import scipy.special
import scipy.stats
import torch

from kl_core.vectors.quantisation import QUANTILES, quantisation_report


def logits(rows: int = 300, classes: int = 50, noise: float = 0.05) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    z = 3 * torch.randn(rows, classes, generator=generator, dtype=torch.float64)
    return z, z + noise * torch.randn(rows, classes, generator=generator, dtype=torch.float64)


def test_every_figure_is_what_scipy_and_numpy_say():
    z_p, z_q = logits()
    report = quantisation_report(z_p, z_q)
    p, q = (scipy.special.softmax(z.numpy(), axis=-1) for z in (z_p, z_q))
    kl = scipy.stats.entropy(p, q, axis=-1)
    assert report.kl.numpy() == pytest.approx(kl, rel=1e-9)
    assert report.mean == pytest.approx((kl.mean(), scipy.stats.sem(kl)), rel=1e-9)
    assert list(report.quantiles.values()) == pytest.approx(np.quantile(kl, QUANTILES).tolist(), rel=1e-9)
    assert report.worst == (int(kl.argmax()), pytest.approx(kl.max(), rel=1e-9))
    top = p.argmax(-1)
    same = top == q.argmax(-1)
    assert report.top_agreement == pytest.approx((same.mean(), np.sqrt(same.mean() * (1 - same.mean()) / (len(same) - 1))), rel=1e-9)
    rows = np.arange(len(top))
    assert report.delta_p.numpy() == pytest.approx(q[rows, top] - p[rows, top], abs=1e-12)
    assert report.perplexity_ratio[0] == pytest.approx(np.exp(kl.mean()), rel=1e-9)


def test_observed_tokens_give_the_ratio_of_the_two_perplexities():
    z_p, z_q = logits()
    tokens = torch.randint(0, 50, (300,), generator=torch.Generator().manual_seed(1))
    report = quantisation_report(z_p, z_q, tokens)
    perplexity = lambda z: float(torch.nn.functional.cross_entropy(z, tokens).exp())
    assert report.perplexity_ratio[0] == pytest.approx(perplexity(z_q) / perplexity(z_p), rel=1e-12)


def llama_cpp(z_p: list[list[float]], z_q: list[list[float]], tokens: list[int]) -> dict[str, float]:
    """The figures of llama.cpp's perplexity tool with --kl-divergence, by its formulas: sums over tokens, variances as E[x²] − E[x]²."""
    n = len(tokens)
    log_softmax = lambda z: [one - max(z) - math.log(sum(math.exp(two - max(z)) for two in z)) for one in z]
    p, q = [list(map(log_softmax, z)) for z in (z_p, z_q)]
    nll_p, nll_q = ([-row[token] for row, token in zip(rows, tokens, strict=True)] for rows in (p, q))
    kld = [sum(math.exp(a) * (a - b) for a, b in zip(*rows, strict=True)) for rows in zip(p, q, strict=True)]
    delta = [math.exp(-b) - math.exp(-a) for a, b in zip(nll_p, nll_q, strict=True)]
    mean = lambda x: sum(x) / n
    covariance = lambda x, y: (mean([a * b for a, b in zip(x, y, strict=True)]) - mean(x) * mean(y)) / (n - 1)
    place = lambda share: divmod(share * (n - 1), 1)
    ordered = [*sorted(kld), max(kld)]
    percentile = lambda share: (1 - place(share)[1]) * ordered[int(place(share)[0])] + place(share)[1] * ordered[int(place(share)[0]) + 1]
    ratio = math.exp(mean(nll_q) - mean(nll_p))
    same = mean([float(a.index(max(a)) == b.index(max(b))) for a, b in zip(z_p, z_q, strict=True)])
    return {
        "mean KLD": mean(kld),
        "its error": covariance(kld, kld) ** 0.5,
        "maximum KLD": max(kld),
        **{f"{share:.1%} KLD": percentile(share) for share in (0.5, 0.9, 0.95, 0.99, 0.999)},
        "PPL(Q)/PPL(base)": ratio,
        "error of the ratio": ratio * (covariance(nll_q, nll_q) + covariance(nll_p, nll_p) - 2 * covariance(nll_q, nll_p)) ** 0.5,
        "mean Δp": mean(delta),
        "RMS Δp": mean([one**2 for one in delta]) ** 0.5,
        "same top p": same,
        "error of same top p": (same * (1 - same) / (n - 1)) ** 0.5,
    }


def test_the_figures_are_llama_cpp_s_where_the_observed_tokens_are_known():
    z_p, z_q = logits(noise=0.4)
    tokens = torch.multinomial(z_p.softmax(-1), 1, generator=torch.Generator().manual_seed(2)).flatten()
    report = quantisation_report(z_p, z_q, tokens)
    ours = {
        "mean KLD": report.mean[0],
        "its error": report.mean[1],
        "maximum KLD": report.worst[1],
        **{f"{level:.1%} KLD": value for level, value in report.quantiles.items()},
        "PPL(Q)/PPL(base)": report.perplexity_ratio[0],
        "error of the ratio": report.perplexity_ratio[1],
        "mean Δp": float(report.delta_p.mean()),
        "RMS Δp": float(report.delta_p.square().mean().sqrt()),
        "same top p": report.top_agreement[0],
        "error of same top p": report.top_agreement[1],
    }
    assert ours == pytest.approx(llama_cpp(z_p.tolist(), z_q.tolist(), tokens.tolist()), rel=1e-9)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_short_floats_are_read_as_they_are_and_the_kl_is_never_negative(dtype):
    z_p, z_q = (z.to(dtype) for z in logits(noise=1e-3))
    report = quantisation_report(z_p, z_q)
    assert report.kl.dtype == torch.float64 and bool((report.kl >= 0).all())
    assert torch.equal(report.kl, quantisation_report(z_p.double(), z_q.double()).kl)
    same = quantisation_report(z_p, z_p)
    assert same.mean == (0.0, 0.0) and same.perplexity_ratio == (1.0, 0.0) and same.top_agreement[0] == 1.0


def test_chunks_give_the_same_rows_and_say_how_far_they_are(monkeypatch):
    z_p, z_q = logits()
    whole, told = quantisation_report(z_p, z_q), []
    monkeypatch.setattr("kl_core.vectors.quantisation._AT_ONCE", 350)
    assert torch.equal(quantisation_report(z_p, z_q, progress=told.append).kl, whole.kl)
    assert told[-1] == 1.0 and len(told) == 43


def test_a_masked_class_makes_its_row_infinite_and_shapes_must_fit():
    z_p, z_q = logits(4, 5)
    z_q[2, 1] = -torch.inf
    report = quantisation_report(z_p, z_q)
    assert report.worst == (2, float("inf")) and report.perplexity_ratio[0] == float("inf")
    with pytest.raises(ValueError, match="one shape"):
        quantisation_report(z_p, z_q[:, :3])
    with pytest.raises(ValueError, match="whole numbers from 0 to 4"):
        quantisation_report(z_p, z_q, torch.tensor([0, 1, 2, 9]))
