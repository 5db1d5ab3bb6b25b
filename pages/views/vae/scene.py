"""The latent space of VAEs trained at one β after another: where the test digits lie, what is decoded where, what it costs."""

import csv
import io
from math import prod

import torch
from torch import Tensor

from kl_core.data.digits import SIDE, load_digits
from kl_core.vaes.rate_parts import RateParts, rate_parts, sampled_rate_parts
from kl_core.vaes.shipped import VAE_BETAS, load_vaes
from kl_core.vaes.vae import COLLAPSED_BELOW
from kl_core.vaes.vae_latent import RateDistortion, collapse_threshold, encode, manifold, measure, prior_samples

from ...shared.cache import shared_cache
from ...shared.live import scene
from ...shared.live.tables import packed
from ...shared.style import Unit, amount
from .clouds import cloud, ink, samples_panel

SPAN = 3.0
GRID = 15
SHAPES = {"grid": (GRID, GRID), "samples": (2, 10), "again": (2, 10)}
"""Rows and columns of pictures."""
DRAWS = 4
BETAS = torch.tensor(VAE_BETAS, dtype=torch.float64)


@shared_cache(1)
def measures() -> list[RateDistortion]:
    """Rate and distortion on the test set, by β."""
    return [measure(load_vaes()[beta], load_digits()[1], DRAWS) for beta in VAE_BETAS]


@shared_cache(1)
def rate_parts_by_beta() -> list[RateParts]:
    """The rate's three parts by β: by quadrature, and by sampling at β = 0, whose posteriors are too narrow for any grid."""
    encoded = [encode(load_vaes()[beta], load_digits()[1]) for beta in VAE_BETAS]
    return [rate_parts(one) if beta else sampled_rate_parts(one) for beta, one in zip(VAE_BETAS, encoded, strict=True)]


@shared_cache(1)
def latent_cloud() -> dict:
    """Where the test digits lie and how widely, by β."""
    test = load_digits()[1]
    encoded = [encode(load_vaes()[beta], test) for beta in VAE_BETAS]
    return cloud(torch.stack([one.mu for one in encoded]), torch.stack([one.sd for one in encoded]), test.labels)


@shared_cache(1)
def _pictures() -> dict[str, str]:
    """Decoded grids, decoded draws from the prior, and one digit of each kind above what becomes of it; packed, by β."""
    models, test = load_vaes(), load_digits()[1]
    kinds = test.images[[int((test.labels == digit).nonzero()[1]) for digit in range(10)]]
    with torch.no_grad():
        again = [torch.cat([kinds, models[beta].decode(models[beta].encode(kinds)[0])]) for beta in VAE_BETAS]
    return {
        "grid": ink(torch.stack([manifold(models[beta], GRID, SPAN) for beta in VAE_BETAS])),
        "samples": ink(torch.stack([prior_samples(models[beta], prod(SHAPES["samples"]))[1] for beta in VAE_BETAS])),
        "again": ink(torch.stack(again)),
        "digits": ink(test.images),
    }


@torch.no_grad()
def _decoded(z: tuple[float, float]) -> str:
    """The picture at z, by β."""
    return ink(torch.stack([load_vaes()[beta].decode(torch.tensor(z)) for beta in VAE_BETAS]))


def column(name: str) -> Tensor:
    """One measure at every β."""
    return torch.tensor([getattr(one, name) for one in measures()], dtype=torch.float64)


def kl_by_dimension() -> Tensor:
    """(β's, 2) mean KL of each latent dimension, in nats."""
    return torch.stack([one.kl for one in measures()]).double()


@shared_cache(1)
def threshold() -> float:
    """The β above which encoding anything costs more than it saves on these digits."""
    return collapse_threshold(load_digits()[0])


