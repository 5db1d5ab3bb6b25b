"""The KL term itself: one posterior against the standard normal."""

import torch

from kl_core import kl
from kl_core.data.digits import load_digits
from kl_core.families import FAMILIES
from kl_core.vaes.shipped import load_vaes
from kl_core.vaes.vae import kl_terms_of_posterior, pull
from kl_core.vaes.vae_latent import encode

from ...shared import state
from ...shared.cache import shared_cache
from ...shared.live import scene
from ...shared.live.tables import packed
from ...shared.style import Unit
from ...shared.values import ChosenDistribution
from .clouds import cloud

NORMAL = FAMILIES["normal"]
TERMS = {"½μ²": "loc", "½σ²": "scale", "−½ log σ²": "scale", "−½": None}
"""The parameter that each term depends on."""
PLACES = torch.linspace(-6, 6, 241, dtype=torch.float64)
WIDTHS = torch.logspace(-1, 0.7, 241, dtype=torch.float64)
WITHOUT_AND_WITH = (
    (
        "without",
        "Without this KL (β = 0): a point for each digit",
        "the posteriors do not overlap, so the decoder learns nothing between them",
    ),
    (
        "with",
        "With it (β = 1): each digit spread, all near N(0, I)",
        "KL penalises leaving the prior (rings), so samples from it land where the decoder was trained",
    ),
)
"""What the KL of a posterior penalises, by what becomes of a latent space."""
START = {"loc": 1.5, "scale": 0.4}


def posterior_scene(unit: Unit) -> tuple[dict, ChosenDistribution]:
    """A posterior with handles beside the prior N(0, 1); the four terms of its KL, and the force towards the prior."""
    posterior = state.moved_distribution("q", NORMAL, START)
    prior = ChosenDistribution(NORMAL, {"loc": 0.0, "scale": 1.0})
    return {
        "kind": "continuous",
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "view": _view(posterior),
        "size": "one-way",
        "curves": {
            "q": scene.curve("q(z|x)", "q", NORMAL, posterior.values),
            "p": scene.curve("p(z)", "p", NORMAL, prior.values, movable=False),
        },
        "panels": [
            {"kind": "curves", "curves": ["p", "q"], "label": "The prior and the posterior with its handles", "forces": True},
            {"kind": "integrand", "p": "q", "q": "p", "quantity": "kl", "title": "KL(q(z|x)‖p(z))", "note": "averaged over q"},
            {
                "kind": "terms",
                "half": True,
                "title": f"Its four terms, in {unit.name}",
                "label": "The four terms of the closed form, stacked",
                "note": "−½(1 + log σ² − μ² − σ²)",
                "names": list(TERMS),
                "total": "KL",
            },
            *(
                {"kind": "latent", "name": name, "half": True, "still": True, "title": title, "note": note, "label": title}
                for name, title, note in WITHOUT_AND_WITH
            ),
        ],
        "numbers": {
            "kl": scene.number("kl", ("q", "p"), float(kl(posterior.distribution, prior.distribution)), status="exact, closed form")
        },
        "terms": _terms(posterior),
        "clouds": dict(zip(("without", "with"), _clouds(), strict=True)),
        "export": "posterior",
        "hint": "The arrows are minus the gradient of the KL in μ and in log σ²: they pull q to the prior. At N(0, 1) they vanish, "
        "and z says nothing about x.",
    }, posterior


def _view(posterior: ChosenDistribution) -> list[float]:
    """From −5 to 5, or what a link asks for beyond it."""
    reach = abs(posterior.values["loc"]) + 2.5 * posterior.values["scale"]
    return [-5.0, 5.0] if reach <= 6 else [-1.1 * reach, 1.1 * reach]


def _terms(posterior: ChosenDistribution) -> dict:
    """The terms and the forces now, and their tables over the one parameter that each depends on."""
    at = {"loc": PLACES, "scale": WIDTHS}
    now = {name: torch.tensor(posterior.values[name], dtype=torch.float64) for name in at}
    terms = lambda loc, scale: _parts(loc, 2 * scale.log())
    tables = {"loc": terms(at["loc"], now["scale"]), "scale": terms(now["loc"], at["scale"])}
    settled = terms(now["loc"], now["scale"])

    def told(name: str, key: str | None) -> dict:
        value = float(settled[name])
        return {"value": value} if key is None else {"key": key, "at": packed(at[key]), "table": packed(tables[key][name]), "value": value}

    return {
        "curve": "q",
        "parts": [told(name, key) for name, key in TERMS.items()],
        "forces": [told("−μ", "loc") | {"label": "−μ"}, told("½(1 − σ²)", "scale") | {"label": "½(1 − σ²)"}],
    }


def _parts(mu: torch.Tensor, logvar: torch.Tensor) -> dict[str, torch.Tensor]:
    terms, (to_mean, to_spread) = kl_terms_of_posterior(mu, logvar), pull(mu, logvar)
    return {
        "½μ²": terms.mean,
        "½σ²": terms.variance,
        "−½ log σ²": terms.log_variance,
        "−½": terms.constant,
        "−μ": to_mean,
        "½(1 − σ²)": to_spread,
    }


@shared_cache(1)
def _clouds() -> tuple[dict, dict]:
    """Where the test digits lie without the KL term, and with it."""
    test = load_digits()[1]
    without, with_kl = (encode(load_vaes()[beta], test) for beta in (0.0, 1.0))
    return cloud(without.mu[None], without.sd[None], test.labels), cloud(with_kl.mu[None], with_kl.sd[None], test.labels)
