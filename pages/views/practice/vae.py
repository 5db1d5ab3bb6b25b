"""Questions on the VAE's KL: what it penalises, and what sums and means do to β."""

from kl_core.vaes.shipped import VAE_BETAS
from kl_core.vaes.vae import effective_beta

from ..checked.errors_list import ERRORS
from ..vae.scene import column
from .pictures import Code, latent_space
from .prediction import Choice, Option, Slide
from .question import Question

SUBJECT = "The VAE"
PROBE = (0.5, 0.5)
BATCH = 64


def _rates() -> dict[str, float | str]:
    rate, distortion = column("rate"), column("distortion")
    rates: dict[str, float | str] = {
        f"{name}_{word}": float(values[VAE_BETAS.index(beta)])
        for name, values in (("rate", rate), ("distortion", distortion))
        for word, beta in (("free", 0.0), ("quarter", 0.25), ("one", 1.0), ("heavy", VAE_BETAS[-1]))
    }
    return rates | {"most": f"{VAE_BETAS[-1]:g}"}


def _reductions() -> dict[str, float | str]:
    error = ERRORS["vae_sum"]
    outcome = error.run(error.starts)
    # Only a loss with pixels or latent dimensions averaged would ask for their numbers.
    real = effective_beta(1.0, "mean_and_sum", batch=BATCH, pixels=1, latent=1)
    return {
        "effective": real,
        "beta": f"{real:g}",
        "batch": str(BATCH),
        "sum": outcome.wrong,
        "mean": outcome.right,
        "factor": f"{outcome.factor:.3g}",
    }


QUESTIONS = (
    Question(
        "what_kl_penalises",
        SUBJECT,
        "What a VAE’s KL penalises",
        "A VAE’s loss contains β·KL(q(z|x)‖p(z)), where the prior p(z) is N(0, I). What does this KL penalise?",
        Choice(
            (
                Option(
                    "Digits that are decoded badly",
                    "the decoding hardly depends on the KL: the reconstruction loss on test images (distortion) is {distortion_free} nats "
                    "at β = 0, {distortion_quarter} at β = 0.25 and {distortion_one} at β = 1, sampled.",
                ),
                Option(
                    "Each image’s posterior q(z|x) for differing from the prior",
                    "without the KL, at β = 0, the posteriors are {rate_free} nats from the prior. Slide to β = 1: they move under it, "
                    "{rate_one} nats.",
                ),
                Option(
                    "Latent spaces with too many dimensions",
                    "both pictures have two dimensions. β changes how far each posterior is from the prior: {rate_free} nats at β = 0, "
                    "{rate_one} at β = 1.",
                ),
            ),
            1,
        ),
        _rates,
        latent_space(0.0, PROBE),
        "At β = 0 the posteriors lie {rate_free} nats from the prior on average, so few samples from the prior land where the decoder "
        "was trained. At β = 1 they overlap under the prior, {rate_one} nats, and samples look like digits. At β = {most} the KL is "
        "{rate_heavy} nats: the code says nothing about the image (posterior collapse).",
    ),
    Question(
        "sum_and_mean",
        SUBJECT,
        "Sum and mean only change units",
        "The code sums the KL over a batch of {batch} images, averages the reconstruction loss over it, and sets β = 1. "
        "What is the **effective β per image**?",
        Slide(
            "Effective β per image",
            (1 / 64, 1 / 8, 0.5, 1.0, 2.0, 8.0, 64.0, 512.0, 4096.0),
            "",
            "effective",
            0,
            "it is {beta}: the KL counts {batch} images, the reconstruction loss one.",
            "it is {beta}. The sum is {sum} nats, the KL per image {mean}: {factor} times less.",
        ),
        _reductions,
        Code("vae_sum"),
        "The summed KL, {sum} nats, is added to the reconstruction loss of one image, whose own KL is {mean} nats. So β is multiplied by "
        "the batch size, {batch}. This changes what the VAE learns, and changes it again with the next batch size.",
    ),
)
