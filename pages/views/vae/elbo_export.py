"""The bounds of one image to take along: a short program that computes them anew, and a table."""

import csv
import io

from .elbo_scene import LINEAR_X, VARIANCES, answered, bound_of, importance
from .elbo_state import LINEAR, ElboState

_DIGIT = """import torch
from kl_core.data.digits import load_digits
from kl_core.vaes.elbo_gap import DiagonalGaussian, elbo_of, gaussian_optima
from kl_core.vaes.iwae import importance_bounds, log_weights
from kl_core.vaes.shipped import load_vaes
from kl_core.vaes.true_posterior import decoder_log_likelihood, true_posterior

model, image = load_vaes()[{beta}], load_digits()[1].images[{image}]
log_likelihood = decoder_log_likelihood(model, image)
posterior = true_posterior(log_likelihood)
log_p = posterior.log_evidence
q = DiagonalGaussian({mean}, {sd})
elbo = elbo_of(log_likelihood, q).elbo
best = max(elbo_of(log_likelihood, optimum).elbo for optimum in gaussian_optima(posterior))
print(f"log p(x) {{log_p:.6f}} = ELBO {{elbo:.6f}} + KL(q||p(z|x)) {{log_p - elbo:.6f}} nats")
print(f"to the best Gaussian {{best - elbo:.6f}}, from there to log p(x) {{log_p - best:.6f}} nats")

draws = torch.randn(16384, 2, dtype=torch.float64)
bounds = importance_bounds(log_weights(log_likelihood, q, draws), (1, 2, 4, 8, 16, 32, 64))
for k, mean, error in zip(bounds.counts, bounds.mean, bounds.error):
    print(f"k = {{k}}: {{mean:.3f}} ± {{error:.3f}} nats")
"""
_LINEAR = """import torch
from kl_core.vaes.linear_vae import linear_terms, linear_vae_optimum

optimum = linear_vae_optimum(torch.tensor({variances}, dtype=torch.float64), {beta})
x = torch.tensor({x}, dtype=torch.float64)
mean = torch.tensor({mean}, dtype=torch.float64)
spread = torch.tensor({sd}, dtype=torch.float64).square()
terms = linear_terms(x, optimum.weight_squared.sqrt(), mean, spread)
print(f"log p(x) {{terms.log_evidence.sum():.6f}} = ELBO {{terms.elbo.sum():.6f}} + KL(q||p(z|x)) {{terms.gap.sum():.6f}} nats")
"""


def elbo_code(shown: ElboState) -> str:
    """The bar of this image and q, computed anew; for a digit the importance-weighted bounds, too."""
    q = shown.q or answered(shown.image, shown.beta).observation.encoder
    values = {"beta": float(shown.beta), "mean": q.mean, "sd": q.sd}
    if shown.image == LINEAR:
        return _LINEAR.format(variances=VARIANCES, x=LINEAR_X, **values)
    return _DIGIT.format(image=int(shown.image), **values)


def elbo_csv(shown: ElboState) -> str:
    """A row for log p(x), for q, for the encoder's q and for every Gaussian optimum; then one for each k. In nats."""
    known = answered(shown.image, shown.beta)
    q = shown.q or known.observation.encoder
    rows = [("q", q, bound_of(shown.image, shown.beta, q)), ("encoder", known.observation.encoder, known.encoder)]
    rows += [(f"optimum {i}", *optimum) for i, optimum in enumerate(known.optima, 1)]
    sampled = importance(shown.image, shown.beta, q)
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["what", "mean_1", "mean_2", "sd_1", "sd_2", "bound", "distortion", "rate", "error"])
    writer.writerow(["log p(x)", "", "", "", "", known.evidence, "", "", known.error])
    writer.writerows([name, *at.mean, *at.sd, terms.elbo, terms.distortion, terms.rate, terms.error] for name, at, terms in rows)
    writer.writerows(
        [f"IWAE k = {count}", *q.mean, *q.sd, mean, "", "", error]
        for count, mean, error in zip(sampled.counts, sampled.mean.tolist(), sampled.error.tolist(), strict=True)
    )
    return table.getvalue()
