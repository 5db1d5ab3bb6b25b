"""The VAE's KL at the ends of its dtype, against 50 digits."""

import mpmath
import pytest
import torch

from kl_core.vaes.vae import posterior_kl, vae_kl_loss


def truth(mu: float, logvar: float) -> float:
    mu, logvar = mpmath.mpf(mu), mpmath.mpf(logvar)
    return float((mu**2 + mpmath.exp(logvar) - 1 - logvar) / 2)


@pytest.mark.parametrize(
    ("dtype", "mu", "logvar"),
    [
        (torch.float16, 300.0, 0.0),
        (torch.float32, 0.0, 89.0),
        (torch.float64, 0.0, 710.0),
        (torch.float32, 2e19, 0.0),
        (torch.float32, 1.0, -1e30),
        (torch.float32, 0.0, 8.5),
        (torch.float64, 0.0, 7.999),
        (torch.float64, 1e-9, 1e-9),
    ],
)
def test_nothing_overflows_that_the_dtype_can_hold(dtype, mu, logvar):
    mu, logvar = torch.tensor(mu, dtype=dtype), torch.tensor(logvar, dtype=dtype)
    loss = vae_kl_loss(mu, logvar)
    assert float(loss) == pytest.approx(truth(float(mu), float(logvar)), rel=64 * torch.finfo(dtype).eps)
    assert loss.dtype == dtype


def test_beyond_it_is_infinite_and_never_nan():
    for mu, logvar in ((0.0, torch.inf), (torch.inf, 0.0), (0.0, -torch.inf), (0.0, 1e6), (-torch.inf, torch.inf)):
        assert float(posterior_kl(torch.tensor(mu), torch.tensor(logvar))) == torch.inf


def test_the_gradient_of_a_wide_posterior_is_half_its_variance():
    logvar = torch.tensor([89.0, 8.1, 7.9, 0.5], requires_grad=True)
    posterior_kl(torch.zeros(4), logvar).sum().backward()
    expected = [float((mpmath.exp(x) - 1) / 2) for x in logvar.detach().tolist()]
    assert logvar.grad.tolist() == pytest.approx(expected, rel=1e-5)