def said(beta: float, measured: RateDistortion, parts: RateParts, unit: Unit) -> str:
    """What this β has done to latent space, in words."""
    gone = [f"z{'₁₂'[i]}" for i in range(2) if bool(measured.collapsed[i])]
    if len(gone) == 2:
        return (
            "Posterior collapse: z₁ and z₂ carry no information about the image, so every digit is decoded to the same blur. "
            f"Above β = {threshold():.2f}, encoding anything costs more than it saves."
        )
    if gone:
        return f"{gone[0]} has collapsed: its posterior equals the prior for every image, so the decoder ignores this dimension."
    if beta == 0:
        return (
            "Holes: without the KL term each posterior shrinks to a point far from the prior (rings), so samples from the prior are poor. "
            f"Of the rate of {amount(parts.rate, unit)}, {amount(parts.information, unit)} are information, which tells all digits apart. "
            f"It overfits, too: its distortion on test digits is {amount(measured.distortion, unit)}, against "
            f"{amount(measures()[1].distortion, unit)} at β = {VAE_BETAS[1]:g}."
        )
    return (
        f"Of the rate, {amount(parts.information, unit)} are information about the image, which tells digits apart. The rest is there "
        "because the whole cloud, q(z), differs from the prior."
    )


def vae_scene(unit: Unit, start: float, z: tuple[float, float]) -> dict:
    """β under the scrubber; the latent cloud with a probe, the manifold, digits decoded again, draws from the prior."""
    pictures, kls = _pictures(), kl_by_dimension()
    parted = torch.tensor([one.mismatch for one in rate_parts_by_beta()], dtype=torch.float64)
    numbers = {"rate": column("rate"), "kl_1": kls[:, 0], "kl_2": kls[:, 1], "mismatch": parted, "distortion": column("distortion")}
    where = scene.nearest(BETAS, start)
    status = {"mismatch": "quadrature; at β = 0 sampled, ± 0.04", "distortion": "sampled, ± 0.04"}
    return {
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "size": "ruled lead pictures three",
        "numbers": {
            name: scene.number(name, (), float(one[where]), status=status.get(name, "exact, mean over 500 digits"))
            for name, one in numbers.items()
        },
        "readouts": [
            {"quantity": "rate", "title": "Rate: KL(q(z|x)‖p(z))", "note": "averaged over q"},
            {"quantity": "kl_1", "title": "KL of z₁", "note": f"collapsed below {COLLAPSED_BELOW:g} nats"},
            {"quantity": "kl_2", "title": "KL of z₂", "note": f"collapsed below {COLLAPSED_BELOW:g} nats"},
            {"quantity": "mismatch", "title": "KL(q(z)‖p(z))", "note": "of the aggregate posterior"},
            {"quantity": "distortion", "title": "Distortion", "note": "−log p(x|z)"},
        ],
        "panels": _panels(unit),
        "images": {
            name: {"pixels": pictures[name], "side": SIDE, "count": rows * columns, "columns": columns, "frames": True}
            for name, (rows, columns) in SHAPES.items()
        },
        "clouds": {"latent": latent_cloud()},
        "latent": {"span": SPAN, "z": list(z), "decoded": _decoded(z), "digits": pictures["digits"]},
        "charts": {"rate_distortion": _rate_distortion(unit), "rate_parts": _rate_parts(unit)},
        "scrub": {
            "label": "β, the weight of the KL",
            "unit": "β =",
            "values": packed(BETAS),
            "seconds": 10,
            "start": where,
            "numbers": {name: packed(one) for name, one in numbers.items()},
        },
        "export": "vae",
        "hints": [said(beta, one, parts, unit) for beta, one, parts in zip(VAE_BETAS, measures(), rate_parts_by_beta(), strict=True)],
    }


