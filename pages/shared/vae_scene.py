"""The latent space of VAEs trained at one β after another: where the test digits lie, what is decoded where, what it costs."""


import torch
from torch import Tensor

from kl_core.digits import SIDE, load_digits
from kl_core.trained import VAE_BETAS, load_vaes
from kl_core.vae import COLLAPSED_BELOW
from kl_core.vae_latent import Measures, collapse_threshold, encode, manifold, measure, prior_samples

from .kept import kept
from .live import scene
from .live.tables import packed
from .style import Unit, number

SPAN = 3.0
GRID = 15
SAMPLES = 24
DRAWS = 4
BETAS = torch.tensor(VAE_BETAS, dtype=torch.float64)


@kept(1)
def measures() -> list[Measures]:
    """Rate and distortion on the test set, by β."""
    return [measure(load_vaes()[beta], load_digits()[1], DRAWS) for beta in VAE_BETAS]


@kept(1)
def _pictures() -> dict[str, str]:
    """Places of the test digits, decoded grids and decoded draws from the prior, packed, by β."""
    models, test = load_vaes(), load_digits()[1]
    ink = lambda stack: packed((255 * torch.stack(stack)).round(), torch.uint8)  # noqa: E731
    return {
        "places": packed(torch.stack([encode(models[beta], test).mu for beta in VAE_BETAS]), torch.float32),
        "labels": packed(test.labels, torch.uint8),
        "grid": ink([manifold(models[beta], GRID, SPAN) for beta in VAE_BETAS]),
        "samples": ink([prior_samples(models[beta], SAMPLES)[1] for beta in VAE_BETAS]),
    }


def column(name: str) -> Tensor:
    """One measure at every β."""
    return torch.tensor([getattr(one, name) for one in measures()], dtype=torch.float64)


def kl_by_dimension() -> Tensor:
    """(β's, 2) mean KL of each latent dimension, in nats."""
    return torch.stack([one.kl for one in measures()]).double()


def vae_scene(unit: Unit, start: float, z: tuple[float, float]) -> dict:
    """β under the scrubber; the latent cloud with a probe, the digit decoded there, the manifold, draws from the prior."""
    pictures, kls = _pictures(), kl_by_dimension()
    numbers = {"rate": column("rate"), "distortion": column("distortion"), "kl_1": kls[:, 0], "kl_2": kls[:, 1]}
    where = scene.nearest(BETAS, start)
    image = lambda name, count, columns: {"pixels": pictures[name], "side": SIDE, "count": count, "columns": columns, "frames": True, "span": SPAN}  # noqa: E731
    rate, distortion = numbers["rate"] * unit.per_nat, numbers["distortion"] * unit.per_nat
    shown = rate.clamp_max(float(rate[1]) * 1.05)  # that of β = 0 would flatten all others
    return {
        "kind": "discrete", "unit": {"name": unit.name, "per_nat": unit.per_nat}, "view": [-0.5, 0.5], "laws": {}, "size": "ruled",
        "numbers": {name: scene.number(name, (), float(one[where]), status="") for name, one in numbers.items()},
        "readouts": [
            {"quantity": "rate", "title": "Rate: KL(q(z|x)‖p(z))", "note": "averaged under q"},
            {"quantity": "distortion", "title": "Distortion", "note": "−log p(x|z), sampled"},
            {"quantity": "kl_1", "title": "KL of z₁", "note": f"collapsed below {COLLAPSED_BELOW:g} nats"},
            {"quantity": "kl_2", "title": "KL of z₂", "note": f"collapsed below {COLLAPSED_BELOW:g} nats"},
        ],
        "panels": [
            {"kind": "latent", "half": True, "title": "Where the test digits lie", "note": "rings: one and two sds of the prior; drag the probe",
             "label": "The latent space with the test digits"},
            {"kind": "images", "name": "grid", "probe": True, "half": True, "title": "Decoded at the probe", "note": "between the pictures of the grid: a preview",
             "label": "The digit decoded at the probe"},
            {"kind": "images", "name": "grid", "half": True, "title": "The manifold", "note": f"decoded over the same square, −{SPAN:g} to {SPAN:g}",
             "label": "Digits decoded over the latent space"},
            {"kind": "images", "name": "samples", "half": True, "title": "Drawn from the prior", "note": "z ~ N(0, I): what one would generate",
             "label": "Digits decoded from draws of the prior"},
            {"kind": "chart", "name": "rate_distortion", "title": "Rate–distortion", "label": "Distortion against rate over β",
             "note": f"distortion against rate, in {unit.name}, of the trained networks; the one of β = 0 lies far beyond the right edge",
             "series": [{"style": "p solid", "label": ""}]},
        ],
        "images": {"grid": image("grid", GRID * GRID, GRID), "samples": image("samples", SAMPLES, 6)},
        "latent": {"places": pictures["places"], "labels": pictures["labels"], "span": SPAN + 0.4, "z": list(z)},
        "charts": {"rate_distortion": {
            "x_range": [-0.2, float(rate[1]) * 1.08], "y_range": [float(distortion.min()) - 1, float(distortion.max()) + 1],
            "places": packed(shown), "dots": [0], "series": [{"x": packed(shown), "y": packed(distortion)}]}},
        "scrub": {"label": "β, the weight of the KL", "unit": "β =", "values": packed(BETAS), "laws": {}, "seconds": 10, "start": where,
                  "numbers": {name: packed(one) for name, one in numbers.items()}},
        "export": "vae",
        "hint": f"β = 0: far-flung islands, and garbage from the prior. From about β = {threshold():.2f} on nothing is told: posterior collapse.",
    }


@kept(1)
def threshold() -> float:
    """The β beyond which telling a little no longer pays on these digits."""
    return collapse_threshold(load_digits()[0])