def _panels(unit: Unit) -> list[dict]:
    return [
        {
            "kind": "latent",
            "name": "latent",
            "half": True,
            "title": "The latent space of the test digits",
            "label": "The latent space with the test digits",
            "note": "A digit’s tint is its posterior, one standard deviation wide. Rings: the prior, 1 and 2. Drag the blue point.",
        },
        {
            "kind": "images",
            "name": "grid",
            "probe": True,
            "half": True,
            "title": "The manifold",
            "label": "Digits decoded over the latent space",
            "note": f"Each z decoded, from −{SPAN:g} to {SPAN:g}. Continuity: neighbours look alike, so one can interpolate.",
        },
        {
            "kind": "chart",
            "name": "rate_distortion",
            "half": True,
            "title": "Rate–distortion",
            "label": "Distortion against rate over β",
            "note": f"Distortion (up) against rate (right), in {unit.name}, one dot for each β. β = 0 lies far to the right.",
            "series": [{"style": "p solid", "label": ""}, {"style": "p points", "label": ""}],
        },
        {
            "kind": "chart",
            "name": "rate_parts",
            "half": True,
            "title": "What the rate is made of",
            "label": "The rate’s three parts over β, stacked",
            "note": f"In {unit.name}, a bar for each β; at β = 0 it is cut off (↑) and reaches {_at_zero(unit)}. Information tells images "
            "apart. Total correlation: in q(z), z₁ and z₂ are dependent. Dimension-wise KL: z₁ or z₂ alone is not N(0, 1).",
            "series": [
                {"style": "p part", "label": "information I(x; z)"},
                {"style": "q part", "label": "total correlation"},
                {"style": "k2 part", "label": "dimension-wise KL"},
            ],
        },
        {
            "kind": "images",
            "name": "again",
            "wide": True,
            "half": True,
            "title": "Reconstruction",
            "label": "Test digits above their reconstructions",
            "note": "Above: test digits. Below: each decoded from its posterior’s mean.",
        },
        samples_panel("Decoded from z ~ N(0, I): what this VAE generates."),
    ]


def _rate_distortion(unit: Unit) -> dict:
    rate, distortion = column("rate") * unit.per_nat, column("distortion") * unit.per_nat
    shown = rate.clamp_max(float(rate[1]) * 1.05)  # that of β = 0 would flatten all others
    line = {"x": packed(shown), "y": packed(distortion)}
    dots = {"x": packed(rate[1:]), "y": packed(distortion[1:])}
    return {
        "x_range": [-0.2, float(rate[1]) * 1.08],
        "y_range": [float(distortion.min()) - 1, float(distortion.max()) + 1],
        "places": packed(shown),
        "dots": [0],
        "points": [1],
        "series": [line, dots],
    }


def _at_zero(unit: Unit) -> str:
    """The rate where its bar is cut off."""
    return f"{rate_parts_by_beta()[0].rate * unit.per_nat:.1f}"


def _rate_parts(unit: Unit) -> dict:
    """Bars on one another; their heights add up to the rate. That of β = 0 would flatten all others, so it ends at the axis."""
    heights = [[one.information, one.total_correlation, one.dimension_wise] for one in rate_parts_by_beta()]
    tops = torch.tensor(heights, dtype=torch.float64).cumsum(-1) * unit.per_nat
    highest = 1.06 * float(tops[1, -1])
    shown = torch.cat([torch.zeros_like(tops[:, :1]), tops.clamp_max(highest)], -1).diff()
    x = packed(torch.arange(len(VAE_BETAS), dtype=torch.float64))
    return {
        "x_range": [-0.6, len(VAE_BETAS) - 0.4],
        "y_range": [0.0, highest],
        "x_ticks": [[place, f"{beta:g}" if beta else "0 ↑"] for place, beta in enumerate(VAE_BETAS)],
        "places": x,
        "bars": True,
        "stacked": True,
        "series": [{"x": x, "y": packed(column)} for column in shown.T],
    }


def csv_of_betas() -> str:
    """Rate, distortion and the rate's parts at every β, in nats."""
    table = io.StringIO()
    writer = csv.writer(table)
    names = ["information", "mismatch", "total_correlation", "dimension_wise"]
    writer.writerow(["beta", "rate", "distortion", "kl_1", "kl_2", *names])
    measured = torch.cat([torch.stack([BETAS, column("rate"), column("distortion")], -1), kl_by_dimension()], -1).tolist()
    for row, parts in zip(measured, rate_parts_by_beta(), strict=True):
        writer.writerow([*row, parts.information, parts.mismatch, parts.total_correlation, parts.dimension_wise])
    return table.getvalue()
